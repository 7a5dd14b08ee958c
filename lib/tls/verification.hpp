// Whether a peer's certificates are believed: looked at one after the other during one handshake.
#pragma once

#include <mbedtls/x509_crt.h>

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "tls/certificate_words.hpp"
#include "tls/rules.hpp"
#include "tls/sessions.hpp"

namespace tunnel::tls {

class Verification {
 public:
  // `rules` outlive it. The name is for peers that are servers.
  Verification(const Rules& rules, ServerName name);

  // For each certificate of the path that mbedTLS has built, from its top (the authority, where it
  // has found one) down to the leaf at depth 0. `flags` are what it holds against this certificate,
  // MBEDTLS_X509_BADCERT_..., and what is left there at the end decides: a rule may add to them
  // and take from them.
  void look_at(const mbedtls_x509_crt& certificate, int depth, std::uint32_t& flags);

  // Whether the peer has shown a certificate: one that resumes a session does not.
  bool seen() const { return seen_; }
  // What the certificates are good for; only where they have been seen.
  const Trust& trust() const { return trust_; }
  // Why they are refused. `flags` are those of the whole path, and not 0.
  Error explain(const std::string& peer, std::uint32_t flags) const;

 private:
  void check_name(const mbedtls_x509_crt& leaf, std::uint32_t& flags) const;

  const Rules& rules_;
  const ServerName name_;
  bool seen_ = false;
  Trust trust_{};
  CertificateFacts facts_;
};

}  // namespace tunnel::tls
