// Replays records; a write beyond the end leaves zeros between, as a file system does.
#include "tests/support/power_cut/rebuild.hpp"

#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace kb::test::power_cut {

namespace {

constexpr std::size_t kSector = 512;

void apply(std::string& content, const Record& record, std::size_t data_length)
{
    if (record.action == Action::truncated) {
        content.resize(record.offset, '\0');
        return;
    }
    if (content.size() < record.offset + data_length)
        content.resize(record.offset + data_length, '\0');
    std::memcpy(content.data() + record.offset, record.data.data(), data_length);
}

} // namespace

std::vector<Record> read_log(const std::filesystem::path& log)
{
    std::ifstream stream(log, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    std::vector<Record> records;
    for (std::size_t at = 0; at < bytes.size();) {
        RecordHead head{};
        if (bytes.size() - at < sizeof head)
            throw std::runtime_error("power cut log ends within a record");
        std::memcpy(&head, bytes.data() + at, sizeof head);
        at += sizeof head;
        if (bytes.size() - at < std::size_t{head.name_length} + head.data_length)
            throw std::runtime_error("power cut log ends within a record");
        records.push_back({head.action, head.offset, bytes.substr(at, head.name_length),
                           bytes.substr(at + head.name_length, head.data_length)});
        at += std::size_t{head.name_length} + head.data_length;
    }
    return records;
}

void Disk::play(const Record& record)
{
    switch (record.action) {
    case Action::created:
        files_.try_emplace(record.name);
        break;
    case Action::written:
    case Action::truncated:
        files_[record.name].pending.push_back(record);
        break;
    case Action::synced: {
        File& file = files_[record.name];
        for (const Record& pending : file.pending)
            apply(file.durable, pending, pending.data.size());
        file.pending.clear();
        break;
    }
    case Action::removed:
        files_.erase(record.name);
        break;
    case Action::renamed:
        files_[record.data] = std::move(files_[record.name]);
        files_.erase(record.name);
        break;
    }
}

Disk::Files Disk::after_cut(Unsynced unsynced, std::mt19937& random) const
{
    Files files;
    for (const auto& [name, file] : files_) {
        std::string content = file.durable;
        for (const Record& pending : file.pending) {
            if (unsynced == Unsynced::lost || (unsynced == Unsynced::some && random() % 2 == 0))
                continue;
            std::size_t length = pending.data.size();
            if (unsynced == Unsynced::some && random() % 3 == 0)
                length = random() % (length / kSector + 1) * kSector;
            apply(content, pending, length);
        }
        files[name] = std::move(content);
    }
    return files;
}

std::string Disk::told(const std::string& name) const
{
    const auto found = files_.find(name);
    if (found == files_.end())
        return "";
    std::string content = found->second.durable;
    for (const Record& pending : found->second.pending)
        apply(content, pending, pending.data.size());
    return content;
}

} // namespace kb::test::power_cut
