// A whole Shtrih-M conversation without what is private: which answer belongs to which request, which pieces
// to which document.
#include "protocol/fiscal/document_pieces.hpp"
#include "protocol/shtrih/codec.hpp"
#include "protocol/shtrih/frame_v1.hpp"
#include "protocol/shtrih/frame_v2.hpp"
#include "protocol/shtrih/traffic.hpp"
#include "protocol/shtrih/traffic_private.hpp"

#include <optional>

namespace kb::shtrih {

namespace {

using Kind = TrafficItem::Kind;

class Masker {
public:
    /// `number`: of a numbered packet; the same one again is the same request, sent again.
    void request(Bytes& body, std::optional<std::uint16_t> number)
    {
        const bool again = number && number == asked_number_ && body == asked_;
        asked_number_ = number;
        if (!again) {
            if (asked(Command::read_document_piece) && !answered_)
                document_.end();
            const auto code = request_code(body);
            asked_code_ = code ? std::optional(*code) : std::nullopt;
            asked_ = body;
            answered_ = false;
            if (asked(Command::open_document))
                document_.end();
        }
        mask_request(body);
    }

    void answer(Bytes& body)
    {
        if (!answered_) {
            answered_ = true;
            close_repeats();
            last_ = &body;
            last_raw_ = body;
            take(body);
        } else if (body == last_raw_) {
            repeats_.push_back(&body);
        } else {
            zero_out(bytes_from(body, 1)); // to which request, nobody can tell
        }
    }

    void end()
    {
        document_.end();
        close_repeats();
        for (auto& [first, repeats] : copies_)
            for (Bytes* repeat : repeats)
                *repeat = *first;
    }

private:
    [[nodiscard]] bool asked(Command command) const
    {
        return asked_code_ == static_cast<std::uint16_t>(command);
    }

    // An answer that was repeated is masked with the first one, which may have to wait for its document's
    // end.
    void close_repeats()
    {
        if (last_ != nullptr && !repeats_.empty())
            copies_.emplace_back(last_, std::move(repeats_));
        repeats_.clear();
    }

    void take(Bytes& body)
    {
        if (!asked_code_ || !answers_to(*asked_code_, body)) {
            zero_out(bytes_from(body, 1));
            return;
        }
        const std::size_t header = answer_code_size(*asked_code_) + 1;
        if (body.size() < header || body[header - 1] != 0) {
            if (asked(Command::read_document_piece))
                document_.end();
            zero_out(bytes_from(body, header)); // a refusal is its number
            return;
        }
        fields_.learn(asked_, body);
        if (asked(Command::read_table)) {
            fields_.mask(asked_, bytes_from(body, header));
        } else if (asked(Command::read_document_piece)) {
            document_.add(bytes_from(body, header));
        } else {
            if (asked(Command::open_document))
                if (const auto opened = decode_reply<OpenDocument>(body))
                    document_.begin(opened->type, opened->length);
            mask_answer(*asked_code_, body);
        }
    }

    Bytes asked_;
    std::optional<std::uint16_t> asked_code_;
    std::optional<std::uint16_t> asked_number_;
    bool answered_ = true;
    Bytes last_raw_;
    Bytes* last_ = nullptr;
    std::vector<Bytes*> repeats_;
    std::vector<std::pair<Bytes*, std::vector<Bytes*>>> copies_;
    fiscal::DocumentPieces document_;
    OpenFields fields_;
};

Bytes framed(const TrafficItem& item, RecordedFraming framing)
{
    if (item.kind != Kind::frame)
        return item.body;
    if (framing == RecordedFraming::v1)
        return v1::encode_frame(item.body);
    return item.ping ? v2::encode_ping() : v2::encode_frame(item.number, item.body);
}

// Nothing of damaged bytes is shown but that there were some: an STX stays where it was, and with zeros
// behind it no check sum is right.
void mask_noise(Bytes& bytes, RecordedFraming framing)
{
    const std::uint8_t stx = framing == RecordedFraming::v1 ? v1::kStx : v2::kStx;
    const bool frame = !bytes.empty() && bytes[0] == stx;
    const std::uint8_t length = frame && framing == RecordedFraming::v1 && bytes.size() > 1 ? bytes[1] : 0;
    zero_out(bytes);
    if (frame) {
        bytes[0] = stx;
        if (bytes.size() > 1)
            bytes[1] = length; // which would also be the check sum of so many zeros
    }
}

std::optional<std::uint16_t> number_of(const TrafficItem& item, RecordedFraming framing)
{
    return framing == RecordedFraming::v2 ? std::optional(item.number) : std::nullopt;
}

} // namespace

ExchangeFile mask_traffic(const ExchangeFile& file)
{
    const RecordedFraming framing = recorded_framing(file);
    std::vector<TrafficItem> items = read_traffic(file);
    Masker masker;
    for (TrafficItem& item : items) {
        if (item.kind == Kind::noise)
            mask_noise(item.body, framing);
        else if (item.kind == Kind::frame && !item.body.empty())
            item.from_host ? masker.request(item.body, number_of(item, framing)) : masker.answer(item.body);
    }
    masker.end();
    ExchangeFile masked;
    masked.head = file.head;
    for (const TrafficItem& item : items)
        masked.lines.push_back({item.from_host, framed(item, framing), file.lines[item.line].comment});
    return masked;
}

} // namespace kb::shtrih
