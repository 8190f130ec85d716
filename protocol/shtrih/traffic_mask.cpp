// What of a Shtrih-M conversation is private, command by command, and how it is replaced.
#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/masking.hpp"
#include "protocol/shtrih/codec.hpp"
#include "protocol/shtrih/frame_v1.hpp"
#include "protocol/shtrih/frame_v2.hpp"
#include "protocol/shtrih/traffic.hpp"

#include <algorithm>
#include <optional>

namespace kb::shtrih {

namespace {

using Kind = TrafficItem::Kind;

constexpr std::uint32_t kPassword = 30; // what replaces every password
constexpr std::size_t kInn = 12;
// 11h: code, error, 40 bytes, then the INN as a number of six bytes (docs/sources.md#shtrih, section 3.1).
constexpr std::size_t kFullStatusInn = 42;
constexpr std::size_t kInnNumber = 6;
constexpr std::uint64_t kCompanysLargest = 9'999'999'999; // ten digits
constexpr std::uint64_t kNoInn = 0xFFFF'FFFF'FFFF;
// FF09: code, error, date and time; FF0A: code, error, then the record's head (docs/sources.md#ffd,
// section 6.4).
constexpr std::size_t kFiscalisationInn = 3 + 5;
constexpr std::size_t kRecordInn = 3 + 15;

void zero(std::span<std::uint8_t> bytes) { std::fill(bytes.begin(), bytes.end(), std::uint8_t{0}); }

std::span<std::uint8_t> from(Bytes& bytes, std::size_t at)
{
    return at < bytes.size() ? std::span(bytes).subspan(at) : std::span<std::uint8_t>();
}

template <class C>
constexpr bool has_password()
{
    return requires(C command) { command.password; };
}

template <class... C>
bool carries_password(std::uint16_t code, CommandList<C...>)
{
    return ((static_cast<std::uint16_t>(C::kCommand) == code && has_password<C>()) || ...);
}

/// What a request may show beyond its password.
void mask_request(Bytes& body)
{
    const auto code = request_code(body);
    if (!code) {
        zero(body);
        return;
    }
    std::size_t at = request_code_size(*code);
    if (find_command(*code) == nullptr) {
        zero(from(body, at));
        return;
    }
    if (carries_password(*code, AllCommands{}) && body.size() >= at + 4) {
        ByteWriter password;
        password.u32(kPassword);
        std::copy(password.view().begin(), password.view().end(),
                  body.begin() + static_cast<std::ptrdiff_t>(at));
        at += 4;
    }
    const bool only_asks = effect_of(*code) != Effect::changes;
    const auto command = static_cast<Command>(*code);
    const bool clock =
        command == Command::set_time || command == Command::set_date || command == Command::confirm_date;
    if (!only_asks && !clock)
        zero(from(body,
                  at)); // texts, goods, attributes: nothing of it is needed to understand the conversation
}

void mask_inn(std::span<std::uint8_t> text)
{
    if (text.size() >= kInn && fiscal::is_persons_inn(text))
        fiscal::mask_text(text.first(kInn));
}

void mask_full_status(Bytes& body)
{
    if (body.size() < kFullStatusInn + kInnNumber)
        return;
    ByteReader number(BytesView(body).subspan(kFullStatusInn, kInnNumber));
    const std::uint64_t inn = number.uint(kInnNumber);
    if (inn > kCompanysLargest && inn != kNoInn)
        zero(std::span(body).subspan(kFullStatusInn, kInnNumber));
}

// A table's field is a number or a text in CP1251; names of cashiers, owner and INN are texts.
void mask_table_value(std::span<std::uint8_t> value)
{
    constexpr std::uint8_t kI = 0xC8; // И, П, Н, н
    constexpr std::uint8_t kP = 0xCF;
    constexpr std::uint8_t kN = 0xCD;
    constexpr std::uint8_t kSmallN = 0xED;
    if (value.size() >= 2 && value[0] == kI && (value[1] == kP || value[1] == kN || value[1] == kSmallN))
        fiscal::mask_text(value.subspan(2));
    for (std::size_t at = 0; at + kInn <= value.size(); ++at) {
        const auto digits = value.subspan(at, kInn);
        const bool begins = at == 0 || value[at - 1] < '0' || value[at - 1] > '9';
        const bool ends = at + kInn == value.size() || value[at + kInn] < '0' || value[at + kInn] > '9';
        if (begins && ends && fiscal::is_persons_inn(digits))
            fiscal::mask_text(digits);
    }
}

/// Table 2 holds the cashiers by name on every model.
bool asks_for_a_cashier(BytesView request)
{
    constexpr std::size_t kTable = 5; // code, password, table
    constexpr std::uint8_t kCashiers = 2;
    return request.size() > kTable && request[kTable] == kCashiers;
}

/// One document being read out: which frames its pieces are in.
class DocumentPieces {
public:
    /// FF3A was answered: the pieces that follow are this document's.
    void begin(std::uint16_t type, std::size_t length)
    {
        flush();
        type_ = type;
        left_ = length;
    }
    /// FF3B's answer: FF 3B 00 | block. Of a document whose beginning is not known nothing may be shown.
    void add(Bytes& body, std::size_t header)
    {
        const auto block = from(body, header);
        if (block.size() > left_) {
            flush();
            zero(block);
            return;
        }
        left_ -= block.size();
        pieces_.push_back(block);
        all_.insert(all_.end(), block.begin(), block.end());
    }
    /// A piece is missing or refused: where the next ones would stand in the document, nobody can tell.
    void break_off() { flush(); }
    /// The document ends here, whole or broken off.
    void flush()
    {
        fiscal::mask_tlvs(all_, type_);
        std::size_t at = 0;
        for (const std::span<std::uint8_t> piece : pieces_) {
            std::copy_n(all_.begin() + static_cast<std::ptrdiff_t>(at), piece.size(), piece.begin());
            at += piece.size();
        }
        pieces_.clear();
        all_.clear();
        left_ = 0;
    }

private:
    std::uint16_t type_ = 0;
    std::size_t left_ = 0;
    std::vector<std::span<std::uint8_t>> pieces_; ///< in the items' bodies, which do not move meanwhile
    Bytes all_;
};

class Masker {
public:
    /// `number`: of a numbered packet; the same one again is the same request, sent again.
    void request(Bytes& body, std::optional<std::uint16_t> number)
    {
        const bool again = number && number == asked_number_;
        asked_number_ = number;
        if (!again) {
            if (asked_code_ == static_cast<std::uint16_t>(Command::read_document_piece) && !answered_)
                document_.break_off();
            const auto code = request_code(body);
            asked_code_ = code ? std::optional(*code) : std::nullopt;
            asked_ = body;
            answered_ = false;
            if (asked_code_ == static_cast<std::uint16_t>(Command::open_document))
                document_.flush();
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
            mask_answer(body);
        } else if (body == last_raw_) {
            repeats_.push_back(&body);
        } else {
            zero(from(body, answer_code_size(own_code(body)) + 1)); // to which request, nobody can tell
        }
    }

    void end()
    {
        document_.flush();
        close_repeats();
        for (auto& [first, repeats] : copies_)
            for (Bytes* repeat : repeats)
                *repeat = *first;
    }

private:
    // An answer that was repeated is masked with the first one, which may have to wait for its document's
    // end.
    void close_repeats()
    {
        if (last_ != nullptr && !repeats_.empty()) {
            copies_.emplace_back(last_, std::move(repeats_));
        }
        repeats_.clear();
    }

    void mask_answer(Bytes& body)
    {
        const std::uint16_t code =
            asked_code_ && answers_to(*asked_code_, body) ? *asked_code_ : own_code(body);
        const std::size_t header = answer_code_size(code) + 1;
        const bool refused = body.size() < header || body[header - 1] != 0;
        if (refused && static_cast<Command>(code) == Command::read_document_piece)
            document_.break_off();
        if (refused || body.size() == header)
            return; // a refusal is its number
        switch (static_cast<Command>(code)) {
        case Command::short_status:
        case Command::read_port:
        case Command::read_cash_register:
        case Command::read_operation_register:
        case Command::read_font:
        case Command::table_structure:
        case Command::field_structure:
        case Command::error_text:
        case Command::model_parameters:
        case Command::device_type:
        case Command::fn_status:
        case Command::fn_number:
        case Command::fn_expiry:
        case Command::fn_version:
        case Command::ofd_status:
        case Command::ofd_ticket:
        case Command::unsent_count:
        case Command::shift_parameters:
        case Command::fn_free_memory:
        case Command::service_loader_version:
        case Command::service_totals:
            return;
        case Command::full_status:
            mask_full_status(body);
            return;
        case Command::fiscalisation_result:
            mask_inn(from(body, kFiscalisationInn));
            return;
        case Command::find_document:
            mask_inn(from(body, kRecordInn));
            return;
        case Command::read_table:
            if (asks_for_a_cashier(asked_))
                fiscal::mask_text(from(body, header));
            else
                mask_table_value(from(body, header));
            return;
        case Command::open_document: {
            ByteReader opened(BytesView(body).subspan(header));
            const std::uint16_t type = opened.u16();
            const std::uint16_t length = opened.u16();
            document_.begin(type, opened.overrun() ? 0 : length);
            return;
        }
        case Command::read_document_piece:
            document_.add(body, header);
            return;
        default:
            zero(from(body, header));
        }
    }

    static std::uint16_t own_code(BytesView body)
    {
        const auto code = request_code(body);
        return code ? *code : std::uint16_t{0};
    }

    Bytes asked_;
    std::optional<std::uint16_t> asked_code_;
    std::optional<std::uint16_t> asked_number_;
    bool answered_ = true;
    Bytes last_raw_;
    Bytes* last_ = nullptr;
    std::vector<Bytes*> repeats_;
    std::vector<std::pair<Bytes*, std::vector<Bytes*>>> copies_;
    DocumentPieces document_;
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
    zero(bytes);
    if (frame) {
        bytes[0] = stx;
        if (bytes.size() > 1)
            bytes[1] = length;
        if (length != 0 && bytes.size() == std::size_t{length} + 3)
            bytes.back() = static_cast<std::uint8_t>(length ^ 0xFFU); // the right one would be `length`
    }
}

std::optional<std::uint16_t> number_of(const TrafficItem& item, RecordedFraming framing)
{
    return framing == RecordedFraming::v2 ? std::optional(item.number) : std::nullopt;
}

} // namespace

Result<ExchangeFile> mask_traffic(const ExchangeFile& file)
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
    masked.head.emplace_back("masked",
                             "people, marking codes and passwords; lengths are true, check sums made anew");
    for (const TrafficItem& item : items)
        masked.lines.push_back({item.from_host, framed(item, framing), file.lines[item.line].comment});
    return masked;
}

} // namespace kb::shtrih
