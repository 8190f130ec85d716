// Collects what the checks find in one request, each with its place in the JSON and the words people have for
// that place.
#pragma once

#include "protocol/fiscal/ffd_tags.hpp"
#include "protocol/fiscal/request_checks.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kb::fiscal {

/// A part of a request: "items[2]", and what its faults begin with: "позиция 3 «Чай»: ".
struct Place {
    std::string path;
    std::string ru;
    std::string en;

    [[nodiscard]] Place in(std::string_view member) const
    {
        return {path.empty() ? std::string(member) : path + '.' + std::string(member), ru, en};
    }
    [[nodiscard]] Place at(std::size_t index) const
    {
        return {path + '[' + std::to_string(index) + ']', ru, en};
    }
};

/// Reason and cure in both languages: "reason; cure".
struct FaultText {
    std::string ru;
    std::string en;
};

class Faults {
public:
    explicit Faults(const RequestLimits& limits) : limits_(limits) {}

    [[nodiscard]] const RequestLimits& limits() const { return limits_; }
    [[nodiscard]] bool is_ffd_1_2() const { return limits_.ffd >= FfdVersion::v1_2; }

    void add(const Place& place, std::string_view code, const FaultText& text);

    [[nodiscard]] bool none() const { return found_.empty(); }
    std::vector<RequestFault> take() { return std::move(found_); }

private:
    const RequestLimits& limits_;
    std::vector<RequestFault> found_;
};

// ---- request_checks_text.cpp: values that are texts; an empty one is absent, and no fault

/// Characters, and the length the tag allows (or `at_most`, when that is less and not 0).
void check_text(Faults& faults, const Place& place, Tag tag, const std::string& value,
                std::size_t at_most = 0);
enum class InnOf { person, company_or_person, foreigner_too };
void check_inn(Faults& faults, const Place& place, const std::string& inn, InnOf whose);
void check_phone(Faults& faults, const Place& place, const std::string& phone);
void check_phones(Faults& faults, const Place& place, const std::vector<std::string>& phones);
void check_email(Faults& faults, const Place& place, const std::string& email);
/// A phone or an e-mail address.
void check_contact(Faults& faults, const Place& place, const std::string& contact);
/// DD.MM.YYYY
void check_dotted_date(Faults& faults, const Place& place, const std::string& date);
/// Digits, that many.
void check_digits(Faults& faults, const Place& place, Tag tag, const std::string& value, std::size_t count);
void check_lines(Faults& faults, const Place& place, const std::vector<PrintItem>& lines);

// ---- the other files of request_checks

void check_sum(Faults& faults, const Place& place, Kopecks sum);
void check_industry(Faults& faults, const Place& place, const std::vector<IndustryAttribute>& attributes);
void check_position(Faults& faults, const Place& place, const Position& position,
                    const ReceiptRequest& request);
void check_marking(Faults& faults, const Place& place, const Position& position,
                   const ReceiptRequest& request);
void check_agent(Faults& faults, const Place& place, const Item& item, const Receipt& receipt);
void check_agent_of_receipt(Faults& faults, const Receipt& receipt);
void check_payments(Faults& faults, const ReceiptRequest& request);

/// What stands in a format only: `is_there` in another one is a fault.
void check_only_1_2(Faults& faults, const Place& place, bool is_there, std::string_view cure_ru,
                    std::string_view cure_en);
void check_only_before_1_2(Faults& faults, const Place& place, bool is_there, std::string_view cure_ru,
                           std::string_view cure_en);

} // namespace kb::fiscal
