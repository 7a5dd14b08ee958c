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
  std::string out;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (i > 0) out += i + 1 == files.size() ? " and " : ", ";
    out += shown(files[i]);
  }
  return out + (files.size() == 1 ? " has changed" : " have changed");
}

std::string taken_text(const Credentials& credentials) {
  if (!credentials.certificate) return ": new connections use it";
  return fmt::format(": new connections use it; the certificate \"{}\" is valid until {}",
                     credentials.certificate->subject,
                     time_text(credentials.certificate->not_after));
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
                                     "reload to have renewed ones taken",
                                     error.what()));
  }
}

void CredentialRenewer::apply(std::vector<Renewal> renewals) {
  for (Renewal& renewal : renewals) {
    const ServiceLog log(log_, renewal.service);
    const std::string changed = changed_text(renewal.files);
    if (const auto* mistakes = std::get_if<config::Mistakes>(&renewal.result)) {
      for (const config::Mistake& mistake : *mistakes)
        log.warn("renewal", fmt::format("{}, but can't be used: {}; the previous files stay in "
                                        "use until one changes again",
                                        changed, mistake.in_a_line()));
      continue;
    }
    auto& credentials = std::get<Credentials>(renewal.result);
    const std::string taken = taken_text(credentials);
    if (services_.renew(renewal.service, std::move(credentials)))
      log.info("renewed", changed + taken);
  }
}

}  // namespace tunnel
