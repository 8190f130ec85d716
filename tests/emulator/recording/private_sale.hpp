// A sale with data of everybody in it, and the search for them in bytes.
#pragma once

#include "drivers/emulator/tlv_out.hpp"
#include "protocol/fiscal/ffd_tags.hpp"
#include "tests/emulator/common/emulated_register.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace kb::test {

// What must not be in a recording, as a person would read it.
inline const std::string kCashier = "Кассирова Зинаида";
inline const std::string kBuyer = "Покупаткин Юрий";
inline const std::string kPayer = "договор Жильцова"; // in the name of what was sold
inline const std::string kSupplier = "Поставщиков Игнат";
inline const std::string kUser = "Ромашка";
inline const std::string kAddress = "Тестовая";
inline const std::string kPhone = "+79165553412";
inline const std::string kEmail = "yuri.pokup@pochta.test";
inline const std::string kSender =
    "noreply@"; // of test_identity(); its domain resembles the OFD's, which may be seen
inline const std::string kCashierInn = "771234567890";
inline const std::string kBuyerInn = "503998877661";
inline const std::string kSupplierInn = "526317345987";
inline const std::string kCode = "0104603934000793215Qbag!";
inline const std::string kMark = "04603721020607FcYhKzR";

inline const std::vector<std::string>& secrets()
{
    static const std::vector<std::string> all = {kCashier,  kBuyer,       kPayer, kSupplier, kUser,
                                                 kAddress,  kPhone,       kEmail, kSender,   kCashierInn,
                                                 kBuyerInn, kSupplierInn, kCode,  kMark};
    return all;
}

inline bool holds(BytesView where, BytesView what)
{
    return std::search(where.begin(), where.end(), what.begin(), what.end()) != where.end();
}

/// In any of the code pages of a register.
inline bool tells(BytesView where, const std::string& secret)
{
    return holds(where, as_bytes(secret)) || holds(where, emulator::cp866_lossy(secret)) ||
           holds(where, emulator::cp1251_lossy(secret));
}

/// Even a piece of it: five letters.
inline bool hints(BytesView where, const std::string& secret)
{
    constexpr std::size_t kPiece = 5;
    for (const Bytes& coded : {emulator::cp866_lossy(secret), emulator::cp1251_lossy(secret)})
        for (std::size_t at = 0; at + kPiece <= coded.size(); ++at)
            if (holds(where, BytesView(coded).subspan(at, kPiece)))
                return true;
    return holds(where, as_bytes(secret));
}

/// A sale with everything private in it; the further, the longer, so that the pieces of a reading end
/// everywhere.
inline void sell(EmulatedRegister& device, std::uint32_t further)
{
    emulator::Receipt receipt;
    emulator::Item item;
    item.name = std::string(further, '-') + kPayer;
    item.price = 12'300 + further;
    item.sum = item.price;
    item.extra =
        emulator::TlvOut()
            .structure(fiscal::tag::product_code_12, emulator::TlvOut().text(fiscal::tag::code_gs1m, kMark))
            .structure(fiscal::tag::supplier, emulator::TlvOut()
                                                  .text(fiscal::tag::supplier_phone, kPhone)
                                                  .text(fiscal::tag::supplier_name, kSupplier))
            .text(fiscal::tag::supplier_inn, kSupplierInn)
            .text(fiscal::tag::item_extra, kCode)
            .bytes();
    receipt.items.push_back(item);
    receipt.extra = emulator::TlvOut()
                        .text(fiscal::tag::cashier_inn, kCashierInn)
                        .text(fiscal::tag::buyer_contact, kEmail)
                        .structure(fiscal::tag::buyer, emulator::TlvOut()
                                                           .text(fiscal::tag::buyer_name, kBuyer)
                                                           .text(fiscal::tag::buyer_inn, kBuyerInn))
                        .bytes();
    emulator::Closing closing;
    closing.payments[0] = item.sum;
    closing.cashier = kCashier;
    if (const auto rung = device.kkt().ring(receipt, closing); !rung)
        throw std::runtime_error("the sale was refused: " + rung.error().reason);
}

} // namespace kb::test
