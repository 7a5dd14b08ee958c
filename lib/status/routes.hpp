// The paths that the status serves, and which requests it refuses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/ranges.hpp"
#include "status/snapshot.hpp"
#include "status/status_http.hpp"

namespace tunnel::status {

// Where a request comes from. No browser can reach a UNIX socket.
enum class From : std::uint8_t { unix_socket, this_machine, elsewhere };

// Other machines that may ask, and the token that they must show; either may be empty.
struct RemoteAccess {
  std::vector<config::Range> allow;
  std::string token;

  // Before a byte is read. An empty list leaves it to the token.
  bool admits(const config::Address& address) const;
};

// Rates need `earlier`, which may be null. `nonce` is fresh random text for each call.
//
// If there is a token (RFC 6750 section 2.1), other machines need it for everything except /health
// and /ready, which give almost nothing away.
Response answer(const Request& request, const Snapshot& snapshot, const Snapshot* earlier,
                From from, const RemoteAccess& remote_access, const std::string& nonce);

// Whether `host` names this machine's loopback, with or without a port. A page of another site that
// rebinds its DNS name to this address sends that name instead.
bool is_own_host(std::string_view host);

}  // namespace tunnel::status
