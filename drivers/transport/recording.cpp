// Writes what passes a line as an `.exchange` file.
#include "drivers/transport/recording.hpp"

#include <ostream>

namespace kb {
namespace {

using Steady = std::chrono::steady_clock;

class RecordingTransport final : public Transport {
public:
    RecordingTransport(std::unique_ptr<Transport> line, std::unique_ptr<std::ostream> file)
        : line_(std::move(line)),
          file_(std::move(file))
    {}

    Task<void> write(Bytes bytes, std::chrono::milliseconds at_most) override
    {
        put('>', bytes);
        co_return co_await line_->write(std::move(bytes), at_most);
    }

    Task<Bytes> read(std::chrono::milliseconds at_most) override
    {
        auto bytes = co_await line_->read(at_most);
        if (bytes) {
            put('<', *bytes);
        } else {
            *file_ << "# " << ms() << " ms: " << to_string(bytes.error().code) << std::endl;
        }
        co_return bytes;
    }

    Result<void> discard_input() override { return line_->discard_input(); }
    void cancel() override { line_->cancel(); }
    void close() override { line_->close(); }
    [[nodiscard]] bool is_open() const override { return line_->is_open(); }
    [[nodiscard]] std::string name() const override { return line_->name(); }

private:
    [[nodiscard]] long long ms() const
    {
        return std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - start_).count();
    }

    void put(char direction, BytesView bytes)
    {
        *file_ << direction;
        for (const std::uint8_t byte : bytes) {
            *file_ << ' ' << to_hex(BytesView(&byte, 1));
        }
        // Flushed at once: a trace is wanted most when the program does not live to close it.
        *file_ << "  # " << ms() << " ms" << std::endl;
    }

    std::unique_ptr<Transport> line_;
    std::unique_ptr<std::ostream> file_;
    Steady::time_point start_ = Steady::now();
};

} // namespace

std::unique_ptr<Transport> record(std::unique_ptr<Transport> line, std::unique_ptr<std::ostream> file,
                                  const std::string& head)
{
    *file << head;
    return std::make_unique<RecordingTransport>(std::move(line), std::move(file));
}

} // namespace kb
