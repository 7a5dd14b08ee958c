// Who computes for handshakes, as this build has it.
#include "tls/accelerator.hpp"

namespace tunnel::tls {

std::string handshake_accelerator() {
#if defined(TUNNEL_PSA_DRIVER)
  return "P-256, X25519 and RSA by aws-lc";
#else
  return "";
#endif
}

}  // namespace tunnel::tls
