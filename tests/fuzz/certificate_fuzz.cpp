// Any bytes as a path of certificates that mbedTLS has found no fault with: they are accepted for
// the name that they speak for, or refused in words that a terminal can show. And as what a peer
// has sent: looking for a path has an end.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/host.hpp"
#include "base/text.hpp"
#include "support/wording.hpp"
#include "tls/verification.hpp"
#include "x509/authorities.hpp"
#include "x509/certificates.hpp"
#include "x509/der.hpp"
#include "x509/names.hpp"
#include "x509/path_builder.hpp"

namespace {

using namespace tunnel;

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_printable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

void check_names(std::string_view name) {
  const bool speaks = x509::speaks_for(name, "a.relay.example");
  require(speaks == x509::speaks_for(name, "A.RELAY.example."));
  require(!speaks || is_host_name(name) || name.starts_with("*."));
  require(!x509::speaks_for("relay.example", name) || is_host_name("x." + std::string(name)) ||
          name.ends_with('.'));
  require(is_printable(address_text(name)));
}

// The first is trusted, the last is the leaf.
void look_for_path(const std::vector<std::string>& all) {
  x509::Certificates authority;
  x509::Certificates presented;
  x509::add_certificate(authority, all.front());
  for (std::size_t i = all.size(); i-- > 0;) x509::add_certificate(presented, all[i]);
  x509::PathBuilder builder(presented.chain, &authority.chain, nullptr);
  std::size_t judged = 0;
  const x509::BuiltPath path = builder.find([&](std::span<const x509::PathItem> items) {
    ++judged;
    require(!items.empty());
    return x509::check_path(items, {});
  });
  require(builder.signatures_checked() <= x509::PathBuilder::most_signatures &&
          judged <= 600 + all.size());
  require(path.items.size() <= x509::PathBuilder::most_intermediates + 2);
  require(x509::view_of(path.items.back().certificate->raw) == x509::view_of(presented.chain.raw));
  require(path.refusal || path.reaches_authority);
  if (path.reaches_authority)
    require(x509::view_of(path.items.front().certificate->raw) ==
            x509::view_of(authority.chain.raw));
}

}  // namespace

// The first byte says who the peer is; then come certificates from the top to the leaf, each after
// its size in two bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  check_names(rest);
  if (rest.empty()) return 0;
  const auto wish = static_cast<unsigned char>(rest.front());
  rest.remove_prefix(1);
  x509::Certificates path;
  std::vector<std::string> all;
  while (rest.size() > 2) {
    const std::size_t wanted =
        static_cast<unsigned char>(rest[0]) * 256U + static_cast<unsigned char>(rest[1]);
    rest.remove_prefix(2);
    const std::size_t n = std::min(wanted, rest.size());
    const std::string der(rest.substr(0, n));
    if (x509::add_certificate(path, der)) all.push_back(der);
    rest.remove_prefix(n);
  }
  if (path.chain.version == 0) return 0;
  look_for_path(all);

  x509::Rules rules;

  rules.wording = test::wording();
  rules.peer_is_client = (wish & 1) != 0;
  const bool by_address = (wish & 2) != 0;
  tls::Verification verification(rules, {by_address ? "192.0.2.7" : "relay.example", by_address});
  int depth = 0;
  for (const auto* one = path.chain.next; one != nullptr; one = one->next) ++depth;
  const mbedtls_x509_crt* leaf = nullptr;
  std::uint32_t flags = 0;
  for (const auto* one = &path.chain; one != nullptr; one = one->next, --depth) {
    leaf = one;
    flags = 0;
    verification.look_at(*one, depth, flags);
    require(depth == 0 || flags == 0);
  }
  if (flags != 0) {
    const Error error = verification.explain("relay.example:443", flags);
    require(!error.what.empty() && is_printable(error.message()));
    return 0;
  }
  require(leaf->version == 3);
  if (rules.peer_is_client) return 0;
  const x509::AlternativeNames names = x509::alternative_names(*leaf);
  require(by_address ? std::count(names.addresses.begin(), names.addresses.end(),
                                  std::string("\xc0\0\2\7", 4)) > 0
                     : std::any_of(names.dns.begin(), names.dns.end(), [](const std::string& name) {
                         return lower_case(name) == "relay.example";
                       }));
  return 0;
}
