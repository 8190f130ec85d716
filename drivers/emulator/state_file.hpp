// The file that outlives the emulator: an append-only log, each record whole or not there. A log and not
// SQLite, since the emulator needs no queries, a full FN must load in a second, and a torn tail is simply cut
// off.
#pragma once

#include "drivers/emulator/virtual_kkt.hpp"

#include <memory>
#include <string>

namespace kb::emulator {

// Record: size u32 of the payload | kind u8 | CRC-16 u16 of the payload | payload
class StateFile final : public Store {
public:
    /// Opens or creates the file and takes it exclusively; a torn tail is cut off.
    static Result<std::unique_ptr<StateFile>> open(const std::string& path);
    ~StateFile() override;
    StateFile(const StateFile&) = delete;
    StateFile& operator=(const StateFile&) = delete;

    /// Replays the log into the machine. Errc::storage_damaged when the file is not such a log, or is hurt
    /// before its end: it is left as it is.
    Result<void> load(VirtualKkt& kkt);

    void document(const FnDocument& head, BytesView body, const std::string& state) override;
    void state(const std::string& state) override;
    void tickets(std::uint32_t through, LocalSeconds at) override;
    void forgotten(std::uint32_t through) override;
    void new_fn(const std::string& state) override;
    void bulk(bool on) override;

private:
    enum class Kind : std::uint8_t { document = 1, state = 2, tickets = 3, forgotten = 4, new_fn = 5 };

    StateFile(int file, std::string path) : file_(file), path_(std::move(path)) {}
    static bool is_kind(std::uint8_t byte);
    void put(Kind kind, BytesView payload, bool durable);
    void flush(bool durable);
    static bool replay(VirtualKkt& kkt, Kind kind, BytesView payload, std::string& last_state);

    int file_;
    std::string path_;
    Bytes pending_;
    bool bulk_ = false;
};

} // namespace kb::emulator
