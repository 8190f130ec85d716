#include "drivers/emulator/virtual_kkt.hpp"

#include "drivers/emulator/paper.hpp"
#include "drivers/emulator/tlv_out.hpp"

namespace kb::emulator {

namespace {

constexpr auto kShiftLimit = std::chrono::hours{24};
constexpr std::int64_t kClockJumpLimit = 300;
constexpr std::size_t kStripLines = 400;

std::uint32_t minute_of(LocalSeconds time)
{
    return to_ffd_unixtime(std::chrono::floor<std::chrono::minutes>(time));
}

} // namespace

VirtualKkt::VirtualKkt(Identity identity, Times times, Store* store)
    : identity_(std::move(identity)),
      times_(std::move(times)),
      store_(store)
{}

void VirtualKkt::save()
{
    if (store_ != nullptr && !bulk_)
        store_->state(state_text());
}

void VirtualKkt::set_setting(const std::string& key, const std::string& value)
{
    settings_[key] = value;
    save();
}

void VirtualKkt::drop_setting(const std::string& key)
{
    settings_.erase(key);
    save();
}

bool VirtualKkt::shift_expired() const { return shift_.open && now() - shift_.opened_at >= kShiftLimit; }

Printing VirtualKkt::printing() const
{
    if (!paper_ || cover_open_)
        return broken_off_ ? Printing::broken_off : Printing::no_paper;
    if (waits_for_continue_)
        return Printing::waits_for_continue;
    return steady() < printing_until_ ? Printing::busy : Printing::idle;
}

Answer<void> VirtualKkt::may_print() const
{
    switch (printing()) {
    case Printing::no_paper:
    case Printing::broken_off:
        return refuse(Why::no_paper, cover_open_ ? "the cover is open" : "there is no paper",
                      cover_open_ ? "POST /cover {\"open\":false}" : "POST /paper {\"present\":true}");
    case Printing::waits_for_continue:
        return refuse(Why::waits_for_continue, "a broken-off document waits for \"continue printing\"",
                      "send B0h over the line, or POST /paper {\"continue\":true}");
    case Printing::idle:
    case Printing::busy:
        break;
    }
    return {};
}

Answer<void> VirtualKkt::may_write_fn(Purpose purpose) const
{
    // Otherwise a shift open at that moment could never be closed, nor the FN replaced.
    const bool closes = purpose == Purpose::closing;
    const char* replace = "POST /fn {\"action\":\"replace\"}";
    if (!powered_)
        return refuse(Why::powered_off, "the power is off", "POST /power {\"action\":\"on\"}");
    if (fn_.phase != 3)
        return refuse(Why::fn_wrong_state, "the FN is not in fiscal mode", replace);
    if (fn_.full() && !closes)
        return refuse(Why::fn_full, "the FN archive is full", replace);
    if (now() >= fn_.expires && !closes)
        return refuse(Why::fn_expired, "the FN's keys have expired", replace);
    if (!bulk_ && fn_.ofd_waited_over(30, now()))
        return refuse(Why::ofd_wait_exceeded, "a document waits for its OFD ticket longer than 30 days",
                      "POST /ofd {\"silent\":false, \"confirm\":true}");
    const FnDocument* last = fn_.find(fn_.last_fd());
    if (last != nullptr && minute_of(now()) < last->at)
        return refuse(Why::clock_behind_fn, "the clock is behind the FN's last document",
                      "POST /clock {\"drift_s\":0}");
    if (shift_.open && std::abs(drift_s_ - drift_at_last_document_) > kClockJumpLimit)
        return refuse(Why::clock_jumped, "the clock jumped by more than 5 minutes inside a shift",
                      "POST /clock {\"drift_s\":0}");
    return {};
}

DocumentHead VirtualKkt::head() const
{
    DocumentHead out;
    out.fn_serial = fn_.serial;
    out.fd_number = fn_.last_fd() + 1;
    out.at = std::chrono::floor<std::chrono::minutes>(now());
    out.shift = shift_.number;
    out.key_days = fn_.days_left(now());
    out.warnings = fn_.warnings(now());
    out.unsent = fn_.unsent();
    if (const FnDocument* first = fn_.find(fn_.tickets_through() + 1)) {
        out.unsent_first = fn_.tickets_through() + 1;
        out.unsent_since = std::chrono::floor<std::chrono::days>(first->datetime());
    }
    return out;
}

// The one place where a document becomes a fact. Whoever hears of it afterwards can rely on it: it is in the
// store first.
Answer<Closed> VirtualKkt::commit(FnDocument record, Document document, std::uint16_t number)
{
    record.at = minute_of(now());
    record.sign = document.sign;
    fn_.append(record, document.body);
    drift_at_last_document_ = drift_s_;
    ++through_number_;
    if (store_ != nullptr)
        store_->document(*fn_.find(fn_.last_fd()), document.body, bulk_ ? std::string{} : state_text());
    return Closed{fn_.last_fd(), document.sign, 0, number, from_ffd_unixtime(record.at)};
}

void VirtualKkt::first_start(const std::string& fn_serial, LocalSeconds fn_expires, LocalSeconds at)
{
    if (fn_.last_fd() != 0)
        return;
    bulk_ = true;
    bulk_now_ = at;
    fn_.clear();
    fn_.serial = fn_serial;
    fn_.expires = fn_expires;
    if (store_ != nullptr)
        store_->new_fn(state_text());
    const Document document = registration_report(identity_, head(), "Администратор", 0, {});
    FnDocument record;
    record.type = 1;
    static_cast<void>(commit(record, document, 0));
    bulk_ = false;
    add_strip(registration_lines(identity_, fn_, "ОТЧЕТ О РЕГИСТРАЦИИ"));
    save();
}

Answer<Closed> VirtualKkt::open_shift(const std::string& cashier, BytesView extra)
{
    if (shift_.open)
        return refuse(Why::shift_is_open, "the shift is already open", "POST /shift/close first");
    for (const auto& allowed : {may_write_fn(), may_print()})
        if (!allowed)
            return tl::unexpected(allowed.error());
    Shift shift;
    shift.open = true;
    shift.number = static_cast<std::uint16_t>(shift_.number + 1);
    shift.opened_at = now();
    shift.first_fd = fn_.last_fd() + 1;
    shift_ = shift;
    FnDocument record;
    record.type = 2;
    record.number = shift_.number;
    const Document document = shift_open_report(identity_, head(), cashier, extra);
    auto done = commit(record, document, shift_.number);
    print_document(shift_lines(identity_, fn_, "ОТЧЕТ ОБ ОТКРЫТИИ СМЕНЫ", shift_, cashier));
    return done;
}

Answer<Closed> VirtualKkt::close_shift(const std::string& cashier, BytesView extra)
{
    if (!shift_.open)
        return refuse(Why::shift_is_closed, "the shift is not open", "POST /shift/open first");
    if (receipt_)
        return refuse(Why::receipt_is_open, "a receipt is open over the line",
                      "close or cancel it over the line");
    for (const auto& allowed : {may_write_fn(Purpose::closing), may_print()})
        if (!allowed)
            return tl::unexpected(allowed.error());
    const std::uint32_t documents = fn_.last_fd() + 2 - shift_.first_fd;
    const Document document =
        shift_close_report(identity_, head(), cashier, extra, shift_.totals, totals_, documents);
    const auto lines = shift_lines(identity_, fn_, "ОТЧЕТ О ЗАКРЫТИИ СМЕНЫ", shift_, cashier);
    FnDocument record;
    record.type = 5;
    record.number = shift_.number;
    const std::uint16_t number = shift_.number;
    last_shift_totals_ = shift_.totals;
    shift_ = Shift{};
    shift_.number = number;
    if (empties_drawer && empties_drawer())
        cash_ = 0;
    auto done = commit(record, document, number);
    print_document(lines);
    return done;
}

Answer<Closed> VirtualKkt::make_state_report()
{
    for (const auto& allowed : {may_write_fn(), may_print()})
        if (!allowed)
            return tl::unexpected(allowed.error());
    FnDocument record;
    record.type = 21;
    record.sum = fn_.unsent();
    auto done = commit(record, state_report(identity_, head(), totals_), 0);
    print_document({"ОТЧЕТ О ТЕКУЩЕМ СОСТОЯНИИ РАСЧЕТОВ", "НЕПЕРЕДАННЫХ ФД: " + std::to_string(record.sum)});
    return done;
}

Answer<Closed> VirtualKkt::close_fn(const std::string& cashier)
{
    if (shift_.open)
        return refuse(Why::shift_is_open, "the shift is open", "POST /shift/close first");
    for (const auto& allowed : {may_write_fn(Purpose::closing), may_print()})
        if (!allowed)
            return tl::unexpected(allowed.error());
    const Document document = fn_close_report(identity_, head(), cashier, totals_);
    fn_.phase = 7;
    FnDocument record;
    record.type = 6;
    record.number = shift_.number;
    auto done = commit(record, document, 0);
    print_document(registration_lines(identity_, fn_, "ОТЧЕТ О ЗАКРЫТИИ ФН"));
    return done;
}

Answer<void> VirtualKkt::x_report()
{
    if (auto allowed = may_print(); !allowed)
        return allowed;
    ++x_reports_;
    ++through_number_;
    print_document(x_report_lines(shift_, cash_));
    save();
    return {};
}

Answer<void> VirtualKkt::print_text(const std::string& line)
{
    if (auto allowed = may_print(); !allowed)
        return allowed;
    add_strip({line});
    return {};
}

Answer<void> VirtualKkt::print_copy()
{
    if (auto allowed = may_print(); !allowed)
        return allowed;
    if (last_lines_.empty())
        return refuse(Why::nothing_to_repeat, "nothing has been printed yet", "ring a sale first");
    auto lines = last_lines_;
    lines.insert(lines.begin(), "КОПИЯ ДОКУМЕНТА");
    print_document(lines);
    return {};
}

void VirtualKkt::add_strip(const std::vector<std::string>& lines)
{
    if (bulk_)
        return;
    strip_.insert(strip_.end(), lines.begin(), lines.end());
    while (strip_.size() > kStripLines) {
        strip_.pop_front();
        ++strip_first_;
    }
}

void VirtualKkt::print_document(const std::vector<std::string>& lines)
{
    if (bulk_)
        return;
    last_lines_ = lines;
    add_strip(lines);
    add_strip({"", "- - - - - - - - - - - - - - - -", ""});
    printing_until_ = steady() + print_time_;
    if (std::exchange(paper_out_armed_, false)) {
        paper_ = false;
        broken_off_ = true;
        save();
    }
    if (power_cut_ == PowerCut::during_print)
        power_off();
}

Answer<void> VirtualKkt::continue_printing()
{
    if (!waits_for_continue_)
        return refuse(Why::other_operation, "nothing waits for \"continue printing\"", "just go on");
    waits_for_continue_ = false;
    broken_off_ = false;
    print_document(std::vector<std::string>(last_lines_));
    save();
    return {};
}

void VirtualKkt::set_paper(bool present)
{
    if (!present && paper_ && printing() == Printing::busy)
        broken_off_ = true;
    if (present && !paper_ && broken_off_)
        waits_for_continue_ = true;
    paper_ = present;
    save();
}

void VirtualKkt::set_cover(bool open)
{
    if (open && !cover_open_ && printing() == Printing::busy)
        broken_off_ = true;
    if (!open && cover_open_ && broken_off_)
        waits_for_continue_ = true;
    cover_open_ = open;
    save();
}

void VirtualKkt::set_sd(SdState sd)
{
    sd_ = sd;
    save();
}

void VirtualKkt::set_drift(std::int64_t seconds)
{
    drift_s_ = seconds;
    save();
}

void VirtualKkt::set_ofd_silent(bool silent)
{
    ofd_silent_ = silent;
    save();
}

void VirtualKkt::give_tickets_through(std::uint32_t fd_number)
{
    if (fd_number <= fn_.tickets_through())
        return;
    fn_.give_tickets_through(fd_number, now());
    if (store_ != nullptr)
        store_->tickets(fd_number, now());
    if (fn_.phase == 7 && fn_.unsent() == 0) {
        fn_.phase = 15;
        save();
    }
}

void VirtualKkt::tick_ofd(bool register_talks_itself)
{
    if (register_talks_itself && !ofd_silent_ && powered_ && fn_.unsent() != 0)
        give_tickets_through(fn_.last_fd());
}

void VirtualKkt::replace_fn(const std::string& serial, LocalSeconds expires)
{
    reading_.reset();
    receipt_.reset();
    const std::uint16_t number = shift_.number;
    shift_ = Shift{};
    shift_.number = number;
    totals_ = FnTotals{};
    fn_.clear();
    fn_.serial = serial;
    fn_.expires = expires;
    if (store_ != nullptr)
        store_->new_fn(state_text());
    // A new FN starts with a report of type 11, reason "FN replaced"; its FD number is 1 all the same.
    FnDocument record;
    record.type = 11;
    record.number = 1;
    static_cast<void>(commit(record, registration_report(identity_, head(), "Администратор", 1, totals_), 0));
    add_strip(registration_lines(identity_, fn_, "ОТЧЕТ ОБ ИЗМЕНЕНИИ ПАРАМЕТРОВ"));
}

void VirtualKkt::fill_fn()
{
    fn_.declared_full = true;
    save();
}

void VirtualKkt::expire_fn()
{
    fn_.expires = std::chrono::floor<std::chrono::days>(now());
    save();
}

void VirtualKkt::forget_bodies(std::uint32_t through)
{
    fn_.forget_bodies_through(through);
    if (store_ != nullptr)
        store_->forgotten(through);
}

void VirtualKkt::power_off()
{
    power_cut_ = PowerCut::none;
    powered_ = false;
    reading_.reset();
    marking_.clear();
    if (on_power_lost)
        on_power_lost();
}

// Mode, registers and an open receipt are kept, and an interrupted printing goes on by itself.
void VirtualKkt::power_on()
{
    if (!powered_ && printing_until_ > Instant{})
        printing_until_ = steady() + print_time_;
    powered_ = true;
    save();
}

Answer<void> VirtualKkt::begin_reading(std::uint32_t fd_number)
{
    reading_.reset();
    reading_broken_ = false;
    if (body(fd_number).empty())
        return refuse(Why::no_data, "the FN has no such document, or no longer keeps its body",
                      "read its short record");
    reading_ = Reading{fd_number, 0};
    return {};
}

Answer<Bytes> VirtualKkt::read_piece(std::size_t limit, bool one_tlv)
{
    if (reading_broken_) {
        reading_broken_ = false;
        return refuse(Why::fn_wrong_state, "the reading was broken off by a sale at the keypad",
                      "begin it again");
    }
    if (!reading_)
        return refuse(Why::no_data, "nothing is being read", "begin the reading");
    const BytesView rest = body(reading_->fd_number).subspan(reading_->at);
    if (rest.empty()) {
        reading_.reset();
        return refuse(Why::no_data, "the document ends here", "read the next one");
    }
    const std::size_t size = one_tlv ? first_tlv_size(rest) : std::min(limit, rest.size());
    reading_->at += size;
    return Bytes(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(size));
}

} // namespace kb::emulator
