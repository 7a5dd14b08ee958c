// The accept loop: a slot before each connection, patience when the system has no descriptors left.
#include "server/listener.hpp"

#include <fmt/format.h>
#include <asio/co_spawn.hpp>

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

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

void Listener::serve(std::shared_ptr<Service> service) {
  const bool first = service_ == nullptr;
  service_ = std::move(service);
  if (first)
    asio::co_spawn(acceptor_.get_executor(), accept_loop(shared_from_this()),
                   [self = shared_from_this()](const std::exception_ptr& exception) {
                     if (exception)
                       self->service_->log().error("failed",
                                                   "accepting has ended: " + words_of(exception));
                   });
}

void Listener::hold() {
  net::ErrorCode ignored;
  acceptor_.cancel(ignored);
}

void Listener::close() {
  closed_ = true;
  net::ErrorCode ignored;
  acceptor_.close(ignored);
  file_ = os::SocketFile();
}

net::Awaitable<void> Listener::accept_loop(std::shared_ptr<Listener> self) {
  while (!self->closed_) {
    try {
      co_await self->accept_for_ever();
      co_return;
    } catch (const std::bad_alloc&) {
      // that client is lost, those after it are not
    }
    co_await self->back_off(asio::error::no_memory);
  }
}

net::Awaitable<void> Listener::accept_for_ever() {
  while (!closed_) {
    // it is there until the wait is over, whatever a reload does meanwhile
    std::shared_ptr<Service> service = service_;
    const bool room = co_await service->wait_for_slot();
    if (closed_) break;
    if (!room || service != service_) continue;
    // what is left belongs to those who are here already
    if (!fill_memory_reserve()) {
      co_await back_off(asio::error::no_memory);
      continue;
    }
    const std::size_t worker = service->next_worker();
    net::Endpoint from;
    auto result = co_await acceptor_.async_accept(service->executor(worker), from, net::as_result);
    auto& [error, socket] = result;
    if (error == asio::error::operation_aborted) continue;  // held, or closed
    if (error) {
      co_await back_off(error);
      continue;
    }
    if (delay_.count() != 0) {
      service_->log().info("accepting", "accepting again");
      delay_ = milliseconds(0);
    }
    failures_ = 0;
    // the file of a UNIX socket says by its mode who may come in
    const bool local = net::is_local(from);
    if (local) from = net::Endpoint(asio::ip::address_v4::loopback(), 0);
    if (!local && !service_->admits(from)) {
      // a clean end would look like an answer, and leave a descriptor's worth of TIME_WAIT here
      net::reset(socket);
      continue;
    }
    // the last slot may have gone to another listener meanwhile
    bool has_slot = false;
    while (!has_slot) {
      service = service_;
      has_slot = co_await service->wait_for_slot() && service == service_;
    }
    service->begin(worker, from, std::move(socket));
  }
}

net::Awaitable<void> Listener::back_off(const net::ErrorCode& error) {
  const bool no_memory = error == asio::error::no_buffer_space || error == asio::error::no_memory;
  const bool starved = error == asio::error::no_descriptors || no_memory ||
                       os::is_error(error.value(), std::errc::too_many_files_open_in_system);
  ++failures_;
  if (!starved) {
    // the client went away between its SYN and our accept, or the network had an error for it
    service_->log().debug("accept", "a client was gone before it was accepted: " + error.message());
  } else if (delay_.count() == 0) {
    service_->log().error(
        "starved", fmt::format("no further client can be accepted: {}; new ones wait; {}, or lower "
                               "max_connections",
                               error.message(),
                               no_memory ? "give it more memory"
                                         : "raise the limit of open files (ulimit -n)"));
  }
  constexpr unsigned unlucky = 16;  // beyond that it is not the clients
  if (!starved && failures_ < unlucky) co_return;
  delay_ = std::clamp(delay_ * 2, first_back_off, longest_back_off);
  if (starved && service_->make_room()) delay_ = first_back_off;
  net::Timer timer(acceptor_.get_executor(), delay_);
  co_await timer.async_wait(net::as_result);
}

}  // namespace tunnel
