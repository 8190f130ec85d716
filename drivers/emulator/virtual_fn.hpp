// The memory of a virtual fiscal drive: its documents, their tickets, and how long it keeps their bodies.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/time.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kb::emulator {

/// The short record of a document, as the FN keeps it for five years, and where its body lies.
struct FnDocument {
    std::uint8_t type = 0; ///< 1, 2, 3, 5, 6, 11, 21, 31
    std::uint8_t operation = 0;
    std::uint16_t number = 0; ///< shift of 2 and 5, reason of 11
    std::uint32_t at = 0;     ///< FFD unixtime, whole minutes
    std::uint32_t sign = 0;
    std::uint32_t ticket_at = 0; ///< 0: no ticket yet
    std::uint64_t sum = 0;       ///< receipts: kopecks; 21: unsent documents
    std::uint64_t offset = 0;    ///< of the body in the store
    std::uint32_t size = 0;      ///< of the body; 0: dropped

    [[nodiscard]] LocalSeconds datetime() const { return from_ffd_unixtime(at); }
};

/// Documents are numbered 1.. without gaps; tickets come in order.
class VirtualFn {
public:
    std::string serial;
    std::uint8_t phase = 3; ///< docs/sources.md#ffd, section 6.1
    std::uint32_t capacity = 250'000;
    std::uint8_t registrations = 1;
    bool declared_full = false;
    LocalSeconds expires{}; ///< its keys' last day

    /// Empty again, under another serial number.
    void clear();

    [[nodiscard]] std::uint32_t last_fd() const { return static_cast<std::uint32_t>(documents_.size()); }
    /// nullptr when there is no such number.
    [[nodiscard]] const FnDocument* find(std::uint32_t fd_number) const;
    /// Inner TLVs; empty when the body was dropped, or is more than 30 days past its ticket at `now`.
    [[nodiscard]] BytesView body(std::uint32_t fd_number, LocalSeconds now) const;

    void append(FnDocument head, BytesView body);
    void reserve(std::size_t documents, std::size_t bytes);

    [[nodiscard]] std::uint32_t tickets_through() const { return tickets_through_; }
    [[nodiscard]] std::uint32_t unsent() const { return last_fd() - tickets_through_; }
    void give_tickets_through(std::uint32_t fd_number, LocalSeconds at);
    void forget_bodies_through(std::uint32_t fd_number);

    [[nodiscard]] bool full() const { return declared_full || last_fd() >= capacity; }
    [[nodiscard]] std::uint32_t days_left(LocalSeconds now) const;
    /// The oldest document without ticket has waited longer than this many days.
    [[nodiscard]] bool ofd_waited_over(int days, LocalSeconds now) const;
    /// docs/sources.md#ffd, section 6.3.
    [[nodiscard]] std::uint8_t warnings(LocalSeconds now) const;

private:
    std::vector<FnDocument> documents_;
    Bytes bodies_;
    std::uint32_t tickets_through_ = 0;
};

} // namespace kb::emulator
