// Requests as a caller's, filled in, and the documents that come of them.
#pragma once

#include "drivers/emulator/virtual_kkt.hpp"
#include "protocol/fiscal/document.hpp"
#include "protocol/fiscal/request.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>

namespace kb::test {

inline fiscal::Request request_of(fiscal::RequestKind kind)
{
    fiscal::Request request;
    request.kind = kind;
    return request;
}

inline fiscal::Position position(const char* name, std::int64_t price, const char* quantity,
                                 std::uint8_t vat_rate = 1)
{
    fiscal::Position out;
    out.item.name = name;
    out.item.price = Kopecks{price};
    out.item.quantity = Quantity::from_text(quantity).value();
    out.item.sum = cost(*out.item.price, *out.item.quantity).value();
    out.item.vat_rate = vat_rate;
    out.item.payment_method = 4;
    out.item.item_kind = 1;
    return out;
}

/// A receipt of these positions, paid in cash.
inline fiscal::Request receipt_of(fiscal::Operation operation, std::vector<fiscal::Position> positions)
{
    fiscal::Request request = request_of(fiscal::RequestKind::receipt);
    fiscal::ReceiptRequest& receipt = request.receipt.emplace();
    receipt.operation = operation;
    receipt.positions = std::move(positions);
    std::int64_t total = 0;
    for (const fiscal::Position& each : receipt.positions)
        total += each.item.sum->count();
    receipt.receipt.payments.cash = Kopecks{total};
    return request;
}

inline fiscal::Request coffee() { return receipt_of(fiscal::Operation::sell, {position("Кофе", 1800, "1")}); }

/// The document as the register's drive holds it.
inline fiscal::Document document_of(const emulator::VirtualKkt& kkt, std::uint32_t fd_number)
{
    const emulator::FnDocument* head = kkt.fn().find(fd_number);
    if (head == nullptr)
        throw std::runtime_error("the FN has no document " + std::to_string(fd_number));
    const BytesView body = kkt.body(fd_number);
    ByteWriter whole;
    whole.u16(head->type).u16(static_cast<std::uint16_t>(body.size())).bytes(body);
    return fiscal::decode(whole.view()).value();
}

inline bool printed(const emulator::VirtualKkt& kkt, const std::string& text)
{
    for (const std::string& line : kkt.strip())
        if (line.find(text) != std::string::npos)
            return true;
    return false;
}

} // namespace kb::test
