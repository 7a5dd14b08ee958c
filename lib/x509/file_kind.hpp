// What a file that could not be read holds instead, by its bytes, and the command that converts it.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tunnel::x509 {

enum class Wanted { certificate, authority, key, revocation_list };

// `bytes` are those of the file at `path`, as people see it, and hold nothing of use. `code` is
// mbedTLS's opinion.
Error explain_file(std::string_view bytes, const std::string& path, Wanted wanted, int code);

// The kind of a certificate's key or signature that is not supported here: "Ed25519"; empty where
// none is known. `der` may be a key's, too.
std::string_view unsupported_kind(std::string_view der);

}  // namespace tunnel::x509
