// The paths that the status serves, and which requests it refuses.
#pragma once

#include <string>

#include "status/snapshot.hpp"
#include "status/status_http.hpp"

namespace tunnel::status {

// Rates need `earlier`, which may be null. `local` means a UNIX socket, which no browser can reach.
// `nonce` is fresh random text for each call.
Response answer(const Request& request, const Snapshot& snapshot, const Snapshot* earlier,
                bool local, const std::string& nonce);

// Whether `host` names this machine's loopback, with or without a port. A page of another site that
// rebinds its DNS name to this address sends that name instead.
bool is_own_host(std::string_view host);

// The page at /; its script and style carry the nonce.
std::string page(const std::string& nonce);

}  // namespace tunnel::status
