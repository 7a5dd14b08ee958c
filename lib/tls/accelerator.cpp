// Who computes on the curves, as this build has it.
#include "tls/accelerator.hpp"

namespace tunnel::tls {

std::string handshake_accelerator() {
#if defined(TUNNEL_CURVES_DRIVER)
  return "s2n-bignum";
#else
  return "";
#endif
}

}  // namespace tunnel::tls
