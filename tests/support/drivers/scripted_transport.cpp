#include "tests/support/drivers/scripted_transport.hpp"

namespace kb::test {

bool ScriptedTransport::lost()
{
    if (options_.lost_at == log_.steps) {
        open_ = false;
    }
    ++log_.steps;
    return !open_;
}

Task<void> ScriptedTransport::write(Bytes bytes, std::chrono::milliseconds)
{
    if (lost()) {
        co_return fail(Errc::port_lost, "script: line cut", Outcome::unknown);
    }
    log_.written.insert(log_.written.end(), bytes.begin(), bytes.end());
    for (const std::uint8_t byte : bytes) {
        if (at_ == script_.size() || !script_[at_].from_host || script_[at_].bytes[offset_] != byte) {
            if (log_.mismatch.empty()) {
                log_.mismatch =
                    "line " + std::to_string(at_ + 1) + " of the script: the driver wrote " + to_hex(bytes);
                log_.mismatch += at_ == script_.size() ? ", the script is over"
                                 : script_[at_].from_host
                                     ? ", expected " + to_hex(script_[at_].bytes)
                                     : ", the device was to say " + to_hex(script_[at_].bytes);
            }
            open_ = false;
            co_return fail(Errc::port_lost, "script: " + log_.mismatch, Outcome::unknown);
        }
        if (++offset_ == script_[at_].bytes.size()) {
            ++at_;
            offset_ = 0;
        }
    }
    note_end();
    co_return Result<void>{};
}

Task<Bytes> ScriptedTransport::read(std::chrono::milliseconds)
{
    if (lost()) {
        co_return fail(Errc::port_lost, "script: line cut", Outcome::unknown);
    }
    if (at_ == script_.size() || script_[at_].from_host) {
        ++log_.timeouts;
        co_return fail(Errc::no_answer, "script: silence", Outcome::unknown);
    }
    const Bytes& line = script_[at_].bytes;
    const std::size_t count = options_.byte_by_byte ? 1 : line.size() - offset_;
    const auto first = line.begin() + static_cast<std::ptrdiff_t>(offset_);
    Bytes bytes(first, first + static_cast<std::ptrdiff_t>(count));
    offset_ += count;
    if (offset_ == line.size()) {
        ++at_;
        offset_ = 0;
    }
    note_end();
    co_return bytes;
}

Result<void> ScriptedTransport::discard_input()
{
    if (!open_) {
        return fail(Errc::port_lost, "script: line cut");
    }
    while (at_ < script_.size() && !script_[at_].from_host) {
        ++at_;
        offset_ = 0;
    }
    note_end();
    return {};
}

} // namespace kb::test
