// TLS contexts from certificates in memory, by way of files as the program reads them.
#pragma once

#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "support/certificates.hpp"
#include "support/temporary_folder.hpp"
#include "tls/context.hpp"

namespace tunnel::test {

struct ContextWish {
  std::string ca = {};    // PEM that a client trusts; nothing: it verifies nobody
  std::string cert = {};  // PEM, the leaf first
  std::string key = {};
  config::TlsVersion min = config::TlsVersion::tls12;
  config::TlsVersion max = config::TlsVersion::tls13;
  bool resume = false;
  std::optional<tls::Tuning> tuning = {};  // nothing: what the environment wishes
};

// The records' path is the one that the environment wishes, as in the program.
inline tls::Tuning tuning() {
  const auto wished = tls::tuning_from([](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
  });
  if (!wished) throw std::runtime_error(wished.error().message());
  return *wished;
}

inline std::shared_ptr<const tls::Context> make_context(bool client, const ContextWish& wish) {
  const TemporaryFolder folder;
  config::Service service;
  service.name = "test";
  service.client = client;
  service.system_ca = false;
  service.verify = wish.ca.empty() ? config::Verify::none : config::Verify::full;
  if (!wish.ca.empty()) service.ca.push_back({folder.write("ca.pem", wish.ca), {}});
  if (!wish.cert.empty()) {
    service.cert = config::FileRef{folder.write("cert.pem", wish.cert), {}};
    service.key = config::FileRef{folder.write("key.pem", wish.key), {}};
  }
  service.min_version = wish.min;
  service.max_version = wish.max;
  service.resume = wish.resume;
  config::Mistakes mistakes;
  auto context = tls::Context::make(service, mistakes, wish.tuning ? *wish.tuning : tuning());
  if (!context)
    throw std::runtime_error(mistakes.empty() ? "no context and no mistake" : mistakes[0].text());
  return context;
}

inline std::shared_ptr<const tls::Context> client_context(ContextWish wish) {
  return make_context(true, wish);
}

inline std::shared_ptr<const tls::Context> server_context(const Certificate& certificate,
                                                          ContextWish wish = {}) {
  wish.cert = certificate.pem + wish.cert;
  wish.key = certificate.key->pem();
  return make_context(false, wish);
}

}  // namespace tunnel::test
