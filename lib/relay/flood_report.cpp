// Counts by network, and what to do about them.
#include "relay/flood_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace tunnel {

namespace {

std::string in_network(const config::Range& network, std::size_t pending) {
  return fmt::format("flood: {} has {} unfinished TLS handshakes", network.text(), pending);
}

std::string in_all(std::size_t pending) {
  return fmt::format("flood: {} TLS handshakes are unfinished", pending);
}

}  // namespace

std::optional<Error> FloodReport::add(const HandshakeLimiter::Evicted& evicted,
                                      std::size_t pending) {
  networks_.should_log(evicted.network.text());  // counts it
  if (evicted.silent) ++silent_;
  if (std::exchange(is_on_, true)) return std::nullopt;
  return Error{
      evicted.network_full ? in_network(evicted.network, evicted.others + 1) : in_all(pending + 1),
      "resetting the oldest to make room, clients that sent nothing first"};
}

std::optional<Error> FloodReport::check(const HandshakeLimiter& limiter, std::size_t descriptors) {
  unusual_ = std::min<std::size_t>(2048, descriptors / 2);
  if (is_on_ || limiter.size() < unusual_) return std::nullopt;
  is_on_ = true;
  const auto largest = limiter.largest_network();
  // it is worth naming where most of them come from it
  const bool from_one = largest && largest->second * 2 > limiter.size();
  return Error{from_one ? in_network(largest->first, largest->second) : in_all(limiter.size()),
               "the oldest will be reset when room runs out, clients that sent nothing first"};
}

std::optional<FloodReport::Summary> FloodReport::collect(std::size_t pending) {
  const auto summary = networks_.collect();
  if (!summary) {
    if (!is_on_) return std::nullopt;
    if (pending * 2 >= unusual_)
      return Summary{0,
                     {fmt::format("flood: {} TLS handshakes are unfinished; none had to be reset "
                                  "in the last minute",
                                  pending)}};
    is_on_ = false;
    return Summary{0, {"flood is over: no unfinished TLS handshake was reset in the last minute"}};
  }
  const std::uint64_t silent = std::exchange(silent_, 0);
  Error text{
      fmt::format("flood: {} unfinished TLS handshakes were reset in the last minute, {}; {} "
                  "clients had sent nothing",
                  summary->events, summary->origin(), silent)};
  // a network that others share is not worth losing
  if (summary->worst_events * 2 > summary->events)
    text.hint = fmt::format("deny = [\"{}\"] blocks that network", summary->worst);
  return Summary{summary->events, std::move(text)};
}

}  // namespace tunnel
