// From a changed file to the services that use it.
#include "server/credential_renewer.hpp"

#include <fmt/format.h>
#include <asio/post.hpp>

#include <exception>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

#include "base/path.hpp"
#include "base/text.hpp"
#include "log/service_log.hpp"

namespace tunnel {

namespace {

// "relay.pem and relay.key have changed"
std::string changed_text(const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> names;
  for (const std::filesystem::path& file : files) names.push_back(shown(file));
  return joined_with_and(names) + (files.size() == 1 ? " has changed" : " have changed");
}

std::string applied_text(const Renewal& renewal, const Credentials& credentials) {
  std::string out = changed_text(renewal.files) + ": new connections use " +
                    (renewal.files.size() == 1 ? "it" : "them");
  if (credentials.certificate)
    out +=
        fmt::format("; the certificate \"{}\" is valid until {}", credentials.certificate->subject,
                    time_text(credentials.certificate->not_after));
  return out;
}

}  // namespace

CredentialRenewer::CredentialRenewer(net::Executor home, const ConfigLoader& loader,
                                     const Sandbox& sandbox, ServiceSet& services, Log& log)
    : home_(std::move(home)), loader_(loader), sandbox_(sandbox), services_(services), log_(log) {}

void CredentialRenewer::watch(FileStamps read) {
  const auto renew = [this, services = services_.settings(),
                      watched = ++watched_](const std::vector<std::filesystem::path>& changed) {
    try {
      auto renewals =
          std::make_shared<std::vector<Renewal>>(loader_.renew(services, changed, sandbox_));
      asio::post(home_, [this, renewals, watched] {
        if (watched == watched_) apply(std::move(*renewals));
      });
    } catch (const std::exception& error) {
      log_.error("renewal", fmt::format("{}, but can't be read: {}; reload once it can",
                                        changed_text(changed), error.what()));
    }
  };
  try {
    watcher_.watch(std::move(read), renew);
  } catch (const std::system_error& error) {
    log_.warn("renewal", fmt::format("no thread can be started to watch certificates and keys: {}; "
                                     "reload after they are renewed",
                                     error.what()));
  }
}

bool CredentialRenewer::apply(std::vector<Renewal> renewals) {
  bool good = true;
  for (Renewal& renewal : renewals) {
    const ServiceLog log(log_, renewal.service);
    if (const auto* mistakes = std::get_if<config::Mistakes>(&renewal.result)) {
      for (const config::Mistake& mistake : *mistakes)
        log.warn("renewal", fmt::format("{}, but can't be used: {}; the previous files stay in "
                                        "use until one changes again",
                                        changed_text(renewal.files), mistake.in_a_line()));
      good = false;
      continue;
    }
    auto& credentials = std::get<Credentials>(renewal.result);
    std::string applied = applied_text(renewal, credentials);
    if (services_.renew(renewal.service, std::move(credentials)))
      log.info("renewed", std::move(applied));
  }
  return good;
}

}  // namespace tunnel
