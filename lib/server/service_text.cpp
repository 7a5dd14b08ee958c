// Where a service listens and where it connects, in a sentence.
#include "server/service_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.hpp"

namespace tunnel {

namespace {

std::string targets_text(const std::vector<std::string>& connect, config::Balance balance) {
  const bool in_order = balance == config::Balance::order;
  std::string out = fmt::format("{}", fmt::join(connect, in_order ? ", then " : " or "));
  if (balance == config::Balance::round_robin) out += " by turns";
  if (balance == config::Balance::random) out += " at random";
  return out;
}

}  // namespace

std::string connections_text(std::uint64_t n) {
  return fmt::format("{} connection{}", n, n == 1 ? "" : "s");
}

std::string listening_text(const config::Service& settings, const std::vector<std::string>& listen,
                           const std::vector<std::string>& connect) {
  const std::string on = "listening on " + joined_with_and(listen);
  const std::string targets = targets_text(connect, settings.balance);
  if (settings.connects_tls())
    return fmt::format("{}, tunnels to {} over {} TLS", on, targets,
                       settings.verify != config::Verify::none ? "verified" : "unverified");
  if (settings.accepts_tls())
    return fmt::format("{} for TLS{}, forwards to {} in the clear", on,
                       settings.authenticates_clients() ? " of known clients" : "", targets);
  return fmt::format("{}, relays to {} as it is, without TLS", on, targets);
}

}  // namespace tunnel
