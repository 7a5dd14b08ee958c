// Whether a peer's certificates are believed: looked at one after the other during one handshake.
#pragma once

#include <mbedtls/x509_crt.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "tls/session_cache.hpp"
#include "x509/certificate_errors.hpp"
#include "x509/certificate_summary.hpp"
#include "x509/path_builder.hpp"
#include "x509/path_check.hpp"
#include "x509/peer_identity.hpp"
#include "x509/rules.hpp"

namespace tunnel::tls {

class Verification {
 public:
  // `rules` outlive it. The name is for peers that are servers.
  Verification(const x509::Rules& rules, x509::ServerName name);
  ~Verification();
  Verification(const Verification&) = delete;
  Verification& operator=(const Verification&) = delete;

  // Before anything is looked at: keeps what is seen for shown(), which costs time and memory.
  void keep();
  // What has been kept, and why it is refused; empty where nothing was. `peer` is for the words.
  x509::PeerCertificates shown(const std::string& peer) const;

  // For each certificate of the path that mbedTLS has built, from its top (the authority, where it
  // has found one) down to the leaf at depth 0. `flags` are what it holds against this certificate,
  // MBEDTLS_X509_BADCERT_... They are taken from all but the leaf: the whole path is judged there,
  // and what is left in `flags` then decides.
  void look_at(const mbedtls_x509_crt& certificate, int depth, std::uint32_t& flags);

  // Its key and names, beside its chain.
  const x509::PeerIdentity& identity() const { return identity_; }
  // As PeerIdentity::settle(); who keeps what is shown only looks, and remembers nothing.
  Result<std::monostate> settle();

  // Whether the peer has shown a certificate: one that resumes a session does not.
  bool seen() const { return seen_; }
  // What the certificates are good for; only where they have been seen.
  const Trust& trust() const { return trust_; }
  // Why the path is refused; identity() has the last word on it. `flags` are those of the whole
  // path, and not 0.
  Error explain(const std::string& peer, std::uint32_t flags) const;

 private:
  struct OtherPath;  // one that the system has built
  struct Kept {
    std::vector<x509::CertificateSummary> path;
    std::optional<x509::Refusal> chain, name;
  };

  std::optional<x509::Refusal> judge(const mbedtls_x509_crt& leaf);
  std::optional<x509::Refusal> check() const;
  x509::PathQuestion question() const;
  Error explain(const std::string& peer, const x509::Refusal& refusal) const;
  bool is_named(const mbedtls_x509_crt& leaf) const;
  void try_other_paths(std::optional<x509::Refusal>& refusal, const mbedtls_x509_crt& presented,
                       const x509::Certificates& authorities);
  bool ask_system(const mbedtls_x509_crt& leaf);
  bool use(std::unique_ptr<OtherPath> other);
  void keep_facts(const mbedtls_x509_crt& leaf);

  const x509::Rules& rules_;
  const x509::ServerName name_;
  bool seen_ = false;
  Trust trust_{};
  // Only while mbedTLS looks: points into what it holds, or one of the two below does.
  std::vector<x509::PathItem> path_;
  std::unique_ptr<OtherPath> other_path_;
  std::unique_ptr<x509::PathBuilder> builder_;
  std::string system_said_;
  x509::CertificateFacts facts_;
  std::optional<x509::Refusal> refusal_;
  std::optional<Kept> kept_;
  x509::PeerIdentity identity_;
};

}  // namespace tunnel::tls
