// Finding a path: candidates by name, cheap checks, then one signature at a time.
#include "x509/path_builder.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>

#include "x509/authorities.hpp"
#include "x509/certificates.hpp"
#include "x509/der.hpp"
#include "x509/names.hpp"
#include "x509/x509_time.hpp"

namespace tunnel::x509 {

namespace {

// Signatures are few, but the paths through the links that hold may be many.
constexpr std::size_t most_steps = 512;

bool is_valid_now(const mbedtls_x509_crt& certificate) {
  const auto now = now_in_seconds();
  return time_of(certificate.valid_from) <= now && now <= time_of(certificate.valid_to);
}

// 2 where the key identifiers agree, 0 where they differ: a hint only (RFC 5280 section 4.2.1.1).
int likelihood(const mbedtls_x509_crt& subject, const mbedtls_x509_crt& issuer) {
  const std::string_view wanted = view_of(subject.authority_key_id.keyIdentifier);
  const std::string_view offered = view_of(issuer.subject_key_id);
  if (wanted.empty() || offered.empty()) return 1;
  return wanted == offered ? 2 : 0;
}

// Its links are checked as if each issuer were trusted, and of a trusted one mbedTLS takes versions
// that know no authorities: that must not hold for what a peer sends.
bool is_authority(const mbedtls_x509_crt& certificate, bool trusted) {
  if (trusted && certificate.version < 3) return true;
  return certificate.version == 3 && mbedtls_x509_crt_get_ca_istrue(&certificate) == 1 &&
         mbedtls_x509_crt_check_key_usage(&certificate, MBEDTLS_X509_KU_KEY_CERT_SIGN) == 0;
}

// mbedTLS keeps one more than the certificate says, and 0 where there is no limit.
bool allows(const mbedtls_x509_crt& issuer, std::size_t intermediates) {
  const int limit = issuer.MBEDTLS_PRIVATE(max_pathlen);
  return limit <= 0 || intermediates < static_cast<std::size_t>(limit);
}

}  // namespace

struct PathBuilder::Node {
  Certificates own;  // alone in its list: mbedTLS would go on to what is behind
  bool trusted = false;
  std::optional<std::vector<Node*>> issuers = {};
  std::optional<bool> unfit = {};

  const mbedtls_x509_crt& certificate() const { return own.chain; }
};

PathBuilder::PathBuilder(const mbedtls_x509_crt& presented, const mbedtls_x509_crt* authorities,
                         const RevocationLists* lists)
    : presented_(presented), authorities_(authorities), lists_(lists) {}
PathBuilder::~PathBuilder() = default;

BuiltPath PathBuilder::find(const Judge& judge) {
  Node* leaf = node_for(presented_, false);
  if (leaf == nullptr) return {};
  path_ = {leaf};
  for (const Pass pass : {Pass::strict, Pass::lenient}) {
    steps_ = 0;
    extend(judge, pass);
    if (best_.reaches_authority) return std::move(best_);
  }
  best_.too_long = too_long_;
  best_.refusal = judge(best_.items);
  return std::move(best_);
}

bool PathBuilder::is_over() const { return accepted_ || steps_ >= most_steps; }

void PathBuilder::extend(const Judge& judge, Pass pass) {
  ++steps_;
  Node& subject = *path_.back();
  bool leads_on = false;
  for (Node* issuer : issuers_of(subject)) {
    if (is_over()) return;
    if (!issuer->trusted && path_.size() > most_intermediates) {
      too_long_ = true;
      continue;
    }
    if (!may_issue(*issuer, pass)) continue;
    if (pass == Pass::strict && is_unfit(judge, *issuer)) continue;
    const Link* found = link(subject, *issuer);
    if (found == nullptr || !found->signed_by_issuer) continue;
    if (pass == Pass::strict && (found->subject_flags | found->issuer_flags) != 0) continue;
    leads_on = true;
    path_.push_back(issuer);
    if (issuer->trusted)
      finish(judge);
    else
      extend(judge, pass);
    path_.pop_back();
  }
  if (!leads_on && !best_.reaches_authority && path_.size() > best_.items.size())
    best_.items = items();
}

// At an authority.
void PathBuilder::finish(const Judge& judge) {
  ++steps_;
  std::vector<PathItem> path = items();
  auto refusal = judge(path);
  accepted_ = !refusal;
  if (accepted_ || !best_.reaches_authority)
    best_ = {std::move(path), true, false, std::move(refusal)};
}

std::vector<PathItem> PathBuilder::items() {
  std::vector<PathItem> out;
  std::uint32_t of_issuer = 0;
  for (std::size_t i = 0; i + 1 < path_.size(); ++i) {
    const Link& found = links_.at({path_[i], path_[i + 1]});
    out.insert(out.begin(), {&path_[i]->certificate(), found.subject_flags});
    of_issuer = found.issuer_flags;
  }
  const Node& top = *path_.back();
  if (!top.trusted) of_issuer = check_link(top, nullptr).subject_flags;
  out.insert(out.begin(), {&top.certificate(), of_issuer});
  return out;
}

// The node of a certificate that is equal, if there is one; null where it cannot be read.
PathBuilder::Node* PathBuilder::node_for(const mbedtls_x509_crt& certificate, bool trusted) {
  for (const auto& node : nodes_)
    if (view_of(node->certificate().raw) == view_of(certificate.raw)) return node.get();
  auto node = std::make_unique<Node>();
  node->trusted = trusted;
  if (!add_certificate(node->own, std::string(view_of(certificate.raw)))) return nullptr;
  nodes_.push_back(std::move(node));
  return nodes_.back().get();
}

// Those of its issuer's name, the likeliest first.
const std::vector<PathBuilder::Node*>& PathBuilder::issuers_of(Node& subject) {
  if (subject.issuers) return *subject.issuers;
  std::vector<Node*> out;
  const auto add = [&](const mbedtls_x509_crt* list, bool trusted) {
    for (const auto* item = list; item != nullptr; item = item->next) {
      if (item->version == 0 || !same_name(subject.certificate().issuer, item->subject)) continue;
      Node* node = node_for(*item, trusted);
      if (node != nullptr && std::ranges::find(out, node) == out.end()) out.push_back(node);
    }
  };
  add(authorities_, true);
  add(presented_.next, false);
  const auto rank = [&](const Node* node) {
    return std::tuple(node->trusted, likelihood(subject.certificate(), node->certificate()));
  };
  std::ranges::stable_sort(out, std::greater(), rank);
  return subject.issuers.emplace(std::move(out));
}

// All that can be asked of it without a signature.
bool PathBuilder::may_issue(const Node& issuer, Pass pass) const {
  const mbedtls_x509_crt& certificate = issuer.certificate();
  if (!is_authority(certificate, issuer.trusted)) return false;
  if (pass == Pass::strict && !is_valid_now(certificate)) return false;
  // an authority that has renewed its own key takes no part of the length (RFC 5280 section 6.1.4)
  const auto counted = std::count_if(path_.begin() + 1, path_.end(), [](const Node* node) {
    return !is_self_issued(node->certificate());
  });
  if (!allows(certificate, static_cast<std::size_t>(counted))) return false;
  // a path that meets the same name and key again could be had shorter (RFC 4158 section 2.4.1)
  return std::ranges::none_of(path_, [&](const Node* node) {
    const mbedtls_x509_crt& other = node->certificate();
    return view_of(other.subject_raw) == view_of(certificate.subject_raw) &&
           view_of(other.pk_raw) == view_of(certificate.pk_raw);
  });
}

// Whether it spoils every path that it is on, whatever else is there: what it is for, and its
// limits of names, which the leaf keeps or doesn't.
bool PathBuilder::is_unfit(const Judge& judge, Node& issuer) const {
  if (!issuer.unfit) {
    const std::array<PathItem, 2> both = {PathItem{&issuer.certificate()},
                                          PathItem{&path_.front()->certificate()}};
    const auto refusal = judge(both);
    issuer.unfit =
        refusal && (!refusal->authority.empty() || refusal->flaw == Flaw::name_not_permitted);
  }
  return *issuer.unfit;
}

// Null where no more signatures may be checked.
const PathBuilder::Link* PathBuilder::link(const Node& subject, const Node& issuer) {
  const std::pair key(&subject, &issuer);
  if (const auto known = links_.find(key); known != links_.end()) return &known->second;
  if (signatures_ == most_signatures) return nullptr;
  ++signatures_;
  return &links_.emplace(key, check_link(subject, &issuer)).first->second;
}

PathBuilder::Link PathBuilder::check_link(const Node& subject, const Node* issuer) const {
  Link out;
  const auto collect = [](void* into, mbedtls_x509_crt*, int depth, std::uint32_t* flags) {
    auto& link = *static_cast<Link*>(into);
    (depth == 0 ? link.subject_flags : link.issuer_flags) = std::exchange(*flags, 0);
    link.signed_by_issuer = link.signed_by_issuer || depth == 1;
    return 0;
  };
  std::uint32_t flags = 0;
  // mbedTLS takes them all as pointers to non-const, and does not write to them
  const auto writable = [](const Node* node) {
    return node != nullptr ? const_cast<mbedtls_x509_crt*>(&node->certificate()) : nullptr;
  };
  const int ret = mbedtls_x509_crt_verify_with_profile(
      writable(&subject), writable(issuer),
      lists_ != nullptr ? const_cast<mbedtls_x509_crl*>(&lists_->first) : nullptr,
      &mbedtls_x509_crt_profile_default, nullptr, &flags, collect, &out);
  if (ret != 0 || (out.subject_flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0)
    out.signed_by_issuer = false;
  return out;
}

}  // namespace tunnel::x509
