// Error codes of mbedTLS in words.
#pragma once

#include <string>

namespace tunnel::x509 {

// What a library code means, without its number: for messages where nothing better is known.
std::string code_text(int code);

}  // namespace tunnel::x509
