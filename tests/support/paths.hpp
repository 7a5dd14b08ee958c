// Certificates that lead to one another in several ways, and the verdict on what a peer sends of
// them.
#pragma once

#include <doctest/doctest.h>

#include "support/chain.hpp"

namespace tunnel::test {

using List = std::vector<const Certificate*>;

inline const std::string not_trusted_here = "which is not trusted here";
inline const std::string already_over = "20200201000000";

// One key with the name of one authority, for which several issuers have made certificates.
struct Identity {
  std::string subject;
  std::shared_ptr<const Key> key = std::make_shared<Key>();

  Certificate by(const Certificate* issuer, Wish wish = {}) const {
    wish.subject = subject;
    wish.key = key;
    wish.authority = true;
    return make_certificate(wish, issuer);
  }
};

inline Certificate authority(const std::string& name, const Certificate* issuer = nullptr,
                             Wish wish = {}) {
  return Identity{"CN=" + name}.by(issuer, std::move(wish));
}

inline Certificate leaf_by(const Certificate& issuer, Wish wish = {}) {
  wish.names = {"relay.example"};
  return make_certificate(wish, &issuer);
}

inline std::shared_ptr<x509::Certificates> parsed(const List& list) {
  auto out = std::make_shared<x509::Certificates>();
  for (const Certificate* one : list) REQUIRE(x509::add_certificate(*out, der_of(*one)));
  return out;
}

inline x509::Rules rules_for(const List& trusted) {
  x509::Rules rules;
  rules.wording = wording();
  rules.authorities = parsed(trusted);
  rules.named = rules.authorities;
  return rules;
}

// Empty: it is accepted.
inline std::string verdict_by(const x509::Rules& rules, const List& presented) {
  std::vector<std::string> der;
  for (const Certificate* one : presented) der.push_back(der_of(*one));
  return without_pin(verdict_of(der, rules, {"relay.example", false}));
}
inline std::string verdict(const List& presented, const List& trusted) {
  return verdict_by(rules_for(trusted), presented);
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace tunnel::test
