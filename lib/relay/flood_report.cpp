// Counts by network, and what to do about them.
#include "relay/flood_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace tunnel {

namespace {

// A network is worth naming where most of them come from it.
Error flood(const config::Range* network, std::size_t in_network, std::size_t all,
            std::string hint) {
  return {
      network != nullptr && in_network * 2 > all
          ? fmt::format("flood: {} has {} unfinished TLS handshakes", network->text(), in_network)
          : fmt::format("flood: {} TLS handshakes are unfinished", all),
      std::move(hint)};
}

}  // namespace

std::optional<Error> FloodReport::add(const HandshakeLimiter::Evicted& evicted,
                                      std::size_t pending) {
  networks_.should_log(evicted.network.text());  // counts it
  if (evicted.silent) ++silent_;
  if (std::exchange(is_on_, true)) return std::nullopt;
  return flood(evicted.network_full ? &evicted.network : nullptr, evicted.others + 1, pending + 1,
               "resetting the oldest to make room, clients that sent nothing first");
}

std::optional<Error> FloodReport::check(const HandshakeLimiter& limiter, std::size_t descriptors) {
  unusual_ = std::min<std::size_t>(2048, descriptors / 2);
  if (is_on_ || limiter.size() < unusual_) return std::nullopt;
  is_on_ = true;
  const auto largest = limiter.largest_network();
  return flood(largest ? &largest->first : nullptr, largest ? largest->second : 0, limiter.size(),
               "the oldest will be reset when room runs out, clients that sent nothing first");
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
