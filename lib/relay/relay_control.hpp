// A running relay, as the rest of the program sees it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tunnel {

enum class Side { client, upstream };

// How a connection ended: which side ended it, and in words; `clean` where both directions were
// carried to their ends.
struct Ending {
  bool clean = false;
  bool wrong = false;  // worth a warning: truncated or forged, not just closed or reset
  std::string how;     // "closed by the client", "idle for 12h00m, so both sides were reset"
  // The upstream ended before its first byte, `cleanly` or not, and nothing went to it after that.
  // With `client_waits`, the client's socket is still open, to be told why.
  bool unanswered = false;
  bool cleanly = false;  // at least on TCP: close_notify may be missing
  bool client_waits = false;
  std::chrono::steady_clock::duration quiet{};  // before an unclean end: how long nothing had moved
  // Bytes that were forwarded but not acknowledged by the reader's system, as far as it tells.
  std::uint64_t undelivered_up = 0;
  std::uint64_t undelivered_down = 0;
};

// The calls come on the relay's thread.
class RelayControl {
 public:
  // Resets both sides now; run() returns soon.
  virtual void cut(std::string why) = 0;
  // That side doesn't answer any more: the other one gets what has arrived from it, then a reset.
  virtual void lose(Side side, std::string why) = 0;
  // Both sides have ended, though the end of one is not read yet: nobody reads its last bytes.
  virtual void expect_end() = 0;

 protected:
  ~RelayControl() = default;
};

}  // namespace tunnel
