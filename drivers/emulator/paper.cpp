#include "drivers/emulator/paper.hpp"

#include "drivers/emulator/virtual_kkt.hpp"

#include <fmt/format.h>

namespace kb::emulator {

namespace {

constexpr std::array<const char*, 5> kOperations = {"", "ПРИХОД", "ВОЗВРАТ ПРИХОДА", "РАСХОД",
                                                    "ВОЗВРАТ РАСХОДА"};

std::string last_document_line(const VirtualFn& fn)
{
    const FnDocument* last = fn.find(fn.last_fd());
    return last == nullptr ? std::string{}
                           : fmt::format("ФД {} ФП {:010} {}", fn.last_fd(), last->sign,
                                         to_text(last->datetime()).substr(0, 16));
}

} // namespace

std::string rubles(std::uint64_t kopecks) { return fmt::format("{}.{:02}", kopecks / 100, kopecks % 100); }

std::string operation_name(Operation operation)
{
    return operation < kOperations.size() ? kOperations[operation] : "";
}

std::vector<std::string> receipt_lines(const Identity& who, const VirtualFn& fn, const Receipt& receipt,
                                       const Closing& closing, const Closed& closed, std::uint16_t shift)
{
    std::vector<std::string> lines = {who.user, who.address,
                                      receipt.is_correction ? "КАССОВЫЙ ЧЕК КОРРЕКЦИИ" : "КАССОВЫЙ ЧЕК",
                                      operation_name(receipt.operation)};
    for (const Item& item : receipt.items) {
        lines.push_back(item.name);
        lines.push_back(
            fmt::format("    {} x {} ={}", item.quantity.to_text(), rubles(item.price), rubles(item.sum)));
    }
    lines.push_back(fmt::format("ИТОГ ={}", rubles(receipt.total() - closing.rounding)));
    OperationTotals sums;
    sums.add(receipt, closing, closed.change);
    const auto payment = [&lines](const char* name, std::uint64_t sum) {
        if (sum != 0)
            lines.push_back(fmt::format("{} ={}", name, rubles(sum)));
    };
    payment("НАЛИЧНЫМИ", closing.payments[0]);
    payment("БЕЗНАЛИЧНЫМИ", sums.electronic);
    payment("АВАНСОМ", sums.advance);
    payment("В КРЕДИТ", sums.credit);
    payment("ИНОЙ ФОРМОЙ", sums.counter);
    payment("СДАЧА", closed.change);
    lines.push_back(fmt::format("СМЕНА {} ЧЕК {}", shift, closed.number));
    if (!closing.cashier.empty())
        lines.push_back("КАССИР " + closing.cashier);
    lines.push_back(fmt::format("ИНН {} РНМ {}", who.inn, who.reg_number));
    lines.push_back("ФН " + fn.serial);
    lines.push_back(last_document_line(fn));
    return lines;
}

std::vector<std::string> shift_lines(const Identity& who, const VirtualFn& fn, const std::string& title,
                                     const Shift& shift, const std::string& cashier)
{
    std::vector<std::string> lines = {who.user, title, fmt::format("СМЕНА {}", shift.number)};
    if (shift.totals.receipt_count() + shift.totals.correction_count() != 0) {
        lines.push_back(fmt::format("ЧЕКОВ {}", shift.receipts));
        for (std::size_t op = 0; op < 4; ++op)
            if (shift.totals.receipts[op].count != 0)
                lines.push_back(
                    fmt::format("{} ={}", kOperations[op + 1], rubles(shift.totals.receipts[op].total)));
    }
    lines.push_back("КАССИР " + cashier);
    lines.push_back("ФН " + fn.serial);
    lines.push_back(last_document_line(fn));
    return lines;
}

std::vector<std::string> registration_lines(const Identity& who, const VirtualFn& fn,
                                            const std::string& title)
{
    return {title,
            who.user,
            "ИНН " + who.inn,
            "РНМ " + who.reg_number,
            "ЗН ККТ " + who.kkt_serial,
            "ФН " + fn.serial,
            last_document_line(fn)};
}

std::vector<std::string> x_report_lines(const Shift& shift, std::int64_t cash)
{
    std::vector<std::string> lines = {"СУТОЧНЫЙ ОТЧЕТ БЕЗ ГАШЕНИЯ", fmt::format("СМЕНА {}", shift.number)};
    for (std::size_t op = 0; op < 4; ++op)
        lines.push_back(fmt::format("{} ={}", kOperations[op + 1], rubles(shift.totals.receipts[op].total)));
    lines.push_back(fmt::format("НАЛИЧНЫХ В КАССЕ ={}", rubles(static_cast<std::uint64_t>(cash))));
    return lines;
}

} // namespace kb::emulator
