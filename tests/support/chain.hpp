// A chain of certificates made as wished, and what verification says of it, without a handshake.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/certificates.hpp"
#include "support/wording.hpp"
#include "tls/tls_error.hpp"
#include "tls/verification.hpp"
#include "x509/authorities.hpp"
#include "x509/certificates.hpp"
#include "x509/pem.hpp"

namespace tunnel::test {

// --- DER by hand

inline std::string der(int tag, const std::string& content) {
  std::string out(1, static_cast<char>(tag));
  if (content.size() >= 256)
    out += {'\x82', static_cast<char>(content.size() >> 8)};
  else if (content.size() >= 128)
    out += '\x81';
  return out + static_cast<char>(content.size()) + content;
}
inline std::string sequence(const std::string& content) { return der(0x30, content); }

// GeneralName (RFC 5280 section 4.2.1.6).
inline std::string mail_name(const std::string& text) { return der(0x81, text); }
inline std::string dns_name(const std::string& text) { return der(0x82, text); }
inline std::string directory_name(const std::string& common_name) {
  return der(0xa4,
             sequence(der(0x31, sequence(der(0x06, "\x55\x04\x03") + der(0x0c, common_name)))));
}
inline std::string uri_name(const std::string& text) { return der(0x86, text); }
inline std::string address_name(const std::string& bytes) { return der(0x87, bytes); }

inline const std::string name_constraints_oid = {"\x55\x1d\x1e", 3};
inline const std::string policy_constraints_oid = {"\x55\x1d\x24", 3};
inline const std::string alternative_name_oid = {"\x55\x1d\x11", 3};
inline const std::string extended_usage_oid = {"\x55\x1d\x25", 3};

// The extension for names that are permitted, and for those that are excluded.
inline RawExtension limits(const std::vector<std::string>& permitted,
                           const std::vector<std::string>& excluded = {}, bool critical = true) {
  std::string content;
  for (const int number : {0, 1}) {
    std::string subtrees;
    for (const std::string& name : number == 0 ? permitted : excluded) subtrees += sequence(name);
    if (!subtrees.empty()) content += der(0xa0 + number, subtrees);
  }
  return {name_constraints_oid, sequence(content), critical};
}

// --- chains

// The first authority is trusted, each has issued the next, and the last the leaf.
struct ChainWish {
  std::vector<Wish> authorities = {{.subject = "CN=Root", .authority = true}};
  Wish leaf = {.names = {"relay.example"}};
  x509::ServerName name = {"relay.example", false};
  bool by_client = false;
  bool by_system = false;          // it is the system that trusts it, not the user
  std::size_t presented_from = 1;  // the first authority that the peer sends
  bool top_first = false;          // the peer sends the leaf, then the authorities from the top
};

inline std::string der_of(const Certificate& certificate) {
  return x509::certificates_in(certificate.pem).at(0);
}

// From the top to the leaf.
inline std::vector<Certificate> make_chain(const ChainWish& wish) {
  std::vector<Certificate> out;
  for (const Wish& authority : wish.authorities)
    out.push_back(make_certificate(authority, out.empty() ? nullptr : &out.back()));
  out.push_back(make_certificate(wish.leaf, out.empty() ? nullptr : &out.back()));
  return out;
}

// As the handshake does (cmake/patches): what is sent beside the leaf may have any extension.
inline int read_presented(x509::Certificates& chain, const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  [[maybe_unused]] const bool is_leaf = chain.chain.version == 0;
  int ret = mbedtls_x509_crt_parse_der(&chain.chain, bytes, der.size());
#if defined(TUNNEL_READS_NAME_CONSTRAINTS)
  const auto take = [](void*, const mbedtls_x509_crt*, const mbedtls_x509_buf*, int,
                       const unsigned char*, const unsigned char*) { return 0; };
  if (ret == x509::unknown_critical_extension && !is_leaf)
    ret = mbedtls_x509_crt_parse_der_with_ext_cb(&chain.chain, bytes, der.size(), 1, take, nullptr);
#endif
  return ret;
}

// As the handshake does: mbedTLS reads what is presented, builds a path, and shows it.
inline std::string verdict_of(const std::vector<std::string>& presented, const x509::Rules& rules,
                              const x509::ServerName& name) {
  x509::Certificates chain;
  for (const std::string& one : presented)
    if (const int ret = read_presented(chain, one); ret != 0) {
      tls::Failure failure;
      failure.code = ret;
      failure.peer = "relay.example:443";
      return tls::explain(failure).message();
    }
  tls::Verification verification(rules, name);
  const auto look = [](void* self, mbedtls_x509_crt* certificate, int depth, std::uint32_t* flags) {
    static_cast<tls::Verification*>(self)->look_at(*certificate, depth, *flags);
    return 0;
  };
  std::uint32_t flags = 0;
  const int ret = mbedtls_x509_crt_verify_with_profile(
      &chain.chain, const_cast<mbedtls_x509_crt*>(&rules.authorities->chain),
      rules.lists ? const_cast<mbedtls_x509_crl*>(&rules.lists->first) : nullptr,
      &mbedtls_x509_crt_profile_default, nullptr, &flags, look, &verification);
  if (ret == 0 && flags == 0) return "";
  if (ret != MBEDTLS_ERR_X509_CERT_VERIFY_FAILED) {
    tls::Failure failure;
    failure.code = ret;
    failure.peer = "relay.example:443";
    return tls::explain(failure).message();
  }
  return verification.explain("relay.example:443", flags).message();
}

inline std::string verdict_of(const ChainWish& wish) {
  const std::vector<Certificate> chain = make_chain(wish);
  auto authorities = std::make_shared<x509::Certificates>();
  if (!x509::add_certificate(*authorities, der_of(chain.front())))
    return "the authority cannot be read";
  std::vector<std::string> presented;
  for (std::size_t i = chain.size(); i-- > wish.presented_from || presented.empty();)
    presented.push_back(der_of(chain[i]));
  if (wish.top_first) std::reverse(presented.begin() + 1, presented.end());
  x509::Rules rules;
  rules.wording = test::wording();
  rules.peer_is_client = wish.by_client;
  rules.authorities = authorities;
  if (!wish.by_system) rules.named = authorities;
  return verdict_of(presented, rules, wish.name);
}

struct ChainCase {
  const char* situation;
  ChainWish wish;
  std::string reason;  // empty: the chain is accepted
};

// Most refusals end with the pin; certificate_errors_test.cpp looks at that.
inline std::string without_pin(const std::string& reason) {
  return reason.substr(0, reason.find("; or, if its owner confirms the key, trust exactly "));
}

// Checks the verdict on each chain; PIN stands for the pin of a key, which differs in each run.
inline void check_chains(const std::vector<ChainCase>& cases) {
  for (const ChainCase& one : cases) {
    CAPTURE(one.situation);
    std::string reason = verdict_of(one.wish);
    if (const std::size_t at = reason.find("sha256:"); at != reason.npos)
      reason.replace(at, 7 + 44, "PIN");
    CHECK_EQ(without_pin(reason), without_pin(one.reason));
  }
}

}  // namespace tunnel::test
