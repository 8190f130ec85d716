#include "agent/api/http_connection.hpp"

#include "agent/log.hpp"
#include "http/response_head.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace kb::agent {
namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;
using kb::http::BodyForm;
using kb::http::Fault;
using kb::http::Request;
using kb::http::Response;

constexpr auto kLinger = 5s;

std::string in_seconds(std::chrono::milliseconds span)
{
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(span).count()) + " s";
}

} // namespace

HttpConnection::HttpConnection(std::shared_ptr<HttpService> service, tcp::socket socket)
    : service_(std::move(service)),
      socket_(std::move(socket)),
      timer_(service_->io),
      parser_(service_->options.limits)
{}

void HttpConnection::begin()
{
    boost::system::error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    remote_ = socket_.remote_endpoint(ignored).address().to_string();
    wait_for_request();
}

void HttpConnection::close()
{
    if (state_ == State::closed) {
        return;
    }
    const auto self = shared_from_this(); // the service may be the last to hold this
    state_ = State::closed;
    if (backlog_) {
        backlog_->cut();
    }
    timer_.cancel();
    boost::system::error_code ignored;
    socket_.close(ignored);
    service_->connections.erase(self);
    service_->on_room();
}

void HttpConnection::wait_for_request()
{
    state_ = State::idle;
    idle_since_ = std::chrono::steady_clock::now();
    request_ = {};
    parser_.reset();
    set_deadline(service_->options.idle_for);
    service_->on_room();
    use_input();
}

void HttpConnection::use_input()
{
    begin_ += parser_.feed({input_.data() + begin_, end_ - begin_});
    if (parser_.fault()) {
        request_ = parser_.take();
        refuse(*parser_.fault());
        return;
    }
    if (parser_.done()) {
        serve();
        return;
    }
    if (state_ == State::idle && parser_.begun()) {
        state_ = State::reading;
        set_deadline(service_->options.read_within);
    }
    if (sender_ended_) {
        close();
        return;
    }
    if (parser_.take_expectation()) {
        write("HTTP/1.1 100 Continue\r\n\r\n");
    }
    read();
}

void HttpConnection::read()
{
    if (reading_ || sender_ended_) {
        return;
    }
    std::copy(input_.begin() + static_cast<std::ptrdiff_t>(begin_),
              input_.begin() + static_cast<std::ptrdiff_t>(end_), input_.begin());
    end_ -= std::exchange(begin_, 0);
    if (end_ == input_.size()) {
        return; // of the next requests; they wait
    }
    reading_ = true;
    socket_.async_read_some(
        asio::buffer(input_.data() + end_, input_.size() - end_),
        [self = shared_from_this()](const boost::system::error_code& failed, std::size_t size) {
            self->reading_ = false;
            self->on_read(failed, size);
        });
}

void HttpConnection::on_read(const boost::system::error_code& failed, std::size_t size)
{
    const bool served = state_ == State::waiting || state_ == State::answering;
    if (failed == asio::error::eof && served) {
        // No farewell: many a client ends its half behind the request and waits for the answer.
        sender_ended_ = true;
        return;
    }
    if (failed) {
        close();
        return;
    }
    end_ += size;
    if (state_ == State::idle || state_ == State::reading) {
        use_input();
        return;
    }
    if (state_ == State::streaming || state_ == State::lingering) {
        begin_ = end_; // nothing that comes now will be answered
    }
    if (state_ != State::closed) {
        read(); // to notice when the client goes
    }
}

void HttpConnection::serve()
{
    state_ = State::waiting;
    keep_alive_ = parser_.keep_alive();
    takes_chunks_ = parser_.takes_chunks();
    request_ = parser_.take();
    request_.remote_address = remote_;
    set_deadline(service_->options.answer_within);
    const auto responder = std::make_shared<HttpResponder>(weak_from_this(), ++number_);
    try {
        const auto& guard = service_->options.guard;
        if (auto refused = guard ? guard(request_) : std::nullopt) {
            responder->send(*std::move(refused));
        } else if (service_->options.take) {
            service_->options.take(request_, responder);
        } else {
            service_->router.dispatch(request_, responder);
        }
    } catch (const std::exception& error) {
        log::error("http: a guard threw", {{"server", service_->options.name}, {"what", error.what()}});
        forget(number_);
    }
    std::string().swap(request_.body); // a handler that answers later keeps what it needs
    if (state_ != State::closed) {
        read();
    }
}

void HttpConnection::answer(std::uint64_t request, Response response)
{
    if (state_ == State::waiting && request == number_) {
        send(std::move(response));
    }
}

void HttpConnection::forget(std::uint64_t request)
{
    answer(request, service_->router.refusal({500, Errc::cancelled, "nobody answered the request"}));
}

void HttpConnection::refuse(const Fault& fault)
{
    ++number_; // whoever wanted to answer is too late
    keep_alive_ = false;
    send(service_->router.refusal(fault));
}

void HttpConnection::send(Response response)
{
    if (service_->options.finish) {
        service_->options.finish(request_, response);
    }
    keep_alive_ = keep_alive_ && more_may_come();
    const bool bare = request_.method == "HEAD";
    state_ = State::answering;
    set_deadline(service_->options.write_within);
    queued_.push_back(head_of(response, bare ? BodyForm::none : BodyForm::whole, keep_alive_));
    if (!bare && kb::http::may_have_body(response.status)) {
        queued_.push_back(std::move(response.body));
    }
    flush();
}

void HttpConnection::open_stream(std::uint64_t request, Response head, std::shared_ptr<StreamBacklog> backlog)
{
    if (state_ != State::waiting || request != number_) {
        backlog->cut();
        return;
    }
    if (service_->options.finish) {
        service_->options.finish(request_, head);
    }
    keep_alive_ = false;
    state_ = State::streaming;
    backlog_ = std::move(backlog);
    set_deadline(service_->options.write_within);
    write(head_of(head, takes_chunks_ ? BodyForm::chunks : BodyForm::until_close, false));
}

void HttpConnection::pump()
{
    if (state_ != State::streaming) {
        return;
    }
    if (backlog_->cut_off()) {
        close();
        return;
    }
    if (!leaving_.empty()) {
        return;
    }
    std::string text = backlog_->take();
    if (!text.empty()) {
        set_deadline(service_->options.write_within);
        write(takes_chunks_ ? kb::http::chunk_of(text) : std::move(text));
        return;
    }
    if (!backlog_->at_end()) {
        no_deadline();
        return;
    }
    state_ = State::answering;
    if (takes_chunks_) {
        write(kb::http::chunk_of(""));
    } else {
        end_answer();
    }
}

void HttpConnection::write(std::string bytes)
{
    queued_.push_back(std::move(bytes));
    flush();
}

void HttpConnection::flush()
{
    if (!leaving_.empty()) {
        return;
    }
    leaving_.swap(queued_);
    std::vector<asio::const_buffer> buffers;
    buffers.reserve(leaving_.size());
    for (const std::string& piece : leaving_) {
        buffers.emplace_back(asio::buffer(piece));
    }
    asio::async_write(socket_, buffers,
                      [self = shared_from_this()](const boost::system::error_code& failed, std::size_t) {
                          self->leaving_.clear();
                          self->on_written(failed);
                      });
}

void HttpConnection::on_written(const boost::system::error_code& failed)
{
    if (state_ == State::closed) {
        return;
    }
    if (failed) {
        close();
    } else if (!queued_.empty()) {
        flush();
    } else if (state_ == State::answering) {
        end_answer();
    } else if (state_ == State::streaming) {
        backlog_->sent();
        pump();
    }
}

void HttpConnection::end_answer()
{
    if (keep_alive_ && more_may_come()) {
        wait_for_request();
        return;
    }
    if (sender_ended_) {
        close();
        return;
    }
    // Closing with bytes unread would reset the connection, and the answer could be lost on its way.
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    state_ = State::lingering;
    idle_since_ = std::chrono::steady_clock::now();
    begin_ = end_;
    set_deadline(kLinger);
    read();
    service_->on_room(); // whoever waits for a place comes before a client that has been told
}

void HttpConnection::set_deadline(std::chrono::milliseconds within)
{
    deadline_ = std::chrono::steady_clock::now() + within;
    if (!timer_runs_ || deadline_ < timer_.expiry()) {
        arm_timer();
    }
}

void HttpConnection::no_deadline() { deadline_ = std::chrono::steady_clock::time_point::max(); }

void HttpConnection::arm_timer()
{
    timer_runs_ = true;
    timer_.expires_at(deadline_);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& failed) {
        if (failed || self->state_ == State::closed) {
            return; // set to an earlier time, or over
        }
        self->timer_runs_ = false;
        if (self->deadline_ <= std::chrono::steady_clock::now()) {
            self->on_deadline();
        } else if (self->deadline_ != std::chrono::steady_clock::time_point::max()) {
            self->arm_timer();
        }
    });
}

void HttpConnection::on_deadline()
{
    if (state_ == State::reading) {
        refuse({408, Errc::timed_out,
                "the request did not come whole within " + in_seconds(service_->options.read_within), "",
                "send it at once"});
    } else if (state_ == State::waiting) {
        refuse({504, Errc::timed_out, "no answer within " + in_seconds(service_->options.answer_within), "",
                "it may be carried out all the same: ask what became of it before sending it again"});
    } else {
        close();
    }
}

} // namespace kb::agent
