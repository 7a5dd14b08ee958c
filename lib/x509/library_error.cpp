// Error codes of mbedTLS in words.
#include "x509/library_error.hpp"

#include <mbedtls/error.h>

#include <string_view>

#include "base/text.hpp"

namespace tunnel::x509 {

std::string code_text(int code) {
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
