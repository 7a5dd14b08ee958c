// Who computes on the curves in a handshake.
#pragma once

#include <string>

namespace tunnel::tls {

// The library behind mbedTLS's PSA driver for P-256 and X25519; empty where mbedTLS does it itself.
std::string handshake_accelerator();

}  // namespace tunnel::tls
