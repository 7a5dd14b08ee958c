// What whoever made a relay on demand says of it, as an override of a service.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "config/raw.hpp"
#include "config/reader.hpp"

namespace tunnel::config {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

struct RelayOffer {
  HostPort target;
  std::optional<bool> tls;          // whether it terminates TLS, where it says so
  std::optional<WallTime> expires;  // when its time is up, where it says so
  WallTime read = {};               // when it came
};

// No offer is longer, in bytes.
inline constexpr std::size_t longest_offer = 65536;

// Reads one line "host:port", or the JSON (RFC 8259) with which a relay's API answers: an object,
// or a list of one, with "hostname" or "endpoint" or "ipAddress", "port", "tlsRequired" (a
// boolean), "expiredTime" (milliseconds since 1970) or "duration" (seconds from `now`). The name is
// taken rather than the address, since the certificate is for it. Whatever else stands there is
// ignored.
Result<RelayOffer> relay_offer(std::string_view text, WallTime now);

// Whether the input up to here is all of an offer: one line, or JSON up to its last bracket.
bool is_whole_offer(std::string_view text);

// Puts the offer in place of what the service says of connect and tls, and of its closing time
// unless that is earlier. `place` stands for where the offer came from. What the offer and the
// service do not agree on is a mistake.
void apply_offer(const RelayOffer& offer, const Place& place, const std::string& scope,
                 WallTime now, RawTable& service, Mistakes& mistakes);

// What is to be said of a service that runs by this offer; may be empty.
std::string notice_of(const RelayOffer& offer);

}  // namespace tunnel::config
