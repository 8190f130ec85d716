#include "protocol/core/exchange_file.hpp"

namespace kb {

namespace {

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

tl::unexpected<Error> wrong(std::size_t number, const std::string& why)
{
    return fail(Errc::bad_value, "exchange file, line " + std::to_string(number) + ": " + why);
}

} // namespace

std::string ExchangeFile::about(std::string_view key) const
{
    for (const auto& [name, value] : head)
        if (name == key)
            return value;
    return {};
}

Result<ExchangeFile> parse_exchange(std::string_view text)
{
    ExchangeFile file;
    std::size_t number = 0;
    while (!text.empty()) {
        const auto end = text.find('\n');
        std::string_view line = trimmed(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        ++number;
        if (line.empty())
            continue;
        if (line.front() == '#') {
            const auto colon = line.find(':');
            if (file.lines.empty() && colon != std::string_view::npos)
                file.head.emplace_back(trimmed(line.substr(1, colon - 1)), trimmed(line.substr(colon + 1)));
            continue;
        }
        if (line.front() != '>' && line.front() != '<')
            return wrong(number, "it begins neither with '>' nor with '<' nor with '#'");
        const auto hash = line.find('#');
        const std::string_view digits = line.substr(1, hash == std::string_view::npos ? hash : hash - 1);
        auto bytes = from_hex(digits);
        if (!bytes)
            return wrong(number, bytes.error().context);
        if (bytes->empty())
            return wrong(number, "no bytes in it");
        ExchangeLine entry;
        entry.from_host = line.front() == '>';
        entry.bytes = *std::move(bytes);
        entry.number = number;
        entry.comment = hash == std::string_view::npos ? "" : std::string(trimmed(line.substr(hash + 1)));
        file.lines.push_back(std::move(entry));
    }
    const std::string told = file.about("lines");
    if (!told.empty() && told != std::to_string(file.lines.size()))
        return wrong(number, "it is the last, after " + std::to_string(file.lines.size()) +
                                 " lines of bytes, but the head tells of " + told + ": the file is cut off");
    return file;
}

std::string write_exchange_line(const ExchangeLine& line)
{
    std::string text(1, line.from_host ? '>' : '<');
    for (const std::uint8_t byte : line.bytes)
        text += " " + to_hex(BytesView(&byte, 1));
    if (!line.comment.empty())
        text += "  # " + line.comment;
    return text;
}

std::string write_exchange(const ExchangeFile& file)
{
    std::string text;
    for (const auto& [key, value] : file.head)
        text.append("# ").append(key).append(": ").append(value).append("\n");
    for (const ExchangeLine& line : file.lines)
        text += write_exchange_line(line) + "\n";
    return text;
}

} // namespace kb
