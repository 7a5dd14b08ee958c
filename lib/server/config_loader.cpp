// From a configuration to TLS contexts and certificates.
#include "server/config_loader.hpp"

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

#include "server/sandbox_policy.hpp"
#include "server/service_context.hpp"
#include "x509/authorities.hpp"
#include "x509/own_certificate.hpp"

namespace tunnel {

namespace {

// A file that can't be read has no certificate here: the context reports the mistake.
std::optional<x509::CertificateSummary> first_to_expire(const config::Service& service) {
  if (!service.cert) return std::nullopt;
  auto chain = x509::summaries_in(service.cert->path);
  if (!chain || chain->empty()) return std::nullopt;
  return *std::ranges::min_element(*chain, {}, &x509::CertificateSummary::not_after);
}

std::vector<Error> doubts_of(const config::Service& service) {
  if (!service.accepts_tls() || !service.cert || !service.key) return {};
  return x509::doubts_about_own(
      service.cert->path, service.key->path,
      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

}  // namespace

ConfigLoader::ConfigLoader(ConfigSource source, tls::Tuning tuning)
    : source_(std::move(source)), tuning_(tuning) {}

Credentials ConfigLoader::credentials_of(const config::Service& service,
                                         config::Mistakes& mistakes,
                                         x509::AuthorityCache* authorities) const {
  return {make_context(service, mistakes, tuning_, authorities), first_to_expire(service),
          doubts_of(service)};
}

LoadedConfig ConfigLoader::load() const {
  config::Validated validated = source_.load();
  RuntimeConfig out;
  x509::AuthorityCache authorities;
  for (const config::Service& service : validated.config.services) {
    out.credentials.push_back(credentials_of(service, validated.mistakes, &authorities));
  }
  if (!validated.mistakes.empty()) return validated.mistakes;
  out.config = std::move(validated.config);
  return out;
}

LoadedConfig ConfigLoader::reload(const Sandbox& sandbox) const {
  try {
    LoadedConfig loaded = load();
    if (auto* mistakes = std::get_if<config::Mistakes>(&loaded)) {
      sandbox.explain(*mistakes);
      return loaded;
    }
    config::Mistakes ruled_out = sandbox.ruled_out(std::get<RuntimeConfig>(loaded).config);
    if (!ruled_out.empty()) return ruled_out;
    return loaded;
  } catch (const std::bad_alloc&) {
    return config::Mistakes{{{}, "", "", "out of memory", ""}};
  }
}

}  // namespace tunnel
