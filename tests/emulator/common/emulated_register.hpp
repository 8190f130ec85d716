// Every vendor's emulated registers in all the ways they can be reached: the common scenarios run over each
// of them, so a new vendor's driver is tested without a line of its own.
#pragma once

#include "drivers/asio.hpp"
#include "drivers/emulator/faults.hpp"
#include "drivers/emulator/virtual_kkt.hpp"
#include "drivers/transport/port_url.hpp"
#include "drivers/vendor.hpp"
#include "protocol/fiscal/device_state.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kb::test {

/// A register in this process, on the test's own io_context.
class EmulatedRegister {
public:
    virtual ~EmulatedRegister() = default;
    virtual emulator::VirtualKkt& kkt() = 0;
    virtual emulator::Faults& faults() = 0;
    virtual void hang_up() = 0;
    virtual void power_on() = 0;
    [[nodiscard]] virtual PortUrl url() const = 0;
    /// Rings one plausible sale by the keypad, whatever the register is doing.
    virtual void ring() = 0;
};

/// The faults of a line take their time: not every model need show that it bears them.
enum class Scope { all, reading_and_selling };

struct Way {
    std::string name;    ///< "shtrih v1 over a pty"
    std::string family;  ///< as the register is known by
    std::string model{}; ///< that the driver must tell; empty: any
    bool sd_card = true;
    fiscal::FfdVersion ffd = fiscal::FfdVersion::v1_2; ///< that the driver must tell
    bool ffd_assumed = false;                          ///< ... as what it takes the register for
    std::string kkt_serial{}; ///< that the driver must tell; empty: the register's own
    Scope scope = Scope::all;
    std::function<std::unique_ptr<EmulatedRegister>(asio::io_context&)> start;
    std::string configured_family = "auto"; ///< as `family` in the configuration
    DriverOptions options;
    bool firmware_date = true; ///< the register tells the date of its firmware
    /// The drive may be read while a strip waits for its paper: nothing has to be "continued" first.
    bool reads_without_paper = false;
    /// A reading that was broken off is ended by the driver; false: there is no command for it, the drive
    /// forgets it at the next thing it is asked.
    bool ends_readings = true;
    bool prints = false; ///< the driver carries out requests
    std::string
        closing_command{}; ///< that makes a receipt final, as faults name it; empty: none can be named
    bool raw_line = true;  ///< the driver sees the bytes of the line: there are some to lose and to turn over
};

/// The rows of vendors.def: each vendor defines `std::vector<Way> <vendor>_ways()` in tests/emulator/common.
const std::vector<Way>& all_ways();

/// A ШТРИХ-М-02Ф that speaks v1, with numbers of its own: for tests of several registers.
std::unique_ptr<EmulatedRegister> emulated_shtrih(asio::io_context& io, const std::string& listen,
                                                  const std::string& kkt_serial,
                                                  const std::string& fn_serial);

/// An address for a line of this test: "pty:<a new path in a temporary folder>" or "tcp:127.0.0.1:<a free
/// port>".
std::string new_pty_address();
std::string new_tcp_address();
/// The host's spelling of an address given to a line.
PortUrl url_of(const std::string& listen);

/// Who a register of these tests is.
emulator::Identity test_identity(const std::string& kkt_serial);

} // namespace kb::test
