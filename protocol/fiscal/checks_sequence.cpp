// Checks of one drive's documents in their row: numbers without gaps, shifts, time, counters.
#include "protocol/fiscal/checks.hpp"
#include "protocol/fiscal/counters.hpp"
#include "protocol/fiscal/findings.hpp"

namespace kb::fiscal {

namespace {

constexpr std::chrono::hours kShiftLimit{24};
constexpr std::chrono::hours kOpeningTolerance{1};

std::string number(std::uint64_t value) { return std::to_string(value); }

} // namespace

struct SequenceCheck::State {
    struct Shift {
        std::uint32_t number = 0;
        bool open = false;
        bool whole = false; ///< every document since the opening was seen
        LocalSeconds opened_at{};
        std::uint32_t opened_fd = 0;
        std::uint32_t last_receipt = 0;
        std::uint32_t receipts = 0;
        Counters counters;
    };

    std::string fn_serial;
    std::uint32_t first_fd = 0;
    std::vector<std::uint32_t> signs; ///< by fd_number - first_fd; 0 in gaps. A full drive is 1 MB.
    LocalSeconds last_time{};
    std::optional<RegistrationInForce> registration;
    std::optional<Shift> shift;          ///< open or the last one; nullopt: none seen
    std::optional<Counters> fn_counters; ///< of the last closing, while nothing was missed since

    [[nodiscard]] std::uint32_t last_fd() const
    {
        return first_fd + static_cast<std::uint32_t>(signs.size()) - 1;
    }

    bool take_place(Findings& found, const Head& head);
    void check_time(Findings& found, const Head& head);
    void take_registration(Findings& found, const Document& document);
    void take_opening(Findings& found, const Head& head);
    void take_receipt(Findings& found, const Document& document);
    void take_closing(Findings& found, const Document& document);
    void check_closing_sums(Findings& found, const Document& document);
    void missed_some();
};

// Whether the document goes on with the row; false: it was looked at and is not counted.
bool SequenceCheck::State::take_place(Findings& found, const Head& head)
{
    if (signs.empty()) {
        fn_serial = head.fn_serial;
        first_fd = head.fd_number;
        signs.push_back(head.fiscal_sign);
        return true;
    }
    if (head.fn_serial != fn_serial) {
        found.add(Severity::error, "other_drive", tag::fn_serial, "документ другого ФН: " + head.fn_serial,
                  "a document of another drive: " + head.fn_serial);
        return false;
    }
    if (head.fd_number <= last_fd()) {
        const std::uint32_t known =
            head.fd_number < first_fd ? 0 : signs[static_cast<std::size_t>(head.fd_number - first_fd)];
        if (known != 0 && known != head.fiscal_sign)
            found.add(Severity::alarm, "fd_conflict", tag::fiscal_sign,
                      "второй документ с номером " + number(head.fd_number) + " и другим ФП",
                      "a second document " + number(head.fd_number) + " with another fiscal sign");
        else if (known == 0)
            found.add(Severity::warning, "fd_out_of_order", tag::fd_number,
                      "документ " + number(head.fd_number) + " пришёл после " + number(last_fd()),
                      "document " + number(head.fd_number) + " came after " + number(last_fd()));
        else
            found.add(Severity::info, "fd_repeated", tag::fd_number,
                      "документ " + number(head.fd_number) + " уже был",
                      "document " + number(head.fd_number) + " was seen before");
        return false;
    }
    const std::uint32_t expected = last_fd() + 1;
    if (head.fd_number != expected) {
        const std::string range = number(expected) + ".." + number(head.fd_number - 1);
        found.add(Severity::error, "fd_gap", tag::fd_number, "нет документов " + range,
                  "documents " + range + " are missing");
        missed_some();
        // A number out of a damaged document must not fill the memory: the row starts anew far away.
        constexpr std::uint32_t kFarAway = 1'000'000;
        if (head.fd_number - expected > kFarAway) {
            first_fd = head.fd_number;
            signs.clear();
        } else {
            signs.resize(head.fd_number - first_fd, 0);
        }
    }
    signs.push_back(head.fiscal_sign);
    return true;
}

void SequenceCheck::State::missed_some()
{
    fn_counters.reset();
    shift.reset();
}

void SequenceCheck::State::check_time(Findings& found, const Head& head)
{
    const auto tolerance = head.type == DocumentType::shift_open ? std::chrono::seconds(kOpeningTolerance)
                                                                 : std::chrono::seconds(0);
    if (last_time != LocalSeconds{} && head.datetime + tolerance < last_time)
        found.add(Severity::error, "time_goes_back", tag::datetime,
                  "документ датирован " + to_text(head.datetime) + ", предыдущий " + to_text(last_time),
                  "dated " + to_text(head.datetime) + ", the one before " + to_text(last_time));
    last_time = head.datetime;
}

void SequenceCheck::State::take_registration(Findings& found, const Document& document)
{
    const Head& head = document.head;
    if (head.type == DocumentType::registration && head.fd_number != 1)
        found.add(Severity::error, "registration_not_first", tag::fd_number,
                  "отчёт о регистрации с номером " + number(head.fd_number),
                  "a registration report with number " + number(head.fd_number));
    if (shift && shift->open)
        found.add(Severity::error, "registration_in_shift", "", "изменение регистрации при открытой смене",
                  "the registration changed inside an open shift");
    registration = registration_in_force(document);
}

void SequenceCheck::State::take_opening(Findings& found, const Head& head)
{
    const std::uint32_t opened = head.shift_number.value_or(0);
    if (shift && shift->open)
        found.add(Severity::error, "shift_already_open", tag::shift_number,
                  "смена " + number(shift->number) + " не была закрыта",
                  "shift " + number(shift->number) + " was not closed");
    if (shift && opened != shift->number + 1)
        found.add(Severity::error, "shift_number_jump", tag::shift_number,
                  "смена " + number(opened) + " после смены " + number(shift->number),
                  "shift " + number(opened) + " after shift " + number(shift->number));
    shift = Shift{};
    shift->number = opened;
    shift->open = true;
    shift->whole = true;
    shift->opened_at = head.datetime;
    shift->opened_fd = head.fd_number;
}

void SequenceCheck::State::take_receipt(Findings& found, const Document& document)
{
    const Head& head = document.head;
    const std::uint32_t in_shift = head.shift_number.value_or(0);
    const std::uint32_t receipt = head.receipt_number.value_or(0);
    if (!shift || (!shift->open && !shift->whole)) {
        // The opening lies before the first document fed: what can be known starts here.
        shift = Shift{};
        shift->number = in_shift;
        shift->open = true;
        shift->last_receipt = receipt;
        return;
    }
    if (!shift->open)
        found.add(Severity::error, "receipt_outside_shift", tag::shift_number, "чек вне открытой смены",
                  "a receipt outside an open shift");
    else if (in_shift != shift->number)
        found.add(Severity::error, "shift_number_mismatch", tag::shift_number,
                  "чек смены " + number(in_shift) + " в смене " + number(shift->number),
                  "a receipt of shift " + number(in_shift) + " inside shift " + number(shift->number));
    if (receipt != shift->last_receipt + 1)
        found.add(Severity::error, "receipt_number_jump", tag::receipt_number,
                  "чек " + number(receipt) + " после чека " + number(shift->last_receipt),
                  "receipt " + number(receipt) + " after receipt " + number(shift->last_receipt));
    if (shift->whole && shift->open && head.datetime > shift->opened_at + kShiftLimit)
        found.add(Severity::error, "shift_over_24h", tag::datetime, "чек позже 24 часов от открытия смены",
                  "a receipt more than 24 hours after the shift was opened");
    shift->last_receipt = receipt;
    ++shift->receipts;
    add_receipt(shift->counters, document);
}

void SequenceCheck::State::take_closing(Findings& found, const Document& document)
{
    const Head& head = document.head;
    const std::uint32_t closed = head.shift_number.value_or(0);
    if (shift && !shift->open)
        found.add(Severity::error, "closing_without_shift", tag::shift_number,
                  "закрытие смены, которая не открыта", "a shift is closed that was not open");
    else if (shift && closed != shift->number)
        found.add(Severity::error, "shift_number_mismatch", tag::shift_number,
                  "закрыта смена " + number(closed) + ", открыта была " + number(shift->number),
                  "shift " + number(closed) + " is closed, " + number(shift->number) + " was open");
    else if (shift && shift->whole)
        check_closing_sums(found, document);
    if (shift && shift->whole && shift->open && head.datetime > shift->opened_at + kShiftLimit)
        found.add(Severity::warning, "shift_over_24h", tag::datetime, "смена длилась больше 24 часов",
                  "the shift lasted more than 24 hours");
    const bool known = shift.has_value();
    if (!known)
        shift = Shift{};
    shift->number = closed;
    shift->open = false;
    shift->whole = true; // from here on a shift has to be opened before a receipt
    fn_counters = document.report ? document.report->fn_counters : std::nullopt;
}

void SequenceCheck::State::check_closing_sums(Findings& found, const Document& document)
{
    const Report& report = *document.report;
    const auto compare = [&](const char* code, Severity severity, Tag tag, std::uint64_t is,
                             std::uint64_t counted) {
        if (is != counted)
            found.add(severity, code, tag, "указано " + number(is) + ", посчитано " + number(counted),
                      "told " + number(is) + ", counted " + number(counted));
    };
    if (report.shift_receipts)
        compare("shift_receipts_mismatch", Severity::error, tag::shift_receipts, *report.shift_receipts,
                shift->receipts);
    // Unverified: that 1111 counts the opening and the closing report too; hence a warning only.
    if (report.shift_documents)
        compare("shift_documents_mismatch", Severity::warning, tag::shift_documents, *report.shift_documents,
                document.head.fd_number - shift->opened_fd + 1);
    const auto compare_counters = [&](Tag block, const std::map<std::string, std::int64_t>& told,
                                      std::map<std::string, std::int64_t> counted) {
        for (const auto& [path, value] : told)
            counted.try_emplace(path, 0);
        for (const auto& [path, value] : counted) {
            const auto at = told.find(path);
            const std::int64_t is = at == told.end() ? 0 : at->second;
            if (is != value)
                found.add(Severity::error, "counters_mismatch", number(block) + '/' + path,
                          "счётчик " + std::to_string(is) + ", по документам " + std::to_string(value),
                          "counter " + std::to_string(is) + ", by documents " + std::to_string(value));
        }
    };
    if (report.shift_counters)
        compare_counters(tag::shift_counters, flatten(*report.shift_counters), flatten(shift->counters));
    if (report.fn_counters && fn_counters) {
        auto sums = flatten(*fn_counters);
        for (const auto& [path, value] : flatten(shift->counters))
            sums[path] = Kopecks(sums[path]).plus(Kopecks(value)).value_or(Kopecks{}).count();
        compare_counters(tag::fn_counters, flatten(*report.fn_counters), std::move(sums));
    }
}

SequenceCheck::SequenceCheck() : state_(std::make_unique<State>()) {}
SequenceCheck::SequenceCheck(SequenceCheck&&) noexcept = default;
SequenceCheck& SequenceCheck::operator=(SequenceCheck&&) noexcept = default;
SequenceCheck::~SequenceCheck() = default;

const RegistrationInForce* SequenceCheck::registration() const
{
    return state_->registration ? &*state_->registration : nullptr;
}

std::vector<Finding> SequenceCheck::feed(const Document& document)
{
    Findings found(document);
    const Head& head = document.head;
    if (head.type == DocumentType::ofd_ticket || !state_->take_place(found, head))
        return found.take();
    state_->check_time(found, head);
    if (head.fd_number == 1 && head.type != DocumentType::registration)
        found.add(Severity::error, "first_not_registration", tag::fd_number,
                  "первый документ ФН не отчёт о регистрации",
                  "the drive's first document is no registration");
    if (state_->registration && head.type != DocumentType::registration)
        check_identity(found, document, *state_->registration);
    switch (head.type) {
    case DocumentType::registration:
    case DocumentType::re_registration:
        state_->take_registration(found, document);
        break;
    case DocumentType::shift_open:
        state_->take_opening(found, head);
        break;
    case DocumentType::shift_close:
        state_->take_closing(found, document);
        break;
    default:
        if (document.receipt)
            state_->take_receipt(found, document);
        break;
    }
    return found.take();
}

} // namespace kb::fiscal
