#include "protocol/fiscal/qr.hpp"

#include <charconv>

namespace kb::fiscal {

namespace {

tl::unexpected<Error> bad(std::string_view member, const std::string& reason)
{
    return fail(Errc::bad_value, "qr " + std::string(member) + ": " + reason);
}

bool digits_only(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Result<std::uint32_t> number(std::string_view member, std::string_view text)
{
    std::uint32_t value = 0;
    const auto [stop, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!digits_only(text) || ec != std::errc{} || stop != text.data() + text.size())
        return bad(member, '"' + std::string(text) + "\" is not a number of 32 bits");
    return value;
}

// YYYYMMDDTHHMM, with or without SS
Result<LocalSeconds> time(std::string_view text)
{
    if ((text.size() != 13 && text.size() != 15) || text[8] != 'T' || !digits_only(text.substr(0, 8)) ||
        !digits_only(text.substr(9)))
        return bad("t", '"' + std::string(text) + "\" is not YYYYMMDDTHHMM");
    const auto part = [&](std::size_t at, std::size_t size) {
        int value = 0;
        std::from_chars(text.data() + at, text.data() + at + size, value);
        return value;
    };
    return local_from_parts(part(0, 4), part(4, 2), part(6, 2), part(9, 2), part(11, 2),
                            text.size() == 15 ? part(13, 2) : 0, "qr t");
}

} // namespace

std::string receipt_qr_text(const ReceiptQr& qr)
{
    std::string when; // 2024-03-01T09:15:00 -> 20240301T0915
    for (const char c : to_text(qr.datetime).substr(0, 16))
        if (c != '-' && c != ':')
            when += c;
    return "t=" + when + "&s=" + qr.total.to_rubles() + "&fn=" + qr.fn_serial +
           "&i=" + std::to_string(qr.fd_number) + "&fp=" + std::to_string(qr.fiscal_sign) +
           "&n=" + std::to_string(static_cast<int>(qr.operation));
}

Result<ReceiptQr> receipt_qr_from_text(std::string_view text)
{
    constexpr std::string_view kMembers[] = {"t", "s", "fn", "i", "fp", "n"};
    constexpr std::size_t kCount = std::size(kMembers);
    std::string_view values[kCount];
    bool seen[kCount] = {};
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = rest.find('&');
        const std::string_view pair = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        const std::size_t equals = pair.find('=');
        std::size_t member = 0;
        while (member < kCount && kMembers[member] != pair.substr(0, equals))
            ++member;
        if (equals == std::string_view::npos || member == kCount)
            return bad(pair.substr(0, equals).substr(0, 20), "unknown member");
        if (seen[member])
            return bad(kMembers[member], "given twice");
        seen[member] = true;
        values[member] = pair.substr(equals + 1);
    }
    for (std::size_t i = 0; i < kCount; ++i)
        if (!seen[i])
            return bad(kMembers[i], "missing");

    ReceiptQr qr;
    const auto when = time(values[0]);
    if (!when)
        return pass(when);
    qr.datetime = *when;
    const auto total = Kopecks::from_rubles(values[1]);
    if (!total || total->count() < 0)
        return bad("s", '"' + std::string(values[1]) + "\" is not a sum in rubles");
    qr.total = *total;
    if (values[2].empty() || values[2].size() > 16 || !digits_only(values[2]))
        return bad("fn", '"' + std::string(values[2]) + "\" is not a drive's number");
    qr.fn_serial = values[2];
    const auto fd = number("i", values[3]);
    if (!fd)
        return pass(fd);
    qr.fd_number = *fd;
    const auto sign = number("fp", values[4]);
    if (!sign)
        return pass(sign);
    qr.fiscal_sign = *sign;
    if (values[5].size() != 1 || values[5][0] < '1' || values[5][0] > '4')
        return bad("n", '"' + std::string(values[5]) + "\" is not 1..4");
    qr.operation = static_cast<Operation>(values[5][0] - '0');
    return qr;
}

Result<ReceiptQr> receipt_qr_of(const Head& head)
{
    if (!head.operation || !head.total)
        return fail(Errc::bad_value, "qr: not the head of a receipt");
    return ReceiptQr{head.datetime,  *head.total,      head.fn_serial,
                     head.fd_number, head.fiscal_sign, *head.operation};
}

} // namespace kb::fiscal
