// Error codes of mbedTLS in words.
#include "x509/library_error.hpp"

#include <fmt/format.h>
#include <mbedtls/error.h>

namespace tunnel::x509 {

std::string code_text(int code) {
  char text[160] = "";
  mbedtls_strerror(code, text, sizeof text);
  return fmt::format("{}, -0x{:04x}", text, static_cast<unsigned>(-code));
}

}  // namespace tunnel::x509
