// Bytes come from a small generator seeded by identity.
#include "tests/storage/documents_of_a_shop.hpp"

#include <stdexcept>

namespace kb::storage::test {

namespace {

const LocalSeconds kOpened{std::chrono::local_days{std::chrono::year{2024} / 3 / 1} + std::chrono::hours{9}};

} // namespace

UtcMs at(int second) { return UtcMs{std::chrono::seconds{1709283600 + second}}; }

JournalDocument sale(std::uint32_t fd_number, const std::string& fn_serial)
{
    JournalDocument entry;
    auto& document = entry.document;
    document.fn_serial = fn_serial;
    document.fd_number = fd_number;
    document.type = fiscal::DocumentType::receipt;
    document.datetime = kOpened + std::chrono::minutes{fd_number} + std::chrono::seconds{fd_number % 60};
    std::uint64_t state = fd_number * 2654435761U + static_cast<unsigned char>(fn_serial.back());
    const auto next = [&state] {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return state >> 33;
    };
    document.fiscal_sign = static_cast<std::uint32_t>(next() & 0xFFFFFFFF);
    const std::size_t length = 300 + next() % 600;
    ByteWriter raw;
    raw.u16(3).u16(static_cast<std::uint16_t>(length));
    for (std::size_t i = 0; i < length; ++i)
        raw.u8(static_cast<std::uint8_t>(next() & 0xFF));
    document.raw = raw.take();
    entry.kkt_serial = kKkt;
    entry.read_at = at(static_cast<int>(fd_number));
    return entry;
}

JournalDocument short_record(std::uint32_t fd_number, const std::string& fn_serial)
{
    JournalDocument entry = sale(fd_number, fn_serial);
    auto& document = entry.document;
    document.form = fiscal::DocumentForm::short_record;
    document.datetime = std::chrono::floor<std::chrono::minutes>(document.datetime);
    ByteWriter raw;
    raw.u8(3).u8(0).u32(fd_number).u32(document.fiscal_sign);
    document.raw = raw.take();
    entry.body_wanted = true;
    return entry;
}

std::vector<JournalDocument> sales(FdRange numbers, const std::string& fn_serial)
{
    std::vector<JournalDocument> batch;
    for (std::uint32_t number = numbers.first; number <= numbers.last; ++number)
        batch.push_back(sale(number, fn_serial));
    return batch;
}

FnAnswer all_there(const std::string& fn_serial) { return {fn_serial, {}, {}}; }

Journal open_journal(const std::filesystem::path& data_dir, const DatabaseOptions& options)
{
    auto opened = Journal::open(data_dir, at(0), options);
    if (!opened)
        throw std::runtime_error(opened.error().message());
    return std::move(opened->journal);
}

} // namespace kb::storage::test
