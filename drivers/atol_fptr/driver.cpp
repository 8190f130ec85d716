// The vendor's row for the registry, and what all calls of the driver share.
#include "drivers/atol_fptr/driver.hpp"

#include "drivers/atol_fptr/settings.hpp"
#include "protocol/atol/abilities.hpp"

namespace kb::atol_fptr {
namespace {

using std::chrono::milliseconds;

// Searching for the register and its model, with the library's own retries.
constexpr milliseconds kOpening{40'000};
// How long a port that was just given up may take to be closed.
constexpr milliseconds kClosing{5'000};

Task<std::unique_ptr<Driver>> open(asio::any_io_executor, PortUrl url, DriverOptions options)
{
    const std::string name = url.text();
    auto settings = settings_of(url, options);
    if (!settings) {
        co_return pass(settings);
    }
    auto thread = co_await BlockingThread::begin(name, kClosing);
    if (!thread) {
        co_return pass(thread);
    }
    std::function<Result<std::shared_ptr<Handle>>()> work =
        [name, settings = *std::move(settings), file = options.library,
         post = (*thread)->poster()]() -> Result<std::shared_ptr<Handle>> {
        auto library = Library::load(file);
        if (!library) {
            return pass(library);
        }
        auto handle = Handle::create(*std::move(library), name);
        if (!handle) {
            return pass(handle);
        }
        if (const auto opened = (*handle)->open(settings); !opened) {
            return pass(opened);
        }
        return BlockingThread::keep(*std::move(handle), post);
    };
    auto handle = co_await (*thread)->run(std::move(work), kOpening);
    if (!handle) {
        co_return pass(handle);
    }
    std::unique_ptr<Driver> driver =
        std::make_unique<FptrDriver>(*std::move(thread), *std::move(handle), std::move(options));
    co_return driver;
}

Result<MakersLibrary> library(const std::string& configured)
{
    const auto found = Library::load(configured);
    if (!found) {
        return pass(found);
    }
    return MakersLibrary{(*found)->path(), (*found)->version()};
}

} // namespace

Vendor vendor();

Vendor vendor()
{
    Vendor row;
    row.name = "atol_fptr";
    row.families = {"atol-fptr"};
    row.open = &open;
    row.library = &library;
    row.abilities = &atol::abilities_through_library;
    return row;
}

FptrDriver::FptrDriver(std::unique_ptr<BlockingThread> thread, std::shared_ptr<Handle> handle,
                       DriverOptions options)
    : thread_(std::move(thread)),
      handle_(std::move(handle)),
      options_(std::move(options)),
      name_(handle_->name())
{}

FptrDriver::~FptrDriver() { close(); }

Capabilities FptrDriver::capabilities() const
{
    Capabilities can;
    can.full_documents = true;
    can.set_clock = true;
    can.cash_in_drawer = true;
    return can;
}

void FptrDriver::cancel()
{
    cancelled_ = true;
    if (!closed_) {
        thread_->cancel();
    }
}

void FptrDriver::close()
{
    if (closed_) {
        return;
    }
    closed_ = true;
    handle_.reset(); // closed on its thread; should a call hang there, after it
}

Task<void> FptrDriver::begin()
{
    cancelled_ = false;
    if (listing_begun_) {
        co_return co_await end_listing();
    }
    co_return Result<void>{};
}

// JSON_DATA = task -> process_json -> JSON_DATA = its result. Source: docs/sources.md#atol-fptr, section 5.
Task<std::string> FptrDriver::run_json(LibraryTask task)
{
    std::function<Result<std::string>(Handle&)> work =
        [json = std::move(task.json), name = task.name](Handle& handle) -> Result<std::string> {
        handle.set(Param::json_data, json);
        if (const auto done = handle.call(handle.api().process_json, "process_json " + name); !done) {
            return pass(done);
        }
        return handle.text(Param::json_data);
    };
    auto answer = co_await ask(std::move(work), task.at_most);
    if (!answer && is_broken_off(answer.error())) {
        broken_off_ = true;
    }
    co_return answer;
}

Task<TaskAnswer> FptrDriver::run_task(LibraryTask task)
{
    const auto answer = co_await run_json(std::move(task));
    if (!answer) {
        co_return pass(answer);
    }
    co_return answer_of(*answer);
}

} // namespace kb::atol_fptr
