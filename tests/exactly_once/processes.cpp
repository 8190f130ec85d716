#include "tests/exactly_once/processes.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace kb::test {
namespace {

// In the pipe each piece is: its text's length, a line end, the text. Length -1: why the piece failed
// follows.
struct Worker {
    pid_t pid = -1;
    std::FILE* told = nullptr;
};

void do_pieces(std::FILE* out, std::size_t first, std::size_t step, std::size_t count,
               const std::function<std::string(std::size_t)>& work)
{
    for (std::size_t piece = first; piece < count; piece += step) {
        try {
            const std::string text = work(piece);
            std::fprintf(out, "%zu\n%s", text.size(), text.c_str());
        } catch (const std::exception& error) {
            std::fprintf(out, "-1\n%s", error.what());
            return;
        }
        std::fflush(out);
    }
}

Worker start(std::size_t first, std::size_t step, std::size_t count,
             const std::function<std::string(std::size_t)>& work)
{
    int ends[2];
    if (::pipe(ends) != 0)
        throw std::runtime_error("no pipe");
    std::cout.flush();
    Worker worker;
    worker.pid = ::fork();
    if (worker.pid < 0)
        throw std::runtime_error("no process");
    if (worker.pid == 0) {
        ::close(ends[0]);
        std::FILE* out = ::fdopen(ends[1], "w");
        do_pieces(out, first, step, count, work);
        std::fclose(out);
        ::_exit(0); // what the parent has begun is the parent's to end
    }
    ::close(ends[1]);
    worker.told = ::fdopen(ends[0], "r");
    return worker;
}

std::string read_piece(std::FILE* told, std::size_t piece)
{
    long length = 0;
    if (std::fscanf(told, "%ld", &length) != 1 || std::fgetc(told) != '\n')
        throw std::runtime_error("the process of piece " + std::to_string(piece) + " died");
    std::string text(length < 0 ? 1000U : static_cast<std::size_t>(length), '\0');
    text.resize(std::fread(text.data(), 1, text.size(), told));
    if (length < 0)
        throw std::runtime_error("piece " + std::to_string(piece) + ": " + text);
    return text;
}

} // namespace

std::vector<std::string> in_processes(std::size_t count, const std::function<std::string(std::size_t)>& work)
{
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    const std::size_t step = std::min(cores, count);
    std::vector<Worker> workers;
    for (std::size_t first = 0; first < step; ++first)
        workers.push_back(start(first, step, count, work));
    std::vector<std::string> texts;
    std::string failure;
    try {
        for (std::size_t piece = 0; piece < count; ++piece)
            texts.push_back(read_piece(workers[piece % step].told, piece));
    } catch (const std::runtime_error& error) {
        failure = error.what();
    }
    for (const Worker& worker : workers) {
        std::fclose(worker.told); // one that has more to tell ends by it
        ::waitpid(worker.pid, nullptr, 0);
    }
    if (!failure.empty())
        throw std::runtime_error(failure);
    return texts;
}

} // namespace kb::test
