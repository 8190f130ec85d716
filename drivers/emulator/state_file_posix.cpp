#include "drivers/emulator/state_file.hpp"
#include "protocol/core/crc.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace kb::emulator {

namespace {

constexpr std::size_t kHeader = 7;
constexpr std::size_t kBulkFlush = 4U << 20U;

std::string reason() { return std::strerror(errno); }

} // namespace

Result<std::unique_ptr<StateFile>> StateFile::open(const std::string& path)
{
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644); // NOLINT: POSIX is variadic
    if (file < 0)
        return fail(Errc::storage_failed, "state file " + path + ": " + reason());
    std::unique_ptr<StateFile> out(new StateFile(file, path));
    if (::flock(file, LOCK_EX | LOCK_NB) != 0)
        return fail(Errc::port_busy, "state file " + path + ": another emulator holds it");
    return out;
}

StateFile::~StateFile()
{
    if (!pending_.empty())
        static_cast<void>(::write(file_, pending_.data(), pending_.size()));
    ::close(file_);
}

bool StateFile::replay(VirtualKkt& kkt, Kind kind, BytesView payload, std::string& last_state)
{
    VirtualFn& fn = kkt.fn_for_loading();
    ByteReader in(payload);
    switch (kind) {
    case Kind::document: {
        FnDocument head;
        head.type = in.u8();
        head.operation = in.u8();
        head.number = in.u16();
        head.at = in.u32();
        head.sign = in.u32();
        head.sum = in.u64();
        const std::uint32_t size = in.u32();
        const BytesView body = in.take(size);
        if (in.overrun())
            return false;
        fn.append(head, body);
        if (in.left() != 0)
            last_state = as_text(in.rest());
        return true;
    }
    case Kind::state:
        last_state = as_text(payload);
        return true;
    case Kind::tickets: {
        const std::uint32_t through = in.u32();
        fn.give_tickets_through(through, from_ffd_unixtime(in.u32()));
        return !in.overrun();
    }
    case Kind::forgotten:
        fn.forget_bodies_through(in.u32());
        return !in.overrun();
    case Kind::new_fn:
        fn.clear();
        last_state = as_text(payload);
        return true;
    }
    return false;
}

bool StateFile::is_kind(std::uint8_t byte)
{
    return byte >= static_cast<std::uint8_t>(Kind::document) &&
           byte <= static_cast<std::uint8_t>(Kind::new_fn);
}

Result<void> StateFile::load(VirtualKkt& kkt)
{
    // Nothing is cut off a file that is somebody else's, or that is hurt elsewhere than at its end.
    const auto damaged = [this](std::size_t at) {
        return fail(Errc::storage_damaged,
                    "state file " + path_ + ": no whole record of kkt-emulator at byte " +
                        std::to_string(at) + "; name another file, or remove this one for a new register");
    };
    struct stat info {};
    if (::fstat(file_, &info) != 0)
        return fail(Errc::storage_failed, "state file: " + reason());
    Bytes all(static_cast<std::size_t>(info.st_size));
    std::size_t have = 0;
    while (have < all.size()) {
        const auto got = ::pread(file_, all.data() + have, all.size() - have, static_cast<off_t>(have));
        if (got <= 0)
            return fail(Errc::storage_failed, "state file: " + reason());
        have += static_cast<std::size_t>(got);
    }
    kkt.fn_for_loading().reserve(all.size() / 500, all.size());
    std::string last_state;
    std::size_t at = 0;
    while (all.size() - at >= kHeader) {
        ByteReader head(BytesView(all).subspan(at, kHeader));
        const std::size_t size = head.u32();
        const std::uint8_t kind = head.u8();
        const std::uint16_t crc = head.u16();
        if (!is_kind(kind))
            return damaged(at);
        if (all.size() - at - kHeader < size)
            break;
        const BytesView payload = BytesView(all).subspan(at + kHeader, size);
        if (crc16_ccitt(payload) != crc || !replay(kkt, static_cast<Kind>(kind), payload, last_state))
            return damaged(at);
        at += kHeader + size;
    }
    if (at == 0 && !all.empty() && all.size() < kHeader)
        return damaged(at);
    if (at != all.size() && ::ftruncate(file_, static_cast<off_t>(at)) != 0)
        return fail(Errc::storage_failed, "state file: " + reason());
    if (::lseek(file_, 0, SEEK_END) < 0)
        return fail(Errc::storage_failed, "state file: " + reason());
    if (last_state.empty())
        return {};
    try {
        // The state's FN serial belongs to the documents just loaded; tickets and phase come from there too.
        kkt.load_state(last_state);
    } catch (const std::runtime_error& broken) {
        return fail(Errc::storage_damaged, broken.what());
    }
    return {};
}

void StateFile::flush(bool durable)
{
    std::size_t done = 0;
    while (done < pending_.size()) {
        const auto wrote = ::write(file_, pending_.data() + done, pending_.size() - done);
        if (wrote < 0 && errno != EINTR)
            throw std::runtime_error("state file: " + reason());
        done += wrote < 0 ? 0 : static_cast<std::size_t>(wrote);
    }
    pending_.clear();
    if (durable && ::fdatasync(file_) != 0)
        throw std::runtime_error("state file: " + reason());
}

void StateFile::put(Kind kind, BytesView payload, bool durable)
{
    ByteWriter out;
    out.u32(static_cast<std::uint32_t>(payload.size()))
        .u8(static_cast<std::uint8_t>(kind))
        .u16(crc16_ccitt(payload))
        .bytes(payload);
    pending_.insert(pending_.end(), out.view().begin(), out.view().end());
    if (!bulk_ || pending_.size() > kBulkFlush)
        flush(durable && !bulk_);
}

void StateFile::document(const FnDocument& head, BytesView body, const std::string& state)
{
    ByteWriter out;
    out.u8(head.type).u8(head.operation).u16(head.number).u32(head.at).u32(head.sign).u64(head.sum);
    out.u32(static_cast<std::uint32_t>(body.size())).bytes(body).bytes(as_bytes(state));
    put(Kind::document, out.view(), true);
}

// The page cache outlives a killed process, so what nobody was promised need not be synced.
void StateFile::state(const std::string& state) { put(Kind::state, as_bytes(state), false); }

void StateFile::tickets(std::uint32_t through, LocalSeconds at)
{
    ByteWriter out;
    out.u32(through).u32(to_ffd_unixtime(at));
    put(Kind::tickets, out.view(), false);
}

void StateFile::forgotten(std::uint32_t through)
{
    ByteWriter out;
    out.u32(through);
    put(Kind::forgotten, out.view(), false);
}

void StateFile::new_fn(const std::string& state) { put(Kind::new_fn, as_bytes(state), true); }

void StateFile::bulk(bool on)
{
    bulk_ = on;
    if (!on)
        flush(true);
}

} // namespace kb::emulator
