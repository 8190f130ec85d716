#include "http/request_parser.hpp"

#include <algorithm>
#include <utility>

namespace kb::http {

namespace {

/// The first byte of a TLS handshake.
constexpr char kTls = 0x16;

std::string in_lower_case(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return text;
}

Fault too_long(int status, std::string field, std::size_t limit, const std::string& unit)
{
    const std::string most = std::to_string(limit) + " " + unit;
    return {status, Errc::too_many, "more than " + most, std::move(field), "send at most " + most};
}

} // namespace

/// What http_parser calls while it goes through the bytes; not 0 stops it.
struct RequestParser::Callbacks {
    static RequestParser& of(http_parser* parser) { return *static_cast<RequestParser*>(parser->data); }

    template <int (RequestParser::*on_piece)(std::string_view)>
    static int piece(http_parser* parser, const char* at, std::size_t size)
    {
        return (of(parser).*on_piece)({at, size});
    }
    template <int (RequestParser::*on_event)()>
    static int event(http_parser* parser)
    {
        return (of(parser).*on_event)();
    }

    static const http_parser_settings& table()
    {
        static const http_parser_settings settings = [] {
            http_parser_settings made;
            http_parser_settings_init(&made);
            made.on_url = piece<&RequestParser::on_target>;
            made.on_header_field = piece<&RequestParser::on_name>;
            made.on_header_value = piece<&RequestParser::on_value>;
            made.on_headers_complete = event<&RequestParser::on_head>;
            made.on_body = piece<&RequestParser::on_body>;
            made.on_message_complete = event<&RequestParser::on_end>;
            return made;
        }();
        return settings;
    }
};

RequestParser::RequestParser(RequestLimits limits) : limits_(limits) { reset(); }

void RequestParser::reset()
{
    http_parser_init(&parser_, HTTP_REQUEST);
    parser_.data = this;
    request_ = {};
    fault_.reset();
    head_bytes_ = 0;
    begun_ = false;
    in_value_ = true;
    head_done_ = false;
    expects_ = false;
    done_ = false;
}

std::size_t RequestParser::feed(std::string_view bytes)
{
    if (done_ || fault_)
        return 0;
    std::size_t skipped = 0;
    if (!begun_) // some end a body with a line break that does not belong to it
        skipped = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
    bytes.remove_prefix(skipped);
    if (bytes.empty())
        return skipped;
    const char first = begun_ ? '\0' : bytes.front();
    begun_ = true;
    const std::size_t taken = http_parser_execute(&parser_, &Callbacks::table(), bytes.data(), bytes.size());
    if (!done_ && !fault_ && HTTP_PARSER_ERRNO(&parser_) != HPE_OK)
        tell_error(HTTP_PARSER_ERRNO(&parser_), first);
    return skipped + std::min(taken, bytes.size());
}

bool RequestParser::take_expectation() { return std::exchange(expects_, false); }

int RequestParser::refuse(Fault fault)
{
    fault_ = std::move(fault);
    return -1;
}

void RequestParser::tell_error(http_errno error, char first)
{
    if (error == HPE_HEADER_OVERFLOW) {
        fault_ = too_long(431, "header", limits_.head_bytes, "bytes");
        return;
    }
    fault_ = Fault{error == HPE_INVALID_VERSION ? 505 : 400, Errc::bad_value,
                   std::string("not an HTTP request: ") + http_errno_description(error), "",
                   first == kTls ? "call http://, not https://" : "speak HTTP/1.1"};
}

int RequestParser::count(std::size_t bytes)
{
    head_bytes_ += bytes;
    return head_bytes_ > limits_.head_bytes ? refuse(too_long(431, "header", limits_.head_bytes, "bytes"))
                                            : 0;
}

int RequestParser::on_target(std::string_view piece)
{
    request_.path += piece;
    if (request_.path.size() > limits_.target_bytes)
        return refuse(too_long(414, "path", limits_.target_bytes, "bytes"));
    return count(piece.size());
}

int RequestParser::on_name(std::string_view piece)
{
    if (head_done_) // a trailer behind the last chunk: nobody asks for those
        return count(piece.size());
    if (std::exchange(in_value_, false)) {
        if (request_.headers.size() == limits_.headers)
            return refuse(too_long(431, "header", limits_.headers, "fields"));
        request_.headers.emplace_back();
    }
    request_.headers.back().first += piece;
    return count(piece.size());
}

int RequestParser::on_value(std::string_view piece)
{
    if (!head_done_) {
        in_value_ = true;
        request_.headers.back().second += piece;
    }
    return count(piece.size());
}

int RequestParser::on_head()
{
    head_done_ = true;
    for (auto& [name, value] : request_.headers)
        name = in_lower_case(std::move(name));
    request_.method = http_method_str(static_cast<http_method>(parser_.method));
    request_.path.resize(std::min(request_.path.find('#'), request_.path.size()));
    if (const std::size_t mark = request_.path.find('?'); mark != std::string::npos) {
        request_.query = request_.path.substr(mark + 1);
        request_.path.resize(mark);
    }
    if (parser_.http_major != 1)
        return refuse({505, Errc::unsupported, "not HTTP/1.0 or HTTP/1.1", "", "speak HTTP/1.1"});
    if (!request_.path.starts_with('/'))
        return refuse({400, Errc::bad_value, "not a path", "path", "ask for /..., not for an address"});
    const bool has_length = (parser_.flags & F_CONTENTLENGTH) != 0;
    if (has_length && parser_.content_length > limits_.body_bytes)
        return refuse(too_long(413, "body", limits_.body_bytes, "bytes"));
    expects_ = in_lower_case(std::string(request_.header("expect"))) == "100-continue";
    return 0;
}

int RequestParser::on_body(std::string_view piece)
{
    expects_ = false; // it did not wait
    if (piece.size() > limits_.body_bytes - request_.body.size())
        return refuse(too_long(413, "body", limits_.body_bytes, "bytes"));
    request_.body += piece;
    return 0;
}

int RequestParser::on_end()
{
    http_parser_pause(&parser_, 1); // what follows belongs to the next request
    keep_alive_ = http_should_keep_alive(&parser_) != 0;
    takes_chunks_ = parser_.http_minor > 0;
    done_ = true;
    return 0;
}

} // namespace kb::http
