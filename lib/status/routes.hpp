// What is served where, and to whom it is refused.
#pragma once

#include <string>

#include "status/snapshot.hpp"
#include "status/status_http.hpp"

namespace tunnel::status {

// `earlier` may be null. `local` is for a UNIX socket, which no browser reaches. `nonce` is a fresh
// random text.
Response answer(const Request& request, const Snapshot& snapshot, const Snapshot* earlier,
                bool local, const std::string& nonce);

// A host of this machine's own, with or without a port: a page of some other site whose name has
// been made to lead here (DNS rebinding) sends that name.
bool is_own_host(std::string_view host);

// The page at /, whose script and style have that nonce.
std::string page(const std::string& nonce);

}  // namespace tunnel::status
