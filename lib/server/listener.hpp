// One listening socket: it accepts for whichever service it belongs to now.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "net/listen.hpp"
#include "server/service.hpp"

namespace tunnel {

// Lives on the home worker's thread, and longer than a configuration: a reload that leaves the
// address gives it the new service, and no client notices.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  // `file` is that of a UNIX socket.
  explicit Listener(net::Acceptor acceptor, os::SocketFile file = {})
      : acceptor_(std::move(acceptor)), file_(std::move(file)) {}

  net::Endpoint endpoint() const;  // of TCP
  // "127.0.0.1:5999", "unix:/run/tunnel.sock".
  std::string text() { return net::text(acceptor_); }
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
  os::SocketFile file_;
  std::shared_ptr<Service> service_;
  std::chrono::milliseconds delay_{0};  // between attempts; zero while all is well
  unsigned failures_ = 0;               // in a row
  bool closed_ = false;
};

}  // namespace tunnel
