// Fills a journal with the documents of a full FN, as if the agent had read them all while the cabinet was
// away: the backlog that the budgets `drain` and `start` are measured with.
//
//   kb_bench_fill_journal DATA_DIR DOCUMENTS

#include "drivers/emulator/virtual_kkt.hpp"
#include "protocol/fiscal/fiscal_document.hpp"
#include "storage/journal.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace kb;

constexpr std::size_t kBatch = 1000;
const std::string kFnSerial = "9999078900012345";

emulator::Identity identity()
{
    emulator::Identity who;
    who.kkt_serial = "0000000000012345";
    who.reg_number = "0000000001011546";
    who.inn = "7707000008";
    who.user = "ООО \"Ромашка\"";
    who.address = "101000, г. Москва, ул. Тестовая, д. 1";
    who.place = "Магазин";
    who.ofd_inn = "7709000003";
    who.ofd_name = "ООО \"ОФД-Тест\"";
    who.fns_site = "www.nalog.gov.ru";
    who.sender_email = "noreply@example.org";
    who.kkt_version = "2.0.0";
    return who;
}

// What the driver would have made of it.
fiscal::FiscalDocument whole_document(const emulator::VirtualKkt& kkt, std::uint32_t fd_number)
{
    const emulator::FnDocument& head = *kkt.fn().find(fd_number);
    const BytesView body = kkt.body(fd_number);
    fiscal::FiscalDocument document;
    document.fn_serial = kFnSerial;
    document.fd_number = fd_number;
    document.type = static_cast<fiscal::DocumentType>(head.type);
    document.datetime = head.datetime();
    document.fiscal_sign = head.sign;
    document.raw =
        ByteWriter{}.u16(head.type).u16(static_cast<std::uint16_t>(body.size())).bytes(body).take();
    return document;
}

int fill(const std::string& data_dir, std::uint32_t count)
{
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const LocalSeconds wall{std::chrono::floor<std::chrono::seconds>(now).time_since_epoch()};
    const LocalSeconds start = wall - std::chrono::seconds{90} * std::int64_t{count};
    emulator::VirtualKkt kkt(identity(), {[wall] { return wall; }, [] { return emulator::Instant{}; }},
                             nullptr);
    kkt.set_ofd_silent(true); // no ticket, so every body is kept
    kkt.first_start(kFnSerial, wall + std::chrono::days{400}, start);
    kkt.preload(count - 1, 1);

    auto opened = storage::Journal::open(data_dir, now);
    if (!opened) {
        std::fprintf(stderr, "%s\n", opened.error().message().c_str());
        return 1;
    }
    storage::Documents& documents = opened->journal.documents();
    const std::uint32_t last = kkt.fn().last_fd();
    for (std::uint32_t from = 1; from <= last;) {
        std::vector<storage::JournalDocument> batch;
        for (; from <= last && batch.size() < kBatch; ++from)
            batch.push_back(
                {whole_document(kkt, from), kkt.identity().kkt_serial, storage::Source::archive, now, false});
        if (const auto report = documents.append(batch); !report) {
            std::fprintf(stderr, "%s\n", report.error().message().c_str());
            return 1;
        }
    }
    if (const auto noted = documents.note_fn(kFnSerial, kkt.identity().kkt_serial, last, now); !noted) {
        std::fprintf(stderr, "%s\n", noted.error().message().c_str());
        return 1;
    }
    std::printf("{\"documents\": %u, \"fn_serial\": \"%s\"}\n", last, kFnSerial.c_str());
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    const long count = argc == 3 ? std::strtol(argv[2], nullptr, 10) : 0;
    if (count < 2 || count > 250'000) {
        std::fprintf(stderr, "usage: kb_bench_fill_journal DATA_DIR DOCUMENTS (2..250000)\n");
        return 2;
    }
    return fill(argv[1], static_cast<std::uint32_t>(count));
}
