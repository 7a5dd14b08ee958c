// Which names an authority may vouch for (name constraints, RFC 5280 section 4.2.1.10).
#pragma once

#include <mbedtls/x509_crt.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "x509/names.hpp"

namespace tunnel::x509 {

// The limits of all authorities of one path, gathered from its top to the leaf. dNSName and
// iPAddress are decided; a limit on names of another kind refuses every certificate with such a
// name.
class NameConstraints {
 public:
  // Adds the limits that a certificate sets for those below it. False where they cannot be read.
  bool add(const mbedtls_x509_crt& authority);

  // The reason, escaped, why a name of the certificate is not within the limits: `"CN=Limited" may
  // not vouch for evil.example`. With `by_common_name` a common name is held to those of dNSNames
  // where there is no dNSName.
  std::optional<std::string> refuses(const mbedtls_x509_crt& certificate,
                                     bool by_common_name) const;

 private:
  struct Subtree {
    NameKind kind;
    std::string base;  // dNSName: in lower case; iPAddress: address and mask
  };
  struct Limits {
    std::string authority;  // its name, for messages
    std::vector<Subtree> permitted;
    std::vector<Subtree> excluded;

    bool limits_kind(NameKind kind) const;
    // The reason why a name of a kind that is not decided here, a DNS name or an address is not
    // permitted.
    std::optional<std::string> refuses_kinds(unsigned kinds) const;
    std::optional<std::string> refuses_name(const std::string& name) const;
    std::optional<std::string> refuses_address(const std::string& address) const;
  };

  static std::optional<std::vector<Subtree>> subtrees_in(std::string_view der);
  static bool contains(const Subtree& subtree, NameKind kind, const std::string& name,
                       bool permitting);
  static bool permits(const Limits& limits, NameKind kind, const std::string& name);

  std::vector<Limits> limits_;
};

// A distinguished name for a message: escaped, in quotes.
std::string quoted_name(const mbedtls_x509_name& name);

}  // namespace tunnel::x509
