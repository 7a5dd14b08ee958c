// Finds a path from a peer's certificate to a trusted authority where several issuers may lead
// there (RFC 4158).
#pragma once

#include <mbedtls/x509_crt.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "x509/certificate_errors.hpp"
#include "x509/path_check.hpp"
#include "x509/revocation.hpp"

namespace tunnel::x509 {

// From its top to the leaf, as check_path() takes it.
struct BuiltPath {
  std::vector<PathItem> items;
  bool reaches_authority = false;       // else its top is MBEDTLS_X509_BADCERT_NOT_TRUSTED
  bool too_long = false;                // a longer one might reach an authority
  std::optional<Refusal> refusal = {};  // nothing: it is accepted
};

// mbedTLS follows one issuer of each name and never turns back. This tries them all, depth first,
// the likeliest first, and has mbedTLS check each link: the signature, both keys and digests, the
// dates, and the lists of revoked certificates.
class PathBuilder {
 public:
  // A stranger can send any number of certificates, so the work has a limit.
  static constexpr std::size_t most_signatures = 32;
  static constexpr std::size_t most_intermediates = 8;

  // `presented` is the leaf; behind it comes what else the peer has sent, in any order. Everything
  // outlives the builder.
  PathBuilder(const mbedtls_x509_crt& presented, const mbedtls_x509_crt* authorities,
              const RevocationLists* lists);
  ~PathBuilder();
  PathBuilder(const PathBuilder&) = delete;
  PathBuilder& operator=(const PathBuilder&) = delete;

  // Judges a path whose links hold. An issuer is tried alone above the leaf before its signature is
  // checked: it is left out if the refusal is about it, or about names that it doesn't permit.
  using Judge = std::function<std::optional<Refusal>(std::span<const PathItem>)>;

  // The first path that `judge` accepts. If there is none: the first that reaches an authority, and
  // failing that the longest. Its certificates belong to the builder.
  BuiltPath find(const Judge& judge);

  std::size_t signatures_checked() const { return signatures_; }

 private:
  struct Node;
  // mbedTLS's findings about a certificate and the issuer that it is checked with.
  struct Link {
    bool signed_by_issuer = false;
    std::uint32_t subject_flags = 0;
    std::uint32_t issuer_flags = 0;
  };
  // Strict paths can still be accepted; lenient ones only say why there is none.
  enum class Pass { strict, lenient };

  Node* node_for(const mbedtls_x509_crt& certificate, bool trusted);
  const std::vector<Node*>& issuers_of(Node& subject);
  bool may_issue(const Node& issuer, Pass pass) const;
  bool is_unfit(const Judge& judge, Node& issuer) const;
  const Link* link(const Node& subject, const Node& issuer);
  Link check_link(const Node& subject, const Node* issuer) const;
  void extend(const Judge& judge, Pass pass);
  void finish(const Judge& judge);
  std::vector<PathItem> items();
  bool is_over() const;

  const mbedtls_x509_crt& presented_;
  const mbedtls_x509_crt* authorities_;
  const RevocationLists* lists_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::map<std::pair<const Node*, const Node*>, Link> links_;
  std::vector<Node*> path_;  // from the leaf upwards
  BuiltPath best_;
  bool accepted_ = false;
  bool too_long_ = false;
  std::size_t signatures_ = 0;
  std::size_t steps_ = 0;
};

}  // namespace tunnel::x509
