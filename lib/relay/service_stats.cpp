// Counts handshakes and targets, and adds up the shares of workers.
#include "relay/service_stats.hpp"

#include <algorithm>
#include <tuple>

namespace tunnel {

namespace {

template <std::size_t N>
void add_each(std::array<std::uint64_t, N>& all, const std::array<std::uint64_t, N>& share) {
  for (std::size_t i = 0; i < N; ++i) all[i] += share[i];
}

}  // namespace

bool HandshakeKind::operator<(const HandshakeKind& other) const {
  return std::tie(version, suite, group, resumed) <
         std::tie(other.version, other.suite, other.group, other.resumed);
}

void HandshakeStats::add(const tls::Engine& engine, const HandshakeEnd& end) {
  if (!end.result) return add_failure(end.cause);
  ++done[{engine.version(), engine.suite(), std::string(engine.group()), engine.resumed()}];
  times.add(end.took);
}

HandshakeStats& HandshakeStats::operator+=(const HandshakeStats& other) {
  for (const auto& [kind, count] : other.done) done[kind] += count;
  add_each(failures, other.failures);
  times += other.times;
  return *this;
}

std::string_view name_of(TargetFailure failure) {
  static constexpr std::array<std::string_view, target_failures> names = {
      "timeout", "refused", "unreachable", "unresolved", "handshake", "other"};
  return names[static_cast<std::size_t>(failure)];
}

TargetFailure target_failure(const net::ErrorCode& error) {
  if (error == asio::error::timed_out) return TargetFailure::timeout;
  if (error == asio::error::connection_refused) return TargetFailure::refused;
  if (error == asio::error::network_unreachable || error == asio::error::host_unreachable)
    return TargetFailure::unreachable;
  if (error == asio::error::host_not_found) return TargetFailure::unresolved;
  return TargetFailure::other;
}

TargetStats& TargetStats::operator+=(const TargetStats& other) {
  connects += other.connects;
  add_each(failures, other.failures);
  if (other.certificate && (!certificate || other.certificate_seen > certificate_seen)) {
    certificate = other.certificate;
    certificate_seen = other.certificate_seen;
  }
  return *this;
}

TargetStats& ServiceStats::target(const std::string& name, const config::Service& service) {
  const auto found = std::ranges::find(targets, name, &TargetStats::target);
  if (found != targets.end()) return *found;
  std::erase_if(targets, [&](const TargetStats& known) {
    return std::ranges::none_of(service.connect, [&](const config::SocketAddress& target) {
      return target.text() == known.target;
    });
  });
  return targets.emplace_back(TargetStats{name});
}

ServiceStats& ServiceStats::operator+=(const ServiceStats& other) {
  handshakes += other.handshakes;
  connect_times += other.connect_times;
  for (const TargetStats& one : other.targets) {
    const auto found = std::ranges::find(targets, one.target, &TargetStats::target);
    if (found == targets.end())
      targets.push_back(one);
    else
      *found += one;
  }
  return *this;
}

}  // namespace tunnel
