// Who a peer is, beside its chain: whether its key is a pinned or remembered one, and its names let
// it in.
#pragma once

#include <mbedtls/x509_crt.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/error.hpp"
#include "x509/peer_certificate.hpp"
#include "x509/rules.hpp"

namespace tunnel::x509 {

class PeerIdentity {
 public:
  // `rules` outlive it. `target` is a server under which its key is remembered.
  PeerIdentity(const Rules& rules, std::string target)
      : rules_(rules), target_(std::move(target)) {}

  // The last word on a peer's leaf: adds to `flags`, which are what is held against its chain,
  // where key or names are wrong.
  void look_at(const mbedtls_x509_crt& leaf, std::uint32_t& flags);

  // Why the peer is refused: `chain` is why its chain is, for what is held against it other than
  // key and names; `flags` are those of the whole path.
  Error explain(const std::string& peer, Error chain, std::uint32_t flags) const;

  // To be called once the peer has proved that the key is its own: remembers a new one. An error
  // refuses the peer after all.
  Result<std::monostate> settle();

  // Whether the key is still the one that is remembered of the server; true where none is.
  bool knows(const std::string& pin) const;

  // Whether its key, or its name where names are wanted, refuses it.
  bool refuses() const { return !refusal_.what.empty(); }
  // Whether no key of this server is known.
  bool is_new() const { return new_; }

  // The leaf; nothing where none has been seen.
  const std::optional<PeerCertificate>& certificate() const { return certificate_; }
  // What the user has to know of how it was accepted; empty mostly, and until settle().
  const std::string& notice() const { return notice_; }

 private:
  void check_key(std::uint32_t& flags);
  void check_names(const mbedtls_x509_crt& leaf, std::uint32_t& flags);

  const Rules& rules_;
  const std::string target_;
  std::optional<PeerCertificate> certificate_;
  bool new_ = false;    // no key of this server is known
  bool chain_ = false;  // the chain is refused
  Error refusal_;
  std::string notice_;
};

// What is wrong with a client that has shown no certificate where it must.
Error no_client_certificate(const std::string& peer);

}  // namespace tunnel::x509
