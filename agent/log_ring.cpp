#include "agent/log_ring.hpp"

#include <algorithm>
#include <utility>

namespace kb::agent::log {

namespace {

constexpr std::pair<Level, std::string_view> kLevels[] = {
    {Level::debug, "debug"}, {Level::info, "info"}, {Level::warning, "warning"}, {Level::error, "error"}};

std::size_t bytes_of(const Line& line)
{
    std::size_t bytes = sizeof(Line) + line.text.size();
    for (const auto& [name, value] : line.fields)
        bytes += sizeof line.fields.front() + name.size() + value.size();
    return bytes;
}

} // namespace

std::string_view to_string(Level level)
{
    for (const auto& [known, word] : kLevels)
        if (known == level)
            return word;
    return "info";
}

std::optional<Level> level_of(std::string_view word)
{
    for (const auto& [level, known] : kLevels)
        if (known == word)
            return level;
    return std::nullopt;
}

void Ring::add(UtcMs at, Level level, std::string_view text, Fields fields)
{
    Line line;
    line.at = at;
    line.level = level;
    line.text = text.substr(0, limits_.value_bytes);
    line.fields.reserve(fields.size());
    for (const Field& field : fields)
        line.fields.emplace_back(field.name, field.value.substr(0, limits_.value_bytes));
    const std::lock_guard lock(mutex_);
    if (last_ == 0)
        first_ = static_cast<std::uint64_t>(std::max<std::int64_t>(1, at.time_since_epoch().count()));
    last_ = last_ == 0 ? first_ : last_ + 1;
    line.id = last_;
    bytes_ += bytes_of(line);
    lines_.push_back(std::move(line));
    while (lines_.size() > limits_.lines || bytes_ > limits_.bytes) {
        bytes_ -= bytes_of(lines_.front());
        lines_.pop_front();
    }
}

Ring::Excerpt Ring::read(std::uint64_t after, Level from, std::size_t at_most) const
{
    const std::lock_guard lock(mutex_);
    Excerpt excerpt;
    excerpt.next = last_;
    if (lines_.empty() || after == last_)
        return excerpt;
    if (after == 0 || after > last_) {
        for (auto line = lines_.rbegin(); line != lines_.rend() && excerpt.lines.size() < at_most; ++line)
            if (line->level >= from)
                excerpt.lines.push_back(*line);
        std::reverse(excerpt.lines.begin(), excerpt.lines.end());
        return excerpt;
    }
    const std::uint64_t wanted = std::max(after + 1, first_);
    const std::uint64_t kept = lines_.front().id;
    excerpt.missed = kept > wanted ? kept - wanted : 0;
    for (std::size_t i = wanted > kept ? wanted - kept : 0; i < lines_.size(); ++i) {
        if (excerpt.lines.size() == at_most) {
            excerpt.next = lines_[i].id - 1;
            break;
        }
        if (lines_[i].level >= from)
            excerpt.lines.push_back(lines_[i]);
    }
    return excerpt;
}

} // namespace kb::agent::log
