// Error codes of mbedTLS in words.
#include "x509/library_error.hpp"

#include <mbedtls/error.h>
#include <psa/crypto.h>

#include <string_view>

#include "base/text.hpp"

namespace tunnel::x509 {

namespace {

// PSA's codes, for which mbedTLS has no words, and which 4.x gives where 3.6 has its own.
std::string_view psa_text(int code) {
  switch (code) {
    case PSA_ERROR_INSUFFICIENT_MEMORY:
      return "memory allocation failed";
    case PSA_ERROR_INVALID_ARGUMENT:
      return "bad input parameters to function";
    case PSA_ERROR_NOT_SUPPORTED:
      return "unsupported algorithm, key or parameter";
    case PSA_ERROR_BUFFER_TOO_SMALL:
      return "buffer is too small";
    case PSA_ERROR_INVALID_SIGNATURE:
      return "the signature or tag does not match";
    case PSA_ERROR_INVALID_PADDING:
      return "the padding is invalid";
    case PSA_ERROR_INSUFFICIENT_ENTROPY:
      return "no source of randomness";
    case PSA_ERROR_HARDWARE_FAILURE:
      return "hardware failure";
    case PSA_ERROR_CORRUPTION_DETECTED:
      return "corruption detected";
    default:
      return {};
  }
}

}  // namespace

std::string code_text(int code) {
  if (const std::string_view known = psa_text(code); !known.empty()) return std::string(known);
  char text[160] = "";
  mbedtls_strerror(code, text, sizeof text);
  // "SSL - Memory allocation failed", and after " : " what a lower part of the library says
  std::string_view words = text;
  words = words.substr(0, words.find(" : "));
  const std::size_t part = words.find(" - ");
  if (part == words.npos) return "for a reason that the TLS library does not give";
  std::string out(words.substr(part + 3));
  if (out.size() > 1 && (out[1] == ' ' || (out[1] >= 'a' && out[1] <= 'z')))
    out[0] = lower_case(out[0]);
  return out;
}

}  // namespace tunnel::x509
