// Measures how much of the time of reading documents is the line's own: the budget "read_line".
//
//   kb_bench_read_line PORT_URL [DOCUMENTS] [FIRST_FD]
//
// Prints one JSON object: {"documents","bytes_on_wire","wire_seconds","elapsed_seconds","ratio"}. Wire time
// is ten bits a byte at the port's speed, both directions added, since the register is half duplex.
#include "drivers/registry.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>

namespace {

using namespace kb;

struct Measured {
    std::uint32_t documents = 0;
    std::uint64_t bytes = 0;
    std::uint64_t commands = 0;
    double wire_seconds = 0;
    double elapsed_seconds = 0;
};

Task<Measured> measure(asio::any_io_executor executor, PortUrl url, std::uint32_t documents,
                       std::uint32_t first)
{
    constexpr double kBitsPerByte = 10;
    const double baud = url.baud.value_or(kDefaultBaud);
    ConnectRequest request;
    request.url = std::move(url);
    auto connection = co_await connect_device(executor, std::move(request));
    if (!connection) {
        co_return pass(connection);
    }
    Driver& driver = *connection->driver;
    if (const auto info = co_await driver.identify(); !info) {
        co_return pass(info);
    }
    const LineCounters before = driver.line_counters();
    const auto start = Steady::now();
    Measured measured;
    for (std::uint32_t i = 0; i < documents; ++i) {
        const auto document = co_await driver.read_document(first + i);
        if (!document) {
            co_return pass(document);
        }
        ++measured.documents;
    }
    measured.elapsed_seconds = std::chrono::duration<double>(Steady::now() - start).count();
    const LineCounters after = driver.line_counters();
    measured.bytes = after.bytes_read + after.bytes_written - before.bytes_read - before.bytes_written;
    measured.commands = after.exchanges - before.exchanges;
    measured.wire_seconds = static_cast<double>(measured.bytes) * kBitsPerByte / baud;
    co_return measured;
}

int run(int argc, char** argv)
{
    constexpr std::uint32_t kDocuments = 1000;
    if (argc < 2) {
        std::fputs("usage: kb_bench_read_line PORT_URL [DOCUMENTS] [FIRST_FD]\n", stderr);
        return 2;
    }
    const auto url = parse_port_url(argv[1]);
    if (!url) {
        std::fprintf(stderr, "%s\n", url.error().message().c_str());
        return 2;
    }
    const auto number = [&](int at, std::uint32_t otherwise) {
        return argc > at ? static_cast<std::uint32_t>(std::strtoul(argv[at], nullptr, 10)) : otherwise;
    };
    asio::io_context io(1);
    std::optional<Result<Measured>> result;
    asio::co_spawn(io, measure(io.get_executor(), *url, number(2, kDocuments), number(3, 1)),
                   [&](const std::exception_ptr& thrown, Result<Measured> measured) {
                       if (thrown) {
                           std::rethrow_exception(thrown);
                       }
                       result.emplace(std::move(measured));
                       io.stop();
                   });
    io.run();
    if (!*result) {
        std::fprintf(stderr, "%s\n", result->error().message().c_str());
        return 1;
    }
    const Measured& measured = **result;
    std::printf("{\"documents\": %u, \"commands\": %llu, \"bytes_on_wire\": %llu, \"wire_seconds\": %.4f, "
                "\"elapsed_seconds\": %.4f, \"ratio\": %.4f}\n",
                measured.documents, static_cast<unsigned long long>(measured.commands),
                static_cast<unsigned long long>(measured.bytes), measured.wire_seconds,
                measured.elapsed_seconds, measured.wire_seconds / measured.elapsed_seconds);
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        return run(argc, argv);
    } catch (const std::exception& broken) {
        std::fprintf(stderr, "kb_bench_read_line: %s\n", broken.what());
        return 1;
    }
}
