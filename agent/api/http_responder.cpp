#include "agent/api/http_responder.hpp"

#include "agent/api/http_connection.hpp"

#include <utility>

namespace kb::agent {
namespace {

/// Calls `work` on the connection's thread: at once when this is it. Not at all when the connection is gone.
template <class Work>
void on_its_thread(const std::weak_ptr<HttpConnection>& connection, Work work)
{
    if (auto alive = connection.lock()) {
        asio::io_context& io = alive->io();
        asio::dispatch(io, [alive = std::move(alive), work = std::move(work)]() mutable { work(*alive); });
    }
}

} // namespace

bool StreamBacklog::add(std::string_view text)
{
    const std::lock_guard lock(mutex_);
    cut_ = cut_ || waiting_.size() + leaving_ > limit_;
    if (cut_) {
        return false;
    }
    waiting_ += text;
    return true;
}

void StreamBacklog::finish()
{
    const std::lock_guard lock(mutex_);
    finished_ = true;
}

void StreamBacklog::cut()
{
    const std::lock_guard lock(mutex_);
    cut_ = true;
}

std::string StreamBacklog::take()
{
    const std::lock_guard lock(mutex_);
    leaving_ = waiting_.size();
    return std::exchange(waiting_, {});
}

void StreamBacklog::sent()
{
    const std::lock_guard lock(mutex_);
    leaving_ = 0;
}

bool StreamBacklog::cut_off() const
{
    const std::lock_guard lock(mutex_);
    return cut_;
}

bool StreamBacklog::at_end() const
{
    const std::lock_guard lock(mutex_);
    return finished_ && waiting_.empty() && leaving_ == 0;
}

HttpStream::HttpStream(std::weak_ptr<HttpConnection> connection, std::shared_ptr<StreamBacklog> backlog)
    : connection_(std::move(connection)),
      backlog_(std::move(backlog))
{}

HttpStream::~HttpStream()
{
    backlog_->finish();
    pump();
}

bool HttpStream::write(std::string text)
{
    const bool well = backlog_->add(text);
    pump();
    return well;
}

void HttpStream::pump()
{
    on_its_thread(connection_, [](HttpConnection& connection) { connection.pump(); });
}

HttpResponder::HttpResponder(std::weak_ptr<HttpConnection> connection, std::uint64_t request)
    : connection_(std::move(connection)),
      request_(request)
{}

HttpResponder::~HttpResponder()
{
    if (!answered_) {
        on_its_thread(connection_,
                      [request = request_](HttpConnection& connection) { connection.forget(request); });
    }
}

void HttpResponder::send(kb::http::Response response)
{
    if (answered_.exchange(true)) {
        return;
    }
    on_its_thread(connection_,
                  [request = request_, response = std::move(response)](HttpConnection& connection) mutable {
                      connection.answer(request, std::move(response));
                  });
}

std::shared_ptr<kb::http::Stream> HttpResponder::open_stream(kb::http::Response head)
{
    const auto alive = connection_.lock();
    auto backlog = std::make_shared<StreamBacklog>(alive ? alive->max_stream_backlog() : 0);
    if (!alive || answered_.exchange(true)) {
        backlog->cut();
    } else {
        on_its_thread(connection_, [request = request_, head = std::move(head),
                                    backlog](HttpConnection& connection) mutable {
            connection.open_stream(request, std::move(head), std::move(backlog));
        });
    }
    return std::make_shared<HttpStream>(connection_, std::move(backlog));
}

} // namespace kb::agent
