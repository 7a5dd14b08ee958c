// Checks peers and probes them.
#include "net/peer_liveness.hpp"

#include <fmt/format.h>

#include <asio/ip/udp.hpp>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"

namespace tunnel::net {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

using Datagram = asio::basic_datagram_socket<asio::ip::udp, Executor>;

// After a network change, a shorter silence proves nothing: routes and radios need a moment.
constexpr milliseconds shortest_silence = seconds(15);
// The same where there are no other peers to hear from.
constexpr milliseconds silence_of_few = seconds(30);
// A witness heard from within this time still counts.
constexpr milliseconds fresh = seconds(3);
// By then a system that checks peers itself has decided.
constexpr milliseconds until_system = seconds(35);

}  // namespace

bool LocalAddresses::has(const asio::ip::address& address) {
  const auto [entry, is_new] = known_.try_emplace(address, true);
  if (!is_new) return entry->second;
  // binding is a cheap question that needs no privilege and no file; UDP uses up no TCP port
  Datagram socket(executor_);
  const asio::ip::udp::endpoint endpoint(address, 0);
  ErrorCode error;
  socket.open(endpoint.protocol(), error);
  if (error) return true;  // unknown
  socket.bind(endpoint, error);
  entry->second = !os::is_error(error.value(), std::errc::address_not_available);
  return entry->second;
}

bool LocalAddresses::route_changed(const asio::ip::address& own, const asio::ip::address& peer) {
  // each lookup takes some microseconds of the worker's loop
  constexpr std::size_t most = 1000;
  auto known = sources_.find(peer);
  if (known == sources_.end()) {
    if (sources_.size() >= most) return false;
    known = sources_.emplace(peer, asio::ip::address()).first;
    // nothing is sent: the system only chooses the route
    constexpr std::uint16_t discard = 9;
    const asio::ip::udp::endpoint to(peer, discard);
    Datagram socket(executor_);
    ErrorCode error;
    socket.open(to.protocol(), error);
    if (!error) socket.connect(to, error);
    if (!error) {
      const auto from = socket.local_endpoint(error);
      if (!error) known->second = from.address();
    }
  }
  // a peer without a route has changed too
  return known->second != own;
}

void ProbeStats::on_answer(std::uint32_t lost) {
  constexpr std::uint32_t most = 2000;
  if (answered_ + lost_ >= most) {
    // old samples count less
    answered_ /= 2;
    lost_ /= 2;
  }
  ++answered_;
  lost_ += std::min(lost, most);
}

std::uint32_t ProbeStats::enough() const {
  constexpr double acceptable = 1e-9;
  // the prior: one in twenty is lost
  const double loss = (lost_ + 1.0) / (lost_ + answered_ + 20.0);
  return static_cast<std::uint32_t>(
      std::clamp(std::ceil(std::log(acceptable) / std::log(loss)), 5.0, 20.0));
}

milliseconds PeerLiveness::patience(milliseconds keepalive) {
  if (keepalive.count() == 0) return keepalive;
  return keepalive + 3 * std::max<milliseconds>(keepalive / 6, seconds(1));
}

bool PeerLiveness::gone(const os::PeerState& state, LivenessRound& round,
                        milliseconds keepalive) const {
  const milliseconds patience = PeerLiveness::patience(keepalive);
  const auto silent = duration_cast<milliseconds>(round.now - since_);
  // data is retransmitted at ever longer intervals, probes are not
  milliseconds limit = state.owes ? patience : patience - keepalive;
  if (fast_) limit = std::min(patience, round.few ? silence_of_few : shortest_silence);
  if (silent < limit || state.unanswered < round.stats.enough()) return false;
  const bool witnessed = round.stats.heard() >= round.now - fresh;
  if (round.few || witnessed) return true;
  round.wants_witness = true;
  // no peer is heard from: the network may be down, so it gets as long again
  return silent >= 2 * patience;
}

bool PeerLiveness::is_remote(Socket& socket) {
  if (location_ != Location::unknown) return location_ == Location::remote;
  ErrorCode error;
  const Endpoint peer = socket.remote_endpoint(error);
  if (error) return false;
  location_ = Location::remote;
  if (is_local(peer) || peer.address().is_loopback() ||
      peer.address() == socket.local_endpoint(error).address())
    location_ = Location::local;
  return location_ == Location::remote;
}

void PeerLiveness::ask(Socket& socket, Clock::time_point now, LocalAddresses& changed) {
  if (!socket.is_open() || !is_remote(socket)) return;
  ErrorCode error;
  const auto own = socket.local_endpoint(error);
  const auto peer = socket.remote_endpoint(error);
  urgent_ = !error && changed.route_changed(own.address(), peer.address());
  if (!asked_) begin(now, true);
  fast_ = true;
  next_ = now;
}

bool PeerLiveness::ask_witness(Clock::time_point now) {
  if (location_ != Location::remote || asked_ || closed_) return false;
  begin(now, false);
  next_ = now;
  return true;
}

std::string PeerLiveness::check_address(Socket& socket, LocalAddresses& addresses) {
  if (!socket.is_open()) return {};
  ErrorCode error;
  const auto own = socket.local_endpoint(error).address();
  if (error || own.is_loopback() || own.is_unspecified() || addresses.has(own)) return {};
  return fmt::format("cannot answer any more: {}, which it knew this machine by, has gone",
                     own.to_string());
}

void PeerLiveness::settle(Socket& socket, LivenessRound& round, milliseconds keepalive) {
  if (probed_) os::set_keepalive(static_cast<os::NativeSocket>(socket.native_handle()), keepalive);
  asked_ = fast_ = urgent_ = probed_ = false;
  lost_ = 0;
  constexpr milliseconds often = seconds(1);
  constexpr milliseconds seldom = seconds(15);
  const milliseconds patience = PeerLiveness::patience(keepalive);
  next_ = round.now + (patience.count() == 0 ? seldom : std::clamp(patience / 6, often, seldom));
}

// For systems that probe by themselves and report nothing.
void PeerLiveness::ask_system(Socket& socket, LivenessRound& round, milliseconds keepalive) {
  if (!asked_ || probed_ || keepalive.count() == 0) return settle(socket, round, keepalive);
  if (round.budget == 0) {
    round.starved = true;
    return;
  }
  --round.budget;
  probed_ = os::probe(static_cast<os::NativeSocket>(socket.native_handle()), seconds(1));
  next_ = round.now + until_system;
}

std::string PeerLiveness::check(Socket& socket, LivenessRound& round, milliseconds keepalive) {
  if (!socket.is_open()) return {};
  const bool remote = is_remote(socket);
  if (remote) ++round.remote;
  if (asked_) ++round.asked;
  if (round.now < next_ || (round.urgent_only && !urgent_)) return {};
  // a peer that must be probed waits for the budget
  if (asked_ && !probed_ && round.budget == 0) {
    round.starved = true;
    return {};
  }
  const auto native = static_cast<os::NativeSocket>(socket.native_handle());
  const auto state = os::peer_state(native);
  if (!state) {
    ask_system(socket, round, keepalive);
    return {};
  }
  finished_ = state->finished;
  closed_ = state->closed;
  const Clock::time_point heard = round.now - state->heard;
  if (remote) round.stats.on_heard(heard);
  if (closed_ || keepalive.count() == 0) {
    settle(socket, round, keepalive);
    return {};
  }
  if (asked_ && heard > since_) {
    if (probed_ && remote) round.stats.on_answer(lost_);
    settle(socket, round, keepalive);
    return {};
  }
  if (!asked_) {
    if (!state->owes && state->unanswered == 0) {
      settle(socket, round, keepalive);
      return {};
    }
    begin(round.now, false);
    ++round.asked;
  }
  if (gone(*state, round, keepalive))
    return fmt::format("has not answered for {}",
                       duration_text(duration_cast<milliseconds>(round.now - since_)));
  next_ = round.now + seconds(1);
  // unacknowledged data already acts as a probe
  if (state->owes || state->heard < seconds(1)) return {};
  if (probed_ && round.now - probed_at_ < round.probe_again) return {};
  if (round.budget == 0) {
    round.starved = true;
    next_ = round.now;
    return {};
  }
  --round.budget;
  lost_ = state->unanswered;
  probed_ = os::probe(native, state->heard) || probed_;
  probed_at_ = round.now;
  return {};
}

}  // namespace tunnel::net
