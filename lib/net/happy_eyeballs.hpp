// A TCP connection to whichever of several addresses answers first: happy eyeballs, RFC 8305.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "net/deadline.hpp"
#include "net/io.hpp"

namespace tunnel::net {

// How an attempt to connect ended: an error of the system, or asio::error::timed_out with
// `timed_out` set where it was our deadline.
struct Attempt {
  ErrorCode error;
  bool timed_out = false;
};

// The addresses of a name in the order in which they are tried: each once, the families by turns
// (section 4), the resolver's choice first; no more than `most_addresses`.
std::vector<Endpoint> interleaved(const std::vector<Endpoint>& addresses);

// So many of a name's addresses are tried: whoever answers for the name could give thousands.
inline constexpr std::size_t most_addresses = 16;

// The next address is tried beside the others after so long (section 5), or at once where one has
// failed.
inline constexpr std::chrono::milliseconds attempt_delay{250};

class HappyEyeballs {
 public:
  explicit HappyEyeballs(const Executor& executor);
  ~HappyEyeballs();
  HappyEyeballs(const HappyEyeballs&) = delete;
  HappyEyeballs& operator=(const HappyEyeballs&) = delete;

  // Once. Each address has `timeout` (zero: as long as the system tries). Of several failures this
  // is the one that says most.
  Awaitable<Attempt> run(std::vector<Endpoint> addresses, std::chrono::milliseconds timeout);
  // Ends it soon, with an error. On the executor's thread.
  void cancel();

  // After a success: the connected socket, to be moved from, and where it goes. The others are
  // closed.
  Socket& socket();
  const Endpoint& endpoint() const;

 private:
  struct Runner;
  // What the handlers of a connect outlive the race by.
  struct Course;

  Executor executor_;
  std::shared_ptr<Course> course_;
};

}  // namespace tunnel::net
