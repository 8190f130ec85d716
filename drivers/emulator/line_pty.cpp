// A virtual register as a serial port: a pty behind a symbolic link that is renewed after each hang-up.
#include "drivers/emulator/line.hpp"
#include "drivers/emulator/pty_posix.hpp"

#include <array>
#include <optional>

namespace kb::emulator {

namespace {

constexpr auto kNobodyPause =
    std::chrono::milliseconds{20};                         // a master without a slave is always "ready": wait
constexpr auto kAwayTime = std::chrono::milliseconds{500}; // from a hang-up to the new port

class PtyWire final : public Wire {
public:
    PtyWire(asio::io_context& context, Line& line, std::string path)
        : line_(line),
          path_(std::move(path)),
          master_(context),
          timer_(context)
    {}
    ~PtyWire() override { remove_link(path_); }

    void start() override
    {
        const PtyMaster opened = open_pty();
        slave_ = opened.slave;
        master_.assign(opened.file);
        renew_link(path_, slave_);
        line_.linked();
        read();
    }

    void write(BytesView bytes) override
    {
        // A full pty means that nobody reads: what does not fit is lost, as on a real line.
        boost::system::error_code lost;
        if (master_.is_open())
            master_.write_some(asio::buffer(bytes.data(), bytes.size()), lost);
    }

    void hang_up() override
    {
        boost::system::error_code ignored;
        remove_link(path_);
        master_.close(ignored);
        baud_.reset();
        come_back_after(kAwayTime);
    }

    void plug(bool in) override
    {
        plugged_ = in;
        if (in && !master_.is_open())
            come_back_after(std::chrono::milliseconds{0});
    }

    [[nodiscard]] std::uint32_t host_baud() const override { return baud_.value_or(115200); }
    [[nodiscard]] bool has_client() const override { return linked_; }
    [[nodiscard]] std::string name() const override { return "pty:" + path_ + " -> " + slave_; }

private:
    void come_back_after(std::chrono::milliseconds pause)
    {
        timer_.expires_after(pause);
        timer_.async_wait(lifeline_.guard([this](boost::system::error_code cancelled) {
            if (!cancelled && plugged_)
                start();
        }));
    }

    void read()
    {
        master_.async_read_some(
            asio::buffer(buffer_),
            lifeline_.guard([this](boost::system::error_code failed, std::size_t size) {
                if (failed == asio::error::operation_aborted || !master_.is_open())
                    return;
                if (failed) { // EIO: the host has closed its end
                    linked_ = false;
                    timer_.expires_after(kNobodyPause);
                    timer_.async_wait(lifeline_.guard([this](boost::system::error_code cancelled) {
                        if (!cancelled && master_.is_open())
                            read();
                    }));
                    return;
                }
                if (!linked_) {
                    linked_ = true;
                    line_.linked();
                }
                // Asked anew at every read: a host may change the speed at any time.
                baud_ = pty_baud(master_.native_handle());
                line_.received(Bytes(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(size)));
                if (master_.is_open())
                    read();
            }));
    }

    Line& line_;
    std::string path_;
    std::string slave_;
    asio::posix::stream_descriptor master_;
    asio::steady_timer timer_;
    std::array<std::uint8_t, 4096> buffer_{};
    bool linked_ = false;
    bool plugged_ = true;
    std::optional<std::uint32_t> baud_;
    Lifeline lifeline_;
};

} // namespace

std::unique_ptr<Wire> make_pty_wire(asio::io_context& context, Line& line, const std::string& path)
{
    return std::make_unique<PtyWire>(context, line, path);
}

} // namespace kb::emulator
