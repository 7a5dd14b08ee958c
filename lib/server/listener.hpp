// One listening socket, and the accept loop on it.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "net/listen.hpp"
#include "server/connection_sink.hpp"

namespace tunnel {

// Lives on the home worker's thread. It outlives a configuration: a reload that keeps the address
// gives it the new service's sink, and no client notices.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  // Whether another process shares the socket: closing only ours would leave clients in its
  // backlog.
  enum class Held { by_us, by_others };
  // `file` is that of a UNIX socket.
  explicit Listener(net::Acceptor acceptor, os::SocketFile file = {}, Held held = Held::by_us)
      : acceptor_(std::move(acceptor)), file_(std::move(file)), held_(held) {}

  net::Endpoint endpoint() const;  // of TCP
  // "127.0.0.1:5999", "unix:/run/tunnel.sock".
  std::string text() { return net::text(acceptor_); }
  // Accepts for that sink from now on; the first call starts the loop.
  void serve(std::shared_ptr<ConnectionSink> sink);
  // Stops accepting until the sink has a slot again.
  void pause();
  void close();
  // From here on, close() closes only our copy of a shared socket.
  void leave_to_others() { held_ = Held::by_us; }

 private:
  static net::Awaitable<void> accept_loop(std::shared_ptr<Listener> self);
  net::Awaitable<void> accept_until_closed();
  net::Awaitable<void> back_off(const net::ErrorCode& error);

  net::Acceptor acceptor_;
  os::SocketFile file_;
  Held held_;
  std::shared_ptr<ConnectionSink> sink_;
  std::chrono::milliseconds delay_{0};  // between attempts; zero unless accepting fails
  unsigned failures_ = 0;               // in a row
  bool closed_ = false;
};

}  // namespace tunnel
