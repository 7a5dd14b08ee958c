// A new key and a certificate for it that nobody but itself vouches for: what a pin needs.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"

namespace tunnel::x509 {

// Wipes the key when it goes.
struct KeyPair {
  KeyPair() = default;
  KeyPair(KeyPair&&) = default;
  KeyPair& operator=(KeyPair&&) = delete;
  ~KeyPair();

  std::string key;  // PEM
  std::string certificate;
  std::string pin;        // "sha256:BASE64"
  std::string not_after;  // "2036-11-19"
};

// Whether a certificate can be for it: a host name or an address. The error says why not.
Result<std::monostate> check_name(std::string_view name);

// P-256, signed with SHA-256; version 3, not an authority, for servers and clients; the name stands
// as dNSName or iPAddress in subjectAltName. Valid from a day ago, since clocks differ.
Result<KeyPair> make_key_pair(const std::string& name, unsigned days);

}  // namespace tunnel::x509
