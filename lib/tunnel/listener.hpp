// One listening socket: it accepts for whichever service it belongs to now.
#pragma once

#include <chrono>
#include <memory>

#include "net/io.hpp"
#include "tunnel/service.hpp"

namespace tunnel {

// Lives on the home worker's thread, and longer than a configuration: a reload that leaves the
// address gives it the new service, and no client notices.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  explicit Listener(net::Acceptor acceptor) : acceptor_(std::move(acceptor)) {}

  net::Endpoint endpoint() const;
  // Whose clients those are that are accepted from now on; the first call begins.
  void serve(std::shared_ptr<Service> service);
  // Looks again whether the service has room before it accepts the next.
  void hold();
  void close();

 private:
  static net::Awaitable<void> accept_loop(std::shared_ptr<Listener> self);
  net::Awaitable<void> accept_for_ever();
  net::Awaitable<void> back_off(const net::ErrorCode& error);

  net::Acceptor acceptor_;
  std::shared_ptr<Service> service_;
  std::chrono::milliseconds delay_{0};  // between attempts; zero while all is well
  unsigned failures_ = 0;               // in a row
  bool closed_ = false;
};

}  // namespace tunnel
