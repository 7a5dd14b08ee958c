// Who computes for handshakes, as this build has it.
#include "tls/accelerator.hpp"

namespace tunnel::tls {

std::string handshake_accelerator() {
#if defined(TUNNEL_CURVES_DRIVER)
#if defined(TUNNEL_RSA_DRIVER)
  return "P-256 and X25519 by s2n-bignum, RSA by aws-lc";
#else
  return "P-256 and X25519 by s2n-bignum";
#endif
#else
  return "";
#endif
}

}  // namespace tunnel::tls
