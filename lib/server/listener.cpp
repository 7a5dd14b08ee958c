// The accept loop: a slot before each connection, and back-off when the system has no descriptors.
#include "server/listener.hpp"

#include <fmt/format.h>
#include <asio/co_spawn.hpp>

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "base/exception_text.hpp"
#include "base/memory_reserve.hpp"
#include "os/net/socket.hpp"

namespace tunnel {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_back_off{5};
constexpr milliseconds longest_back_off{1000};

}  // namespace

net::Endpoint Listener::endpoint() const {
  net::ErrorCode ignored;
  return acceptor_.local_endpoint(ignored);
}

void Listener::serve(std::shared_ptr<ConnectionSink> sink) {
  const bool first = sink_ == nullptr;
  sink_ = std::move(sink);
  if (first)
    asio::co_spawn(acceptor_.get_executor(), accept_loop(shared_from_this()),
                   [self = shared_from_this()](const std::exception_ptr& exception) {
                     if (exception)
                       self->sink_->log().error(
                           "failed", "accepting has ended: " + exception_text(exception));
                   });
}

void Listener::pause() {
  net::ErrorCode ignored;
  acceptor_.cancel(ignored);
}

void Listener::close() {
  closed_ = true;
  if (held_ == Held::by_others && acceptor_.is_open())
    os::stop_listening(static_cast<os::NativeSocket>(acceptor_.native_handle()));
  net::ErrorCode ignored;
  acceptor_.close(ignored);
  file_ = os::SocketFile();
}

net::Awaitable<void> Listener::accept_loop(std::shared_ptr<Listener> self) {
  while (!self->closed_) {
    try {
      co_await self->accept_until_closed();
      co_return;
    } catch (const std::bad_alloc&) {
      // this client is lost; the next ones need not be
    }
    co_await self->back_off(asio::error::no_memory);
  }
}

net::Awaitable<void> Listener::accept_until_closed() {
  while (!closed_) {
    // a reload during the wait must not destroy the sink that is waited on
    std::shared_ptr<ConnectionSink> sink = sink_;
    const bool room = co_await sink->wait_for_slot();
    if (closed_) break;
    if (!room || sink != sink_) continue;
    // the last of the memory is for the connections that are open
    if (!fill_memory_reserve()) {
      co_await back_off(asio::error::no_memory);
      continue;
    }
    const ConnectionSink::Target target = sink->next_worker();
    net::Endpoint from;
    auto result = co_await acceptor_.async_accept(target.executor, from, net::as_result);
    auto& [error, socket] = result;
    if (error == asio::error::operation_aborted) continue;  // paused or closed
    if (error) {
      co_await back_off(error);
      continue;
    }
    if (delay_.count() != 0) {
      sink_->log().info("accepting", "accepting again");
      delay_ = milliseconds(0);
    }
    failures_ = 0;
    // the mode of a UNIX socket's file controls who may connect
    const bool local = net::is_local(from);
    if (local) from = net::Endpoint(asio::ip::address_v4::loopback(), 0);
    if (!local && !sink_->admits(from)) {
      // a clean close would look like an answer, and leave a TIME_WAIT here
      net::reset(socket);
      continue;
    }
    // the last slot may have gone to another listener meanwhile
    bool has_slot = false;
    while (!has_slot) {
      sink = sink_;
      has_slot = co_await sink->wait_for_slot() && sink == sink_;
    }
    sink->begin(target.worker, from, std::move(socket));
  }
}

net::Awaitable<void> Listener::back_off(const net::ErrorCode& error) {
  const bool no_memory = error == asio::error::no_buffer_space || error == asio::error::no_memory;
  const bool starved = error == asio::error::no_descriptors || no_memory ||
                       os::is_error(error.value(), std::errc::too_many_files_open_in_system);
  ++failures_;
  if (!starved) {
    // the client left between its SYN and our accept, or the network reported an error for it
    sink_->log().debug("accept", "a client was gone before it was accepted: " + error.message());
  } else if (delay_.count() == 0) {
    sink_->log().error(
        "starved", fmt::format("no further client can be accepted: {}; new ones wait; {}, or lower "
                               "max_connections",
                               error.message(),
                               no_memory ? "give it more memory"
                                         : "raise the limit of open files (ulimit -n)"));
  }
  constexpr unsigned unlucky = 16;  // more failures in a row are not the clients' doing
  if (!starved && failures_ < unlucky) co_return;
  delay_ = std::clamp(delay_ * 2, first_back_off, longest_back_off);
  if (starved && sink_->make_room()) delay_ = first_back_off;
  net::Timer timer(acceptor_.get_executor(), delay_);
  co_await timer.async_wait(net::as_result);
}

}  // namespace tunnel
