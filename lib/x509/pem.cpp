// Certificates in PEM.
#include "x509/pem.hpp"

#include <utility>

#include "base/base64.hpp"

namespace tunnel::x509 {

std::vector<std::string> certificates_in(std::string_view pem) {
  constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----";
  constexpr std::string_view end = "-----END CERTIFICATE-----";
  std::vector<std::string> out;
  for (;;) {
    const std::size_t start = pem.find(begin);
    if (start == pem.npos) return out;
    pem.remove_prefix(start + begin.size());
    const std::size_t stop = pem.find("-----");
    if (stop == pem.npos) return out;
    if (pem.substr(stop).starts_with(end))
      if (auto der = from_base64(pem.substr(0, stop)); der && !der->empty())
        out.push_back(std::move(*der));
    pem.remove_prefix(stop);
  }
}

}  // namespace tunnel::x509
