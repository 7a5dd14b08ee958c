// Who computes on curves and with RSA in a handshake.
#pragma once

#include <string>

namespace tunnel::tls {

// The libraries behind mbedTLS's PSA driver, and for what; empty where mbedTLS does it itself.
std::string handshake_accelerator();

}  // namespace tunnel::tls
