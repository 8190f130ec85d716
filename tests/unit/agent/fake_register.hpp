// A register inside the test: an FN in memory behind the Driver interface, with faults on demand.
#pragma once

#include "drivers/driver.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace kb::agent::test {

/// What survives a reconnection: the register itself. The test changes it between steps.
struct Register {
    std::string kkt_serial = "0000000001011546";
    std::string fn_serial = "9999078900001234";
    std::uint32_t last_fd = 0;
    bool plugged = true;
    int cable = 0; ///< changed: plugged in elsewhere, lines opened before are dead
    bool receipt_open = false;
    int fn_questions_in_receipt = 0;
    bool without_fn = false;
    std::optional<Errc> half_printed; ///< no_paper or waits_for_continue: only records can be had
    bool gives_records = true;        ///< while a document is half printed
    int refused_readings = 0;         ///< so many documents are refused: the next receipt had just begun
    bool hangs = false;               ///< reading a document never ends by itself
    std::set<std::uint32_t> unsound;  ///< answered with something that is no document
    std::uint32_t replaced_at = 0; ///< with the short record of this number another FN sits in it, unnoticed
    std::multiset<std::uint32_t> read;    ///< which documents were asked for
    std::multiset<std::uint32_t> records; ///< of which the short record
    int connections = 0;
};

class FakeDriver : public Driver {
public:
    FakeDriver(asio::any_io_executor executor, Register& device)
        : device_(device),
          cable_(device.cable),
          hanging_(std::move(executor))
    {
        ++device_.connections;
    }

    [[nodiscard]] Capabilities capabilities() const override
    {
        Capabilities can;
        can.full_documents = true;
        return can;
    }
    Task<fiscal::DeviceInfo> identify() override
    {
        fiscal::DeviceInfo info;
        info.kkt_serial = device_.kkt_serial;
        info.model = "ТЕСТ-Ф";
        co_return checked(std::move(info));
    }
    Task<fiscal::DeviceStatus> status() override
    {
        fiscal::DeviceStatus status;
        status.mode = device_.receipt_open ? fiscal::DeviceStatus::Mode::receipt_open
                                           : fiscal::DeviceStatus::Mode::shift_open;
        status.may_read_archive = !device_.receipt_open && !device_.half_printed;
        status.may_read_records = !device_.receipt_open;
        status.paper =
            device_.half_printed == Errc::no_paper ? fiscal::Paper::absent : fiscal::Paper::present;
        status.waits_for_continue = device_.half_printed == Errc::waits_for_continue;
        co_return checked(status);
    }
    Task<fiscal::ShiftState> shift_state() override { co_return checked(fiscal::ShiftState{}); }
    Task<fiscal::FnStatus> fn_status(bool /*complete*/) override
    {
        fiscal::FnStatus fn;
        fn.fn_serial = device_.fn_serial;
        asked_fn_ = device_.fn_serial;
        device_.fn_questions_in_receipt += device_.receipt_open ? 1 : 0;
        if (device_.without_fn) {
            co_return fail(Errc::device_refused, "no FN", Outcome::refused, 1);
        }
        fn.last_fd_number = device_.last_fd;
        co_return checked(std::move(fn));
    }
    Task<fiscal::OfdStatus> ofd_status() override { co_return checked(fiscal::OfdStatus{}); }
    Task<fiscal::SdCard> sd_card() override { co_return fail(Errc::unsupported, "no card"); }
    Task<LocalSeconds> clock() override { co_return checked(*local_from_text("2024-03-01T09:15:00")); }
    Task<void> set_clock(LocalSeconds /*time*/) override { co_return fail(Errc::unsupported, "no"); }
    Task<Kopecks> cash_in_drawer() override { co_return fail(Errc::unsupported, "no"); }
    Task<fiscal::FiscalDocument> read_short_record(std::uint32_t fd_number) override
    {
        device_.records.insert(fd_number);
        if (device_.half_printed && !device_.gives_records) {
            co_return fail(Errc::wrong_mode, "not in this sub-mode", Outcome::refused);
        }
        auto document = make(fd_number);
        if (fd_number == device_.replaced_at) {
            device_.fn_serial = "9999078900005678";
            device_.last_fd = fd_number;
        }
        document.fn_serial = asked_fn_; // the record does not say it
        document.form = fiscal::DocumentForm::short_record;
        document.raw = {3, 0, 1};
        co_return checked(std::move(document));
    }
    Task<fiscal::FiscalDocument> read_document(std::uint32_t fd_number) override
    {
        device_.read.insert(fd_number);
        if (device_.hangs) {
            boost::system::error_code ignored;
            hanging_.expires_at(std::chrono::steady_clock::time_point::max());
            co_await hanging_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            co_return fail(Errc::cancelled, "stopped");
        }
        if (device_.receipt_open) {
            co_return fail(Errc::wrong_mode, "a receipt is open");
        }
        if (device_.refused_readings > 0) {
            --device_.refused_readings;
            co_return fail(Errc::wrong_mode, "a receipt has just been opened");
        }
        if (device_.half_printed) {
            co_return fail(*device_.half_printed, "a document is half printed");
        }
        if (device_.unsound.contains(fd_number)) {
            co_return fail(Errc::bad_tlv, "no TLV");
        }
        co_return checked(make(fd_number));
    }
    Task<std::optional<fiscal::FiscalDocument>> last_document() override
    {
        co_return checked(std::optional(make(device_.last_fd)));
    }
    void cancel() override { hanging_.cancel(); }

private:
    template <class T>
    Result<T> checked(T value)
    {
        if (!device_.plugged || cable_ != device_.cable) {
            return fail(Errc::port_lost, "unplugged", Outcome::unknown);
        }
        return value;
    }
    [[nodiscard]] fiscal::FiscalDocument make(std::uint32_t fd_number) const
    {
        fiscal::FiscalDocument document;
        document.fn_serial = device_.fn_serial;
        document.fd_number = fd_number;
        document.type = fiscal::DocumentType::receipt;
        document.datetime = *local_from_text("2024-03-01T09:15:00") + std::chrono::seconds(fd_number);
        document.fiscal_sign = fd_number * 7;
        document.raw = {3, 0, 1, 0, static_cast<std::uint8_t>(fd_number)};
        return document;
    }

    Register& device_;
    int cable_;
    std::string asked_fn_;
    asio::steady_timer hanging_;
};

} // namespace kb::agent::test
