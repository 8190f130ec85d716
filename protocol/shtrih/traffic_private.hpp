// What of a single Shtrih-M request or answer is private, and how it is replaced in its place.
#pragma once

#include "protocol/shtrih/models.hpp"

#include <string>
#include <vector>

namespace kb::shtrih {

/// Only what a command that asks says may be seen, without its password (30 takes its place). Of every other
/// command nothing but its code: texts, goods, attributes, settings.
void mask_request(Bytes& request);

/// A successful answer to a command of `code`: its fields are told one by one, and what is not understood
/// becomes zeros. Tables and pieces of documents depend on more than the answer: nothing of them is shown
/// here.
void mask_answer(std::uint16_t code, Bytes& answer);

/// An INN of 12 digits wherever it stands alone in a text.
void mask_inns(std::span<std::uint8_t> text);

/// The fields of the tables that tell which device it is. Where they are depends on the model, so none may be
/// shown before the conversation has told it.
class OpenFields {
public:
    /// A successful answer as it was on the line, to `request`.
    void learn(BytesView request, BytesView answer);
    /// The value of the field that `request` asks for.
    void mask(BytesView request, std::span<std::uint8_t> value) const;

private:
    enum class Shown { nothing, form, number, text }; ///< from the least to the most
    [[nodiscard]] Shown shown(std::uint8_t table, std::uint8_t field) const;
    [[nodiscard]] static Shown shown(const DeviceClass& where, TableField place);
    void decide();

    std::optional<DeviceTypeReply> type_;
    std::optional<ModelParametersReply> parameters_;
    std::string kkt_serial_;
    std::vector<DeviceClass> classes_; ///< by what is known without the serial number, and with it
};

} // namespace kb::shtrih
