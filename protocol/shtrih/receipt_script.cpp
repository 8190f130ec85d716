#include "protocol/shtrih/receipt_script.hpp"

#include "protocol/fiscal/request_tlv.hpp"
#include "protocol/shtrih/codec.hpp"
#include "protocol/shtrih/modes.hpp"

#include <algorithm>
#include <utility>

namespace kb::shtrih {

namespace {

constexpr std::size_t kMostTlvBytes = 250; // FF0C and FF4D
constexpr std::uint8_t kCorrectionBit = 0x80;
constexpr std::uint8_t kPrintFont = 1;
constexpr std::uint8_t kWideFont = 2; // half as many characters in a line

// Slots of FF45.
constexpr std::size_t kCash = 0;
constexpr std::size_t kElectronic = 1;
constexpr std::size_t kAdvance = 13;
constexpr std::size_t kCredit = 14;
constexpr std::size_t kCounter = 15;

Kopecks or_zero(const std::optional<Kopecks>& sum) { return sum.value_or(Kopecks{}); }

std::uint8_t tax_system(const fiscal::ReceiptRequest& asked, const ScriptFacts& facts)
{
    if (asked.receipt.tax_system)
        return static_cast<std::uint8_t>(*asked.receipt.tax_system);
    const unsigned known = facts.tax_systems == 0 ? 1U : facts.tax_systems;
    return static_cast<std::uint8_t>(known & (~known + 1U));
}

/// Tags that commands carry by themselves.
bool has_a_command(fiscal::Tag number) { return number == fiscal::tag::tax_system; }

template <class Send>
Result<std::vector<Send>> sends(const Result<std::vector<fiscal::HostTag>>& tags)
{
    if (!tags)
        return pass(tags);
    std::vector<Send> commands;
    for (const fiscal::HostTag& tag : *tags) {
        if (has_a_command(tag.tag))
            continue;
        if (tag.bytes.size() > kMostTlvBytes)
            return fail(Errc::not_representable, "tag " + std::to_string(tag.tag) + ": " +
                                                     std::to_string(tag.bytes.size()) + " bytes, at most " +
                                                     std::to_string(kMostTlvBytes) + " can be sent");
        Send send;
        send.tlv = tag.bytes;
        commands.push_back(std::move(send));
    }
    return commands;
}

/// UTF-8 cut into pieces of at most `width` characters.
std::vector<std::string> wrapped(const std::string& text, std::size_t width)
{
    std::vector<std::string> lines(1);
    std::size_t characters = 0;
    for (const char c : text) {
        const bool begins = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        if (begins && characters == width) {
            lines.emplace_back();
            characters = 0;
        }
        characters += begins ? 1 : 0;
        lines.back() += c;
    }
    return lines;
}

std::size_t characters_of(const std::string& text)
{
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void add_text(std::vector<PaperStep>& steps, const fiscal::PrintItem& item, const ScriptFacts& facts)
{
    const std::size_t width = item.wide ? facts.line_characters / 2 : facts.line_characters;
    for (const std::string& line : wrapped(item.text, width)) {
        PrintStringInFont print;
        print.font = item.wide ? kWideFont : kPrintFont;
        const std::size_t room = width - characters_of(line);
        const std::size_t before = item.align == fiscal::PrintItem::Align::left     ? 0
                                   : item.align == fiscal::PrintItem::Align::center ? room / 2
                                                                                    : room;
        print.text = std::string(before, ' ') + line;
        print.width = std::max<std::size_t>(print.width, facts.line_characters);
        steps.emplace_back(std::move(print));
    }
}

std::uint8_t align_code(fiscal::PrintItem::Align align) { return static_cast<std::uint8_t>(align); }

void add_qr(std::vector<PaperStep>& steps, const fiscal::PrintItem& item)
{
    const Bytes data(item.text.begin(), item.text.end());
    std::uint8_t block = 0;
    for (std::size_t at = 0; at < data.size(); at += kBlockBytes) {
        LoadBlock load;
        load.block = block++;
        const auto from = data.begin() + static_cast<std::ptrdiff_t>(at);
        const auto size = static_cast<std::ptrdiff_t>(std::min(kBlockBytes, data.size() - at));
        std::copy(from, from + size, load.data.begin());
        steps.emplace_back(std::move(load));
    }
    PrintBarcode2d print;
    print.length = static_cast<std::uint16_t>(data.size());
    print.align = align_code(item.align);
    steps.emplace_back(print);
}

Result<void> add_ean13(std::vector<PaperStep>& steps, const fiscal::PrintItem& item)
{
    const bool digits =
        item.text.size() == 13 && item.text.find_first_not_of("0123456789") == std::string::npos;
    if (item.barcode_type != "EAN13" || !digits)
        return fail(Errc::not_representable, "barcode: this register prints EAN13 and QR only");
    PrintEan13 print;
    for (const char digit : item.text.substr(0, 12))
        print.digits = print.digits * 10 + static_cast<std::uint64_t>(digit - '0');
    steps.emplace_back(print);
    return {};
}

/// Everything is written once, so that what does not fit is known now.
template <class Command>
Result<void> fits(const Command& command)
{
    const auto bytes = encode_request(command);
    return bytes ? Result<void>{} : Result<void>(pass(bytes));
}

template <class Steps>
Result<void> all_fit(const Steps& steps)
{
    for (const auto& step : steps) {
        auto fit = std::visit([](const auto& command) { return fits(command); }, step);
        if (!fit)
            return fit;
    }
    return {};
}

Operation operation_of(const fiscal::Position& position, fiscal::Operation operation,
                       const ScriptFacts& facts)
{
    const fiscal::Item& item = position.item;
    Operation command;
    command.operation = static_cast<std::uint8_t>(operation);
    command.quantity = *item.quantity;
    command.price = *item.price;
    command.amount = item.sum;
    command.tax = item.vat_sum;
    command.vat_code = vat_code(static_cast<VatRate>(*item.vat_rate), facts.nano_vat_codes);
    command.department = position.department;
    command.payment_method = item.payment_method.value_or(4);
    command.item_kind = item.item_kind.value_or(1);
    // What begins with // or \\ would not be printed; a blank in front keeps it on the paper.
    const bool hides = item.name.starts_with("//") || item.name.starts_with("\\\\");
    command.name = hides ? " " + item.name : item.name;
    return command;
}

CloseReceipt closing_of(const fiscal::ReceiptRequest& asked, Kopecks subtotal, const ScriptFacts& facts)
{
    CloseReceipt close;
    const fiscal::Payments& paid = asked.receipt.payments;
    close.payments[kCash] = or_zero(paid.cash);
    close.payments[kElectronic] = or_zero(paid.electronic);
    close.payments[kAdvance] = or_zero(paid.advance);
    close.payments[kCredit] = or_zero(paid.credit);
    close.payments[kCounter] = or_zero(paid.counter);
    close.rounding = static_cast<std::uint8_t>(asked.total ? subtotal.count() - asked.total->count() : 0);
    close.tax_system = tax_system(asked, facts);
    return close;
}

/// Row of FF4A's VAT sums by rate of tag 1199; nullopt: it has none of that rate.
std::optional<std::size_t> correction_row(std::uint8_t rate)
{
    switch (static_cast<VatRate>(rate)) {
    case VatRate::vat20:
        return 0;
    case VatRate::vat10:
        return 1;
    case VatRate::vat0:
        return 2;
    case VatRate::none:
        return 3;
    case VatRate::vat20_120:
        return 4;
    case VatRate::vat10_110:
        return 5;
    default:
        return std::nullopt;
    }
}

/// VAT within a sum, rounded half up; of rows 2 and 3 the turnover itself.
Kopecks correction_tax(std::size_t row, Kopecks sum)
{
    const bool turnover = row == 2 || row == 3;
    const bool twenty = row == 0 || row == 4;
    const std::int64_t part = twenty ? 20 : 10;
    const std::int64_t whole = 100 + part;
    return turnover ? sum : Kopecks{(sum.count() * part * 2 + whole) / (whole * 2)};
}

} // namespace

Result<std::vector<PaperStep>> paper_script(const std::vector<fiscal::PrintItem>& items,
                                            const ScriptFacts& facts)
{
    std::vector<PaperStep> steps;
    for (const fiscal::PrintItem& item : items) {
        if (item.kind == fiscal::PrintItem::Kind::text)
            add_text(steps, item, facts);
        else if (item.kind == fiscal::PrintItem::Kind::qr)
            add_qr(steps, item);
        else if (auto added = add_ean13(steps, item); !added)
            return pass(added);
    }
    if (auto fit = all_fit(steps); !fit)
        return pass(fit);
    return steps;
}

Result<ReceiptScript> receipt_script(const fiscal::Request& request, const ScriptFacts& facts)
{
    const fiscal::ReceiptRequest& asked = *request.receipt;
    const auto subtotal = fiscal::total_of(asked);
    if (!subtotal)
        return pass(subtotal);
    ReceiptScript script;
    script.subtotal = *subtotal;
    OpenReceipt open;
    open.type = static_cast<std::uint8_t>(to_receipt_type(static_cast<std::uint8_t>(asked.operation)) |
                                          (asked.correction ? kCorrectionBit : 0U));
    script.steps.emplace_back(open);
    const auto add = [&script](auto more) {
        for (auto& step : *more)
            std::visit([&script](auto& command) { script.steps.emplace_back(std::move(command)); }, step);
    };
    auto tags = sends<SendTlv>(fiscal::receipt_tags(request));
    if (!tags)
        return pass(tags);
    script.steps.insert(script.steps.end(), tags->begin(), tags->end());
    auto before = paper_script(asked.before, facts);
    if (!before)
        return pass(before);
    add(std::move(before));
    for (std::size_t index = 0; index < asked.positions.size(); ++index) {
        const fiscal::Position& position = asked.positions[index];
        auto own = sends<SendOperationTlv>(fiscal::position_tags(position));
        if (!own)
            return pass(own);
        const Operation operation = operation_of(position, asked.operation, facts);
        if (facts.item_tlv == ItemTlv::after_operation)
            script.steps.emplace_back(operation);
        script.steps.insert(script.steps.end(), own->begin(), own->end());
        if (facts.item_tlv == ItemTlv::before_operation)
            script.steps.emplace_back(operation);
        if (position.marking) {
            auto mark = mark_to_check(position, index);
            if (!mark)
                return pass(mark);
            BindMark bind;
            bind.code = mark->command.code;
            script.steps.emplace_back(std::move(bind));
            script.marks.push_back(*std::move(mark));
        }
    }
    auto after = paper_script(asked.after, facts);
    if (!after)
        return pass(after);
    add(std::move(after));
    script.close = closing_of(asked, *subtotal, facts);
    if (auto fit = all_fit(script.steps); !fit)
        return pass(fit);
    if (auto fit = fits(script.close); !fit)
        return pass(fit);
    return script;
}

Result<CorrectionScript> correction_script(const fiscal::Request& request, const ScriptFacts& facts)
{
    const fiscal::ReceiptRequest& asked = *request.receipt;
    const auto subtotal = fiscal::total_of(asked);
    if (!subtotal)
        return pass(subtotal);
    CorrectionScript script;
    auto tags = sends<SendTlv>(fiscal::receipt_tags(request));
    if (!tags)
        return pass(tags);
    script.tags = *std::move(tags);
    Correction& correction = script.correction;
    correction.type = asked.receipt.correction_type.value_or(0);
    correction.operation = static_cast<std::uint8_t>(asked.operation);
    correction.total = asked.total.value_or(*subtotal);
    const fiscal::Payments& paid = asked.receipt.payments;
    correction.payments = {or_zero(paid.cash), or_zero(paid.electronic), or_zero(paid.advance),
                           or_zero(paid.credit), or_zero(paid.counter)};
    for (const fiscal::Position& position : asked.positions) {
        const auto row = correction_row(*position.item.vat_rate);
        if (!row)
            return fail(Errc::not_representable,
                        "vat: a correction before FFD 1.2 knows 20, 10 and 0 % only");
        Kopecks& tax = correction.taxes[*row];
        const auto more = tax.plus(correction_tax(*row, *position.item.sum));
        if (!more)
            return pass(more);
        tax = *more;
    }
    correction.tax_system = tax_system(asked, facts);
    if (auto fit = fits(correction); !fit)
        return pass(fit);
    return script;
}

Result<std::vector<SendTlv>> cashier_script(const fiscal::Request& request)
{
    return sends<SendTlv>(fiscal::cashier_tags(request));
}

} // namespace kb::shtrih
