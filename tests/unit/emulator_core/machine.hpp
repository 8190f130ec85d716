// A virtual register with clocks that a test steps.
#pragma once

#include "drivers/emulator/virtual_kkt.hpp"

namespace kb::emulator::test {

inline Identity shop(std::uint8_t ffd = 4)
{
    Identity who;
    who.kkt_serial = "0049361208000001";
    who.inn = "7707000008";
    who.reg_number = reg_number_for(1, who.inn, who.kkt_serial);
    who.user = "ООО \"Ромашка\"";
    who.address = "101000, г. Москва";
    who.place = "Магазин";
    who.ofd_inn = "7709000003";
    who.ofd_name = "ОФД";
    who.fns_site = "www.nalog.gov.ru";
    who.sender_email = "noreply@example.org";
    who.kkt_version = "C.3";
    who.ffd = ffd;
    return who;
}

struct Machine {
    LocalSeconds wall = *local_from_text("2026-03-25T14:05:00");
    Instant steady{std::chrono::hours{1}};
    VirtualKkt kkt;

    explicit Machine(std::uint8_t ffd = 4, Store* store = nullptr)
        : kkt(shop(ffd), Times{[this] { return wall; }, [this] { return steady; }}, store)
    {}
    void start()
    {
        kkt.first_start("9999078900002270", wall + std::chrono::days{400}, wall);
        printed();
    }
    void printed() { steady += std::chrono::seconds{10}; }
    void pass(std::chrono::seconds time)
    {
        wall += time;
        steady += time;
    }
};

inline Item tea()
{
    Item item;
    item.name = "Чай";
    item.price = 12200;
    item.sum = 12200;
    item.vat = 11;
    return item;
}

inline Answer<Closed> sell(Machine& machine, Item item = tea(), Operation operation = 1)
{
    Receipt receipt;
    receipt.operation = operation;
    receipt.items.push_back(item);
    Closing closing;
    closing.cashier = "Кассир 1";
    closing.payments[0] = receipt.total();
    auto done = machine.kkt.ring(receipt, closing);
    machine.printed();
    return done;
}

} // namespace kb::emulator::test
