// From a configuration to TLS contexts and certificates.
#include "server/config_loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <new>
#include <utility>

#include "base/path.hpp"
#include "base/shell_word.hpp"
#include "server/sandbox_policy.hpp"
#include "server/service_context.hpp"
#include "server/service_files.hpp"
#include "x509/authorities.hpp"
#include "x509/own_certificate.hpp"

namespace tunnel {

namespace {

// A file that can't be read has no certificate here: the context reports the mistake.
std::optional<x509::CertificateSummary> first_to_expire(const config::Service& service,
                                                        const os::FileView& files) {
  if (!service.cert) return std::nullopt;
  auto chain = x509::summaries_in(service.cert->path, files);
  if (!chain || chain->empty()) return std::nullopt;
  return *std::ranges::min_element(*chain, {}, &x509::CertificateSummary::not_after);
}

// The token of the status is for this user alone.
void refuse_open_token(config::Validated& validated, const os::FileView& files) {
  const auto& status = validated.config.status;
  if (!status || status->token_file.empty() || !files.others_can_read(status->token_file)) return;
  validated.mistakes.push_back(
      {status->place, "status", "token_file",
       fmt::format("every user of this machine can read {}", shown(status->token_file)),
       "chmod o-rwx " + shell_word(text_of(status->token_file))});
}

std::vector<Error> doubts_of(const config::Service& service, const os::FileView& files) {
  if (!service.accepts_tls() || !service.cert || !service.key) return {};
  return x509::doubts_about_own(
      service.cert->path, service.key->path,
      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()), files);
}

}  // namespace

ConfigLoader::ConfigLoader(ConfigSource source, tls::Tuning tuning)
    : source_(std::move(source)), tuning_(tuning) {}

Credentials ConfigLoader::credentials_of(const config::Service& service, config::Mistakes& mistakes,
                                         x509::AuthorityCache& authorities,
                                         const os::FileView& files) const {
  return {make_context(service, mistakes, tuning_, &authorities, files),
          first_to_expire(service, files), doubts_of(service, files)};
}

LoadedConfig ConfigLoader::load(const os::FileView& files) const {
  config::Validated validated = source_.load(files);
  refuse_open_token(validated, files);
  RuntimeConfig out;
  out.files = stamps_of(watched_files(validated.config));
  x509::AuthorityCache authorities(files);
  for (const config::Service& service : validated.config.services) {
    out.credentials.push_back(credentials_of(service, validated.mistakes, authorities, files));
  }
  if (!validated.mistakes.empty()) return validated.mistakes;
  out.config = std::move(validated.config);
  return out;
}

LoadedConfig ConfigLoader::reload(const Sandbox& sandbox, const os::FileView& files) const {
  try {
    LoadedConfig loaded = load(files);
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

std::vector<Renewal> ConfigLoader::renew(
    const std::vector<std::shared_ptr<const config::Service>>& services,
    const std::vector<std::filesystem::path>& changed, const Sandbox& sandbox,
    const os::FileView& files) const {
  std::vector<Renewal> out;
  x509::AuthorityCache authorities(files);
  for (const auto& service : services) {
    Renewal renewal{service->name, {}, config::Mistakes{}};
    for (std::filesystem::path& file : files_of(*service))
      if (std::ranges::count(changed, file) != 0) renewal.files.push_back(std::move(file));
    if (renewal.files.empty()) continue;
    config::Mistakes mistakes;
    Credentials credentials = credentials_of(*service, mistakes, authorities, files);
    sandbox.explain(mistakes);
    if (mistakes.empty())
      renewal.result = std::move(credentials);
    else
      renewal.result = std::move(mistakes);
    out.push_back(std::move(renewal));
  }
  return out;
}

}  // namespace tunnel
