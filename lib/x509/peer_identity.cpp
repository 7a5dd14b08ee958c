// Keys and names of peers.
#include "x509/peer_identity.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/path.hpp"
#include "x509/known_servers.hpp"

namespace tunnel::x509 {

namespace {

// Not the library's. It tells a server "certificate unknown" (RFC 8446 section 6.2).
constexpr std::uint32_t wrong_key = 0x40000000;
// It tells a client "access denied".
constexpr std::uint32_t not_let_in = MBEDTLS_X509_BADCERT_OTHER;

}  // namespace

void PeerIdentity::look_at(const mbedtls_x509_crt& leaf, std::uint32_t& flags) {
  chain_ = flags != 0;
  certificate_ = describe(leaf);
  check_key(flags);
  if (refusal_.what.empty()) check_names(leaf, flags);
}

void PeerIdentity::check_key(std::uint32_t& flags) {
  const std::string& pin = certificate_->pin;
  const Wording& wording = *rules_.wording;
  const auto refuse = [&](Error why) {
    flags |= rules_.peer_is_client ? not_let_in : wrong_key;
    refusal_ = std::move(why);
  };
  if (rules_.known) {
    const auto known = rules_.known->find(target_);
    if (!known)
      refuse(known.error());
    else if (pin.empty() || target_.empty())
      refuse({"its key cannot be remembered", ""});
    else if (*known && (*known)->pin != pin)
      refuse(rules_.known->changed(**known, pin));
    else
      new_ = !*known;
    return;
  }
  // without a chain nothing but the key speaks for the peer
  const bool must_be_pinned = !rules_.chain || !rules_.pins.empty();
  if (!must_be_pinned || rules_.any_key) return;
  if (!pin.empty() && std::find(rules_.pins.begin(), rules_.pins.end(), pin) != rules_.pins.end())
    return;
  if (rules_.peer_is_client)
    refuse({"its key is none of " + wording.name(Setting::client_pin),
            "if it may come in, add " + wording.line(Setting::client_pin, pin)});
  else
    refuse({fmt::format("its key is {}, which is none of {}", pin, wording.name(Setting::pin)),
            fmt::format("somebody may be in between; if its owner says that this is the key, "
                        "write {}",
                        wording.line(Setting::pin, pin))});
}

void PeerIdentity::check_names(const mbedtls_x509_crt& leaf, std::uint32_t& flags) {
  if (rules_.names.empty()) return;
  const auto names = peer_names(leaf);
  for (const NamePattern& pattern : rules_.names)
    for (const PeerName& name : names)
      if (pattern.matches(name)) return;
  flags |= not_let_in;
  const std::string setting = rules_.wording->name(Setting::client_names);
  refusal_ = {fmt::format("none of its names is let in by {}", setting),
              fmt::format("if it may come in, add \"{}\" to {}", certificate_->name, setting)};
}

Error PeerIdentity::explain(const std::string& peer, Error chain, std::uint32_t flags) const {
  // mbedTLS looks at the leaf's usage again afterwards
  const bool by_chain = chain_ || (flags & ~(wrong_key | not_let_in)) != 0;
  if (!rules_.peer_is_client) {
    if (by_chain || refusal_.what.empty()) return chain;
    // what has changed says of whom it speaks itself
    if (rules_.known) return refusal_;
    return {fmt::format("the certificate of {} is not the pinned one: {}", peer, refusal_.what),
            refusal_.hint};
  }
  if (!certificate_) return chain;
  const std::string who = fmt::format("\"{}\" ({})", certificate_->name, certificate_->pin);
  if (!by_chain && !refusal_.what.empty())
    return {fmt::format("{} showed the certificate of {}, and is not let in: {}", peer, who,
                        refusal_.what),
            refusal_.hint};
  chain.what += fmt::format("; it showed that of {}", who);
  if ((flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0)
    chain.hint = fmt::format(
        "if it may come in, add its issuer to {0}, or let its key in by {1} without {0}",
        rules_.wording->name(Setting::client_authorities),
        rules_.wording->line(Setting::client_pin, certificate_->pin));
  return chain;
}

bool PeerIdentity::knows(const std::string& pin) const {
  if (!rules_.known) return true;
  const auto known = rules_.known->find(target_);
  return known && *known && (*known)->pin == pin;
}

Result<std::monostate> PeerIdentity::settle() {
  if (!new_) return std::monostate{};
  const auto added = rules_.known->remember(target_, certificate_->pin);
  if (!added) return added.error();
  if (!*added) return std::monostate{};
  notice_ = fmt::format(
      "first use of {}: its key is {}, remembered in {}, and any other will be refused; compare it "
      "with the server's own (there: tunnel pin FILE.pem), or write {}",
      target_, certificate_->pin, shown(rules_.known->file()),
      rules_.wording->line(Setting::pin, certificate_->pin));
  return std::monostate{};
}

Error no_client_certificate(const std::string& peer) {
  return {fmt::format("{} showed no certificate, and only clients with one are let in", peer),
          "give it cert and key; tunnel keygen makes a pair"};
}

}  // namespace tunnel::x509
