#include "http/response_head.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace kb::http {

namespace {

/// A line break in a value would begin a header of somebody else's choice.
void append_value(std::string& head, std::string_view value)
{
    std::replace_copy_if(
        value.begin(), value.end(), std::back_inserter(head),
        [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
}

} // namespace

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::string head_of(const Response& response, BodyForm form, bool keep_alive)
{
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
    head += reason_phrase(response.status);
    head += "\r\n";
    for (const auto& [name, value] : response.headers) {
        head += name;
        head += ": ";
        append_value(head, value);
        head += "\r\n";
    }
    if (form == BodyForm::chunks)
        head += "Transfer-Encoding: chunked\r\n";
    else if (form != BodyForm::until_close && may_have_body(response.status))
        head += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
    head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    return head;
}

std::string chunk_of(std::string_view piece)
{
    std::array<char, 16> size{};
    const auto [end, error] = std::to_chars(size.data(), size.data() + size.size(), piece.size(), 16);
    std::string chunk(size.data(), end);
    chunk += "\r\n";
    chunk += piece;
    chunk += "\r\n";
    return chunk;
}

} // namespace kb::http
