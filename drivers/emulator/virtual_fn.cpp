#include "drivers/emulator/virtual_fn.hpp"

#include <algorithm>

namespace kb::emulator {

namespace {

constexpr auto kBodyKept = std::chrono::days{30};

} // namespace

void VirtualFn::clear()
{
    documents_.clear();
    bodies_.clear();
    tickets_through_ = 0;
    declared_full = false;
    phase = 3;
    registrations = 1;
}

const FnDocument* VirtualFn::find(std::uint32_t fd_number) const
{
    return fd_number == 0 || fd_number > documents_.size() ? nullptr : &documents_[fd_number - 1];
}

BytesView VirtualFn::body(std::uint32_t fd_number, LocalSeconds now) const
{
    const FnDocument* document = find(fd_number);
    if (document == nullptr || document->size == 0)
        return {};
    if (document->ticket_at != 0 && now - from_ffd_unixtime(document->ticket_at) > kBodyKept)
        return {};
    return BytesView(bodies_).subspan(document->offset, document->size);
}

void VirtualFn::append(FnDocument head, BytesView body)
{
    head.offset = bodies_.size();
    head.size = static_cast<std::uint32_t>(body.size());
    bodies_.insert(bodies_.end(), body.begin(), body.end());
    documents_.push_back(head);
}

void VirtualFn::reserve(std::size_t documents, std::size_t bytes)
{
    documents_.reserve(documents);
    bodies_.reserve(bytes);
}

void VirtualFn::give_tickets_through(std::uint32_t fd_number, LocalSeconds at)
{
    const auto until = std::min(fd_number, last_fd());
    for (; tickets_through_ < until; ++tickets_through_)
        documents_[tickets_through_].ticket_at = to_ffd_unixtime(at);
}

void VirtualFn::forget_bodies_through(std::uint32_t fd_number)
{
    for (std::uint32_t i = 0; i < std::min(fd_number, last_fd()); ++i)
        documents_[i].size = 0;
}

std::uint32_t VirtualFn::days_left(LocalSeconds now) const
{
    const auto left = std::chrono::floor<std::chrono::days>(expires - now).count();
    return left <= 0 ? 0 : static_cast<std::uint32_t>(left);
}

bool VirtualFn::ofd_waited_over(int days, LocalSeconds now) const
{
    const FnDocument* oldest = find(tickets_through_ + 1);
    return oldest != nullptr && now - oldest->datetime() > std::chrono::days{days};
}

std::uint8_t VirtualFn::warnings(LocalSeconds now) const
{
    unsigned flags = 0;
    const auto left = days_left(now);
    if (left <= 3)
        flags |= 1U;
    if (left <= 30)
        flags |= 2U;
    // Unverified: 99 % by the later texts, 90 % by the early ones.
    if (declared_full || last_fd() >= capacity - capacity / 100)
        flags |= 4U;
    // Unverified: five days is what people say; the documents give no number.
    if (ofd_waited_over(5, now))
        flags |= 8U;
    return static_cast<std::uint8_t>(flags);
}

} // namespace kb::emulator
