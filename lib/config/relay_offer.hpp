// A relay made on demand, as its API describes it: an override of a service.
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
  std::optional<bool> tls;          // whether it terminates TLS, if known
  std::optional<WallTime> expires;  // when its time is up, if known
  WallTime read = {};               // when the offer was read
};

// The maximum length of an offer in bytes.
inline constexpr std::size_t longest_offer = 65536;

// Reads one line "host:port", or the JSON (RFC 8259) with which a relay's API answers: an object,
// or a list of one, with "hostname" or "endpoint" or "ipAddress", "port", "tlsRequired" (a
// boolean), "expiredTime" (milliseconds since 1970) or "duration" (seconds from `now`). A name is
// preferred to an address, since the certificate is for the name. Other members are ignored. Of
// several relays, the error lists them; where the API refused, it has the API's message, and where
// a program printed another line than a relay, that line.
Result<RelayOffer> relay_offer(std::string_view text, WallTime now);

// Whether the input so far is a whole offer: one line, or JSON up to its last bracket.
bool is_whole_offer(std::string_view text);

// Replaces connect and tls in the service with the offer's, and the closing time unless it is
// earlier. `place` is where the offer came from. A contradiction between offer and service, or the
// defaults of all services (which may be null), is a mistake.
void apply_offer(const RelayOffer& offer, const Place& place, const std::string& scope,
                 WallTime now, RawTable& service, const RawTable* defaults, Mistakes& mistakes);

// A warning about a service that uses this offer; may be empty.
std::string notice_of(const RelayOffer& offer);

}  // namespace tunnel::config
