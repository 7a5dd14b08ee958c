// Connects to the first of several addresses that answers (Happy Eyeballs, RFC 8305).
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "net/deadline.hpp"
#include "net/io.hpp"

namespace tunnel::net {

// How connecting ended: an error of the system, or asio::error::timed_out with `timed_out` set
// where our own deadline expired.
struct ConnectResult {
  ErrorCode error;
  bool timed_out = false;
};

// The addresses of a name in the order in which they are tried: each once, alternating between the
// families (section 4), the resolver's choice first; no more than `most_addresses`.
std::vector<Endpoint> interleaved(const std::vector<Endpoint>& addresses);

// A bound on the addresses tried for a name: its DNS server could return thousands.
inline constexpr std::size_t most_addresses = 16;

// How long until the next address is tried beside the others (section 5). After a failure it is
// tried at once.
inline constexpr std::chrono::milliseconds attempt_delay{250};

class HappyEyeballs {
 public:
  explicit HappyEyeballs(const Executor& executor);
  ~HappyEyeballs();
  HappyEyeballs(const HappyEyeballs&) = delete;
  HappyEyeballs& operator=(const HappyEyeballs&) = delete;

  // Once. Each address has `timeout` (zero: for as long as the system tries). Of several failures
  // it returns the most informative.
  Awaitable<ConnectResult> run(std::vector<Endpoint> addresses, std::chrono::milliseconds timeout);
  // Ends run() soon, with an error. On the executor's thread.
  void cancel();

  // After a success: the connected socket, to be moved from, and its peer. The other sockets are
  // closed.
  Socket& socket();
  const Endpoint& endpoint() const;

 private:
  struct Attempt;
  // Shared with the handlers of the connects, which may outlive this object.
  struct Race;

  Executor executor_;
  std::shared_ptr<Race> race_;
};

}  // namespace tunnel::net
