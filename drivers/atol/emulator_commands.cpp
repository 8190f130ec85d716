#include "drivers/atol/emulator_commands.hpp"

#include <algorithm>

namespace kb::emulator::atol {

namespace {

constexpr std::size_t kPasswordSize = 2;
constexpr std::uint8_t kFnCommand = 0xA4;
constexpr std::uint8_t kReadRegister = 0x91;
constexpr std::uint8_t kExtendedRegister = 0x37;
constexpr std::uint8_t kZReport = 0x5A;
constexpr std::uint8_t kFinishReport = 0x55;

constexpr unsigned in_mode(unsigned mode) { return 1U << mode; }
constexpr unsigned kAnyMode = 0xFF;
constexpr unsigned kSelection = in_mode(0);
constexpr unsigned kRegistration = in_mode(1);
constexpr unsigned kXReports = in_mode(2);
constexpr unsigned kZReports = in_mode(3);
constexpr unsigned kProgramming = in_mode(4);
constexpr unsigned kFnAccess = in_mode(6);

} // namespace

const Model* find_model(std::string_view id)
{
    const auto at = std::find_if(kModels.begin(), kModels.end(), [id](const Model& m) { return m.id == id; });
    return at == kModels.end() ? nullptr : &*at;
}

std::string command_name(BytesView request)
{
    if (request.size() <= kPasswordSize)
        return {};
    const BytesView command = request.subspan(kPasswordSize);
    return to_hex(command.first(command[0] == kFnCommand && command.size() > 1 ? 2 : 1));
}

Commands::Commands(VirtualKkt& kkt, const Model& model, const Options& options)
    : kkt_(kkt),
      model_(model),
      options_(options),
      tables_(kkt, model),
      up_since_(kkt.steady())
{
    kkt.empties_drawer = [&kkt] { return Tables::empties_drawer(kkt); };
}

// docs/sources.md#atol, section 3.4.
const std::vector<Commands::Rule>& Commands::rules()
{
    using C = Commands;
    constexpr unsigned kPrints = kPaper | kWaits;
    static const std::vector<Rule> kRules = {
        {0x3F, kAnyMode, kInfo, &C::status},
        {0x43, kRegistration, kReceipt, &C::discount},
        {0x45, kAnyMode, kInfo, &C::state_code},
        {0x46, kAnyMode, kInfo, &C::read_table},
        {0x47, kAnyMode, 0, &C::accept},
        {0x48, kAnyMode, 0, &C::leave_mode},
        {0x49, kRegistration, kPrints | kNoReceipt, &C::cash_in},
        {0x4A, kRegistration, kWaits | kReceipt, &C::close_receipt},
        {0x4B, kAnyMode, kNoReceipt, &C::set_time},
        {0x4C, kAnyMode, kPaper, &C::print_line},
        {0x4D, kAnyMode, kInfo, &C::cash},
        {0x4E, kRegistration, kReceipt, &C::cannot},
        {0x4F, kRegistration, kPrints | kNoReceipt, &C::cash_out},
        {0x50, kProgramming, kNoReceipt, &C::write_table},
        {0x52, kRegistration, 0, &C::old_sale},
        {kFinishReport, kAnyMode, kPrints, &C::finish_report},
        {0x56, kAnyMode, kInfo, &C::enter_mode},
        {0x57, kRegistration, 0, &C::old_sale},
        {0x58, kAnyMode, kInfo, &C::last_shift},
        {0x59, kRegistration, kReceipt, &C::cancel_receipt},
        {kZReport, kZReports, kPaper | kNoReceipt, &C::z_report},
        {0x64, kAnyMode, kNoReceipt, &C::set_date},
        {0x67, kXReports, kPaper | kNoReceipt, &C::x_report},
        {0x6B, kSelection, kNoReceipt, &C::init_tables},
        {0x6C, kAnyMode, kPaper, &C::accept},
        {0x6D, kSelection, 0, &C::licence},
        {0x71, kSelection, kNoReceipt, &C::init_tables},
        {0x73, kXReports, kPaper, &C::accept},
        {0x74, kAnyMode, kInfo, &C::licence},
        {0x75, kAnyMode, kPaper, &C::accept_all},
        {0x77, kZReports, kNoReceipt, &C::init_tables},
        {0x80, kAnyMode, 0, &C::accept},
        {0x82, kSelection, kPaper, &C::accept_all},
        {0x85, kAnyMode, 0, &C::accept_all},
        {0x87, kAnyMode, kPaper, &C::print_field},
        {0x88, kAnyMode, 0, &C::accept_all},
        {0x8D, kAnyMode, kPaper, &C::stored_picture},
        {0x8E, kAnyMode, kPaper, &C::picture_row},
        {0x8F, kAnyMode, kPaper, &C::raw_data},
        {kReadRegister, kAnyMode, kInfo, &C::register_value},
        {0x92, kRegistration, 0, &C::open_receipt},
        {0x95, kAnyMode, kPrints | kNoReceipt, &C::repeat_document},
        {0x97, kAnyMode, kNoReceipt, &C::no_reports},
        {0x99, kRegistration, kReceipt, &C::pay},
        {0x9A, kRegistration, kPrints | kNoReceipt, &C::open_shift},
        {0x9B, kRegistration, kReceipt, &C::take_back},
        {0x9D, kAnyMode, kInfo, &C::version},
        {kFnCommand, kAnyMode, kInfo, &C::fn},
        {0xA5, kAnyMode, kInfo, &C::device_type},
        {0xA8, kFnAccess, kPaper, &C::accept},
        {0xB3, kAnyMode, kInfo, &C::last_error},
        {0xB8, kRegistration, kReceipt, &C::receipt_tax},
        {0xC1, kAnyMode, kPaper, &C::barcode},
        {0xC2, kAnyMode, kPaper, &C::barcode_rest},
        {0xCE, kAnyMode, kInfo, &C::reboot},
        {0xE6, kRegistration, kReceipt, &C::old_item},
        {0xE8, kAnyMode, 0, &C::write_requisite},
        {0xE9, kAnyMode, kInfo, &C::read_requisite},
        {0xEA, kRegistration, kReceipt, &C::begin_item},
        {0xEB, kRegistration, kReceipt, &C::finish_item},
        {0xED, kSelection, kNoReceipt, &C::set_date_time},
    };
    return kRules;
}

const Commands::Rule* Commands::find_rule(std::uint8_t code)
{
    const auto& all = rules();
    const auto at = std::find_if(all.begin(), all.end(), [code](const Rule& r) { return r.code == code; });
    return at == all.end() ? nullptr : &*at;
}

Reply Commands::refusal(std::uint8_t error, std::uint8_t more) { return {{0x55, error, more}, false, false}; }

Reply Commands::out_of_paper(BytesView request)
{
    last_error_ = {0x67};
    if (request.size() > kPasswordSize)
        extended_command_ = extended_error_ = 0;
    return refusal(0x67);
}

std::optional<Reply> Commands::execute(BytesView request)
{
    command_ = request.size() > kPasswordSize ? request[kPasswordSize] : std::uint8_t{0};
    unprinted_ = false;
    const Rule* rule = find_rule(command_);
    Done done = answer_to(request, rule);
    if (!kkt_.powered())
        return std::nullopt;
    if (!done)
        last_error_ = done.error();
    // Reading the extended error leaves it as it is, every other command overwrites it.
    const bool asks_error = command_ == kReadRegister && request.size() > kPasswordSize + 1 &&
                            request[kPasswordSize + 1] == kExtendedRegister;
    if (!asks_error) {
        extended_error_ = done ? std::uint16_t{0} : done.error().extended;
        extended_command_ = extended_error_ == 0 ? std::uint16_t{0} : command_;
    }
    if (!done)
        return refusal(done.error().code);
    return Reply{std::move(*done), true, (rule->flags & kWaits) != 0 && !unprinted_};
}

Commands::Done Commands::answer_to(BytesView request, const Rule* rule)
{
    if (request.size() <= kPasswordSize)
        return error(0x14);
    In in(request);
    if (in.be(kPasswordSize) != options_.access_password)
        return error(0x8C);
    in.u8();
    return rule == nullptr ? Done(error(0x7A)) : dispatch(*rule, in);
}

std::optional<Commands::Refused> Commands::forbidden(const Rule& rule) const
{
    const std::uint8_t now = mode();
    const unsigned sub = now >> 4U;
    const bool info = (rule.flags & kInfo) != 0;
    if (z_interrupted() && !info && rule.code != kZReport && rule.code != kFinishReport)
        return Refused{0x1A};
    if (sub != 0 && (now & 0x0FU) != 1 && !info) // a report is under way
        return Refused{0x66};
    if ((rule.modes & in_mode(mode_)) == 0)
        return Refused{0x66};
    if ((rule.flags & kReceipt) != 0 && !kkt_.receipt())
        return Refused{0x9A};
    if ((rule.flags & kNoReceipt) != 0 && kkt_.receipt())
        return Refused{0x9B};
    return std::nullopt;
}

Commands::Done Commands::dispatch(const Rule& rule, In& in)
{
    if (const auto no = forbidden(rule))
        return tl::unexpected(*no);
    if ((rule.flags & kPaper) != 0 && (!kkt_.paper_present() || kkt_.cover_open()))
        return error(0x67);
    if ((rule.flags & kInfo) == 0 && rule.code != kZReport && rule.code != kFinishReport)
        go_on_printing();
    return (this->*rule.handler)(in);
}

std::uint8_t Commands::mode() const
{
    const bool prints = kkt_.printing() == Printing::busy;
    const Instant now = kkt_.steady();
    if (report_ == Report::x && prints)
        return 0x22;
    if (report_ == Report::z && !z_interrupted()) {
        if (prints)
            return 0x23;
        if (now < report_until_)
            return 0x17;
    }
    if (mode_ == 1 && kkt_.receipt() && paid() != 0)
        return 0x41;
    return mode_;
}

std::uint8_t Commands::code_of(const Refusal& refusal) const
{
    switch (refusal.why) {
    case Why::shift_is_open:
        return 0x9C;
    case Why::shift_is_closed:
        return 0x8F;
    case Why::shift_expired:
        return 0x88;
    case Why::receipt_is_open:
        return 0x9B;
    case Why::receipt_is_closed:
        return 0x9A;
    case Why::other_operation:
    case Why::other_operator:
        return 0x66;
    case Why::no_paper:
    case Why::waits_for_continue:
        return 0x67;
    case Why::still_printing:
        return kStillBusy;
    case Why::payments_short:
        return options_.short_is_72 ? 0x72 : 0x86;
    case Why::cashless_too_big:
        return 0x71;
    case Why::zero_total:
        return 0x08;
    case Why::no_cash:
        return 0x98;
    case Why::bad_value:
        return 0x81;
    case Why::too_long:
        return 0x3F;
    case Why::fn_wrong_state:
        return 0xD4;
    case Why::fn_expired:
        return 0xD7;
    case Why::fn_full:
        return 0xD8;
    case Why::ofd_wait_exceeded:
        return 0xEB;
    case Why::clock_behind_fn:
        return 0x20;
    case Why::clock_jumped:
        return 0xF1;
    case Why::no_data:
        return 0xDA;
    case Why::nothing_to_repeat:
        return 0xAA;
    case Why::powered_off:
        return 0xE6;
    }
    return 0x13;
}

// The mode is lost with the power; whether an open receipt is depends on the model.
void Commands::power_up()
{
    mode_ = 0;
    user_ = 0;
    report_ = Report::none;
    item_.reset();
    up_since_ = kkt_.steady();
    next_document_.clear();
    carried_.clear();
    blocks_.clear();
    blocks_expected_ = 0;
    tlv_rest_.clear();
    date_to_confirm_.reset();
    barcode_open_ = false;
    last_error_ = {0};
    extended_command_ = extended_error_ = 0;
    if (!options_.keeps_receipt && kkt_.receipt())
        static_cast<void>(kkt_.cancel_receipt());
}

Commands::Done Commands::accept(In& in)
{
    const std::uint8_t wrong = in.error();
    return wrong != 0 ? Done(error(wrong)) : Done(done());
}

Commands::Done Commands::accept_all(In&) { return done(); }
Commands::Done Commands::cannot(In&) { return error(0x7A); }

// mode | password, four bytes of digits
Commands::Done Commands::enter_mode(In& in)
{
    const std::uint8_t wanted = in.u8();
    const std::uint64_t password = in.bcd(4);
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    const bool finishes_z = z_interrupted() && wanted == 3;
    if (z_interrupted() && !finishes_z)
        return error(0x1A);
    if (mode() != 0 && !finishes_z)
        return error(0x66);
    if (wanted == 0 || wanted > 6)
        return error(0xAB);
    const std::uint8_t user = tables_.user_of(password);
    // Unverified: cashiers register, the administrator also takes reports, everything else is the system's.
    const bool may = user == 30 || (user == 29 && wanted <= 3) || (user != 0 && wanted == 1);
    if (!may)
        return error(0x8C);
    mode_ = wanted;
    user_ = user;
    report_ = Report::none;
    return done();
}

Commands::Done Commands::leave_mode(In& in)
{
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if (kkt_.receipt() && mode_ == 1)
        return error(0x9B);
    mode_ = 0;
    report_ = Report::none;
    return done();
}

// Unverified: what the byte selects; 41h restarts the register.
Commands::Done Commands::reboot(In& in)
{
    const std::uint8_t what = in.u8();
    if (const std::uint8_t wrong = in.error(); wrong != 0)
        return error(wrong);
    if (what != 0x41)
        return error(0x7A);
    reboot_ = true;
    return done();
}

} // namespace kb::emulator::atol
