// The program that the tests kill and cut the power of: appends documents, or takes jobs through their lives,
// and tells in the file "acknowledged", line by line, what the journal has promised.
//   journal_writer DIR COUNT [jobs | replace FILE] [unsafe] [die BATCH SPINS]
// COUNT batches of documents, or jobs; "replace": puts FILE, a damaged journal, in its place and opens it.
// "unsafe" writes without syncing; "die": SIGKILL itself some time after that many batches or steps.
#include "tests/storage/jobs_of_a_shop.hpp"
#include "tests/support/temp_dir.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

using namespace kb;
using namespace kb::storage;
using namespace kb::storage::test;

namespace {

std::atomic<int> batches_done{0};

/// A quiet moment, as the agent's storage thread has them.
void take_breath(Journal& journal)
{
    if (journal.wants_checkpoint())
        journal.checkpoint();
}

int write_batches(Journal& journal, const std::string& folder, int batches)
{
    std::ofstream promised(folder + "/acknowledged", std::ios::app);
    std::uint32_t next = 1;
    if (const auto progress = journal.documents().fn_progress(kFn))
        next = progress->contiguous_through + 1;
    // Killed between short records and their bodies: the bodies first.
    const auto wanted = journal.documents().wanted_bodies(kFn, 100, false);
    for (std::size_t i = 0; wanted && i < wanted->size(); ++i)
        if (!journal.documents().append({sale(wanted->at(i))}))
            return 1;
    for (int batch = 0; batch < batches; ++batch) {
        const std::uint32_t last = next + static_cast<std::uint32_t>(batch) % 7;
        // A backlog as the agent reads it: now and then short records first, their bodies after.
        if (batch % 11 == 3) {
            std::vector<JournalDocument> shorts;
            for (std::uint32_t number = next; number <= last; ++number)
                shorts.push_back(short_record(number));
            if (!journal.documents().append(shorts))
                return 1;
        }
        const auto report = journal.documents().append(sales({next, last}));
        if (!report || !report->conflicts.empty())
            return 1;
        promised << "held " << last << std::endl;
        next = last + 1;
        if (batch % 5 == 4) {
            const auto sent = journal.outbox().next_batch({});
            if (!sent || !journal.outbox().acknowledge(*sent, {all_there()}, at(1)))
                return 1;
            if (journal.outbox().state()->unsent == 0)
                promised << "sent " << last << std::endl;
            if (!journal.telemetry().add_sample({0, at(batch), kKkt, "{}"}))
                return 1;
        }
        ++batches_done;
        take_breath(journal);
    }
    return 0;
}

/// Goes on where the one before was killed: in the middle of a life, or with the next.
int live_jobs(Journal& journal, const std::string& folder, int jobs)
{
    std::ofstream promised(folder + "/acknowledged", std::ios::app);
    int number = 1;
    std::size_t step = 0;
    if (const auto newest = journal.jobs().list({"", {}, false, 0, 1}); newest && !newest->empty()) {
        const Job& job = newest->front();
        number = std::stoi(job.asked.key.substr(job.asked.key.find('-') + 1));
        while (step < life_of(number).size() && !same(job, after(number, step)))
            ++step;
        // The caller, who got no answer, asks again.
        const auto again = journal.jobs().add(job.asked);
        if (!again || again->is_new || again->job.id != job.id)
            return 1;
    }
    for (const int last = number + jobs; number < last; ++number, step = 0)
        for (; step < life_of(number).size(); ++step) {
            if (!take_step(journal.jobs(), number, step))
                return 1;
            promised << "job " << number << ' ' << step + 1 << std::endl;
            ++batches_done;
            take_breath(journal);
        }
    return 0;
}

/// With the calls that the power-cut rig sees, synced.
bool put_file(const std::string& path, const std::string& bytes)
{
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    const bool done = file >= 0 &&
                      write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
                      fsync(file) == 0;
    return file >= 0 && close(file) == 0 && done;
}

} // namespace

int main(int argc, char** argv)
{
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    DatabaseOptions options;
    int die_after = -1;
    bool jobs = false;
    long spins = 0;
    for (std::size_t i = 2; i < arguments.size(); ++i) {
        if (arguments[i] == "unsafe")
            options.synchronous = false;
        if (arguments[i] == "jobs")
            jobs = true;
        if (arguments[i] == "replace" &&
            !put_file(arguments[0] + "/journal.db", kb::test::read_file(arguments.at(i + 1))))
            return 3;
        if (arguments[i] == "die") {
            die_after = std::stoi(arguments.at(i + 1));
            spins = std::stol(arguments.at(i + 2));
        }
    }
    std::jthread killer([&](const std::stop_token& stop) {
        while (die_after >= 0 && !stop.stop_requested()) {
            if (batches_done.load() < die_after) {
                std::this_thread::yield();
            } else if (spins-- <= 0) {
                std::raise(SIGKILL);
            }
        }
    });
    auto opened = Journal::open(arguments.at(0), at(0), options);
    if (!opened) {
        std::cerr << opened.error().message() << '\n';
        return 2;
    }
    const auto work = jobs ? live_jobs : write_batches;
    return work(opened->journal, arguments.at(0), std::stoi(arguments.at(1)));
}
