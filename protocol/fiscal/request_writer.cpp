#include "protocol/fiscal/request_writer.hpp"

#include "protocol/core/json_reader.hpp"
#include "protocol/fiscal/dotted_date.hpp"

namespace kb::fiscal {

namespace {

std::string json_text(const std::string& text) { return dump_json(nlohmann::json(text)); }

} // namespace

std::string RequestWriter::take()
{
    std::string object = '{' + members_ + '}';
    members_.clear();
    return object;
}

void RequestWriter::raw(const char* key, std::string_view json)
{
    members_ += members_.empty() ? "\"" : ",\"";
    members_ += key; // the house's own words: nothing in them to escape
    members_ += "\":";
    members_ += json;
}

void RequestWriter::code(const char* key, Words words, std::uint32_t value)
{
    const std::string_view word = word_of(words, value);
    raw(key, word.empty() ? std::to_string(value) : '"' + std::string(word) + '"');
}

void RequestWriter::text(const char* key, const std::string& value, std::string_view otherwise)
{
    if (value != otherwise)
        raw(key, json_text(value));
}

void RequestWriter::contents(const char* key, const std::string& value) { raw(key, json_text(value)); }

void RequestWriter::texts(const char* key, const std::vector<std::string>& values, std::size_t /*at_most*/)
{
    if (!values.empty())
        raw(key, dump_json(nlohmann::json(values)));
}

void RequestWriter::money(const char* key, Kopecks value)
{
    if (value != Kopecks{})
        raw(key, '"' + value.to_rubles() + '"');
}

void RequestWriter::money(const char* key, const std::optional<Kopecks>& value)
{
    if (value)
        raw(key, '"' + value->to_rubles() + '"');
}

void RequestWriter::quantity(const char* key, const std::optional<Quantity>& value)
{
    if (value)
        raw(key, '"' + value->to_text() + '"');
}

void RequestWriter::flag(const char* key, bool value)
{
    if (value)
        raw(key, "true");
}

void RequestWriter::flag(const char* key, const std::optional<bool>& value)
{
    if (value)
        raw(key, *value ? "true" : "false");
}

void RequestWriter::flags(const char* key, Words words, const std::optional<std::uint32_t>& value)
{
    if (!value)
        return;
    std::vector<std::string> given;
    for (const Word& word : words)
        if ((*value & word.code) != 0)
            given.emplace_back(word.word);
    raw(key, dump_json(nlohmann::json(given)));
}

void RequestWriter::date(const char* key, const std::optional<LocalSeconds>& value)
{
    if (value)
        raw(key, '"' + to_text(*value).substr(0, 10) + '"');
}

void RequestWriter::time(const char* key, const std::optional<LocalSeconds>& value)
{
    if (value)
        raw(key, '"' + to_text(*value) + '"');
}

void RequestWriter::dotted_date(const char* key, const std::string& value)
{
    text(key, iso_of_dotted(value).value_or(value));
}

void RequestWriter::hex(const char* key, const Bytes& value)
{
    if (!value.empty())
        raw(key, '"' + to_hex(value) + '"');
}

} // namespace kb::fiscal
