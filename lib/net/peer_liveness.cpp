// Looking, probing, and giving up.
#include "net/peer_liveness.hpp"

#include <fmt/format.h>

#include <asio/ip/udp.hpp>

#include <algorithm>

#include "base/text.hpp"

namespace tunnel::net {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Sent again so often in vain, to somebody who may have gone while the machine slept.
constexpr std::uint32_t enough_resent = 3;

}  // namespace

bool OwnAddresses::has(const asio::ip::address& address) {
  const auto [entry, fresh] = known_.try_emplace(address, true);
  if (!fresh) return entry->second;
  // binding asks for nothing else, neither rights nor files; and UDP, so that no port of TCP is
  // used
  asio::basic_datagram_socket<asio::ip::udp, Executor> socket(executor_);
  const asio::ip::udp::endpoint endpoint(address, 0);
  ErrorCode error;
  socket.open(endpoint.protocol(), error);
  if (error) return true;  // that tells nothing
  socket.bind(endpoint, error);
  entry->second = !os::is_error(error.value(), std::errc::address_not_available);
  return entry->second;
}

milliseconds PeerLiveness::patience(milliseconds keepalive) {
  if (keepalive.count() == 0) return keepalive;
  return keepalive + 3 * std::max<milliseconds>(keepalive / 6, seconds(1));
}

bool PeerLiveness::gone(const os::PeerState& state, Clock::time_point now, milliseconds patience) {
  const bool heard = owes_ && state.heard < now - owes_since_;
  if (!state.owes || !owes_ || heard) {
    owes_ = state.owes;
    owes_since_ = now;
    resent_ = state.resent;
    return false;
  }
  if (now - owes_since_ >= patience) return true;
  return hasty(now) && state.resent - resent_ >= enough_resent;
}

std::string PeerLiveness::look(Socket& socket, const Round& round, milliseconds keepalive) {
  if (!socket.is_open()) return {};
  if (round.addresses != nullptr) {
    ErrorCode error;
    const auto own = socket.local_endpoint(error).address();
    if (!error && !own.is_loopback() && !own.is_unspecified() && !round.addresses->has(own))
      return fmt::format("cannot answer any more: {}, which it knew this machine by, has gone",
                         own.to_string());
  }
  const auto native = static_cast<os::NativeSocket>(socket.native_handle());
  if (round.jolted && keepalive.count() != 0) {
    begin_haste(round.now);
    probed_ = os::set_hasty_keepalive(native);
    next_ = round.now;
  } else if (probed_ && !hasty(round.now)) {
    probed_ = false;
    os::set_keepalive(native, keepalive);
  }
  if (round.now < next_) return {};
  constexpr seconds often{1};
  constexpr seconds seldom{15};
  const milliseconds patience = PeerLiveness::patience(keepalive);
  if (!hasty(round.now))
    next_ =
        round.now +
        (patience.count() == 0 ? seldom : std::clamp<milliseconds>(patience / 6, often, seldom));
  const auto state = os::peer_state(native);
  if (!state) return {};
  finished_ = state->finished;
  if (patience.count() == 0 || !gone(*state, round.now, patience)) return {};
  return fmt::format(
      "has not answered for {}",
      duration_text(std::chrono::duration_cast<milliseconds>(round.now - owes_since_)));
}

}  // namespace tunnel::net
