// Counts by network, and what to do about them.
#include "relay/flood_report.hpp"

#include <fmt/format.h>

#include <utility>

namespace tunnel {

std::optional<Error> FloodReport::add(const HandshakeLimiter::Evicted& evicted,
                                      std::size_t pending) {
  const std::string network = evicted.network.text();
  networks_.should_log(network);  // counts it
  if (evicted.silent) ++silent_;
  if (std::exchange(is_on_, true)) return std::nullopt;
  return Error{
      evicted.network_full
          ? fmt::format("flood: {} has {} unfinished TLS handshakes", network, evicted.others + 1)
          : fmt::format("flood: {} TLS handshakes are unfinished", pending + 1),
      "resetting the oldest to make room, clients that sent nothing first"};
}

std::optional<FloodReport::Summary> FloodReport::collect() {
  const auto summary = networks_.collect();
  if (!summary) {
    if (!std::exchange(is_on_, false)) return std::nullopt;
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
