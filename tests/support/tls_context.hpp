// TLS contexts from certificates in memory, by way of files as the program reads them.
#pragma once

#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "support/certificates.hpp"
#include "support/temporary_folder.hpp"
#include "support/wording.hpp"
#include "tls/context.hpp"

namespace tunnel::test {

struct ContextWish {
  std::string ca = {};    // PEM that a client trusts; nothing: it verifies nobody
  std::string cert = {};  // PEM, the leaf first
  std::string key = {};
  tls::Version min = tls::Version::tls12;
  tls::Version max = tls::Version::tls13;
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
  tls::Options options;
  options.client = client;
  options.system_authorities = false;
  options.verify = wish.ca.empty() ? tls::Verify::none : tls::Verify::chain;
  options.wording = wording();
  if (!wish.ca.empty()) options.authorities.push_back(folder.write("ca.pem", wish.ca));
  if (!wish.cert.empty()) {
    options.certificate = folder.write("cert.pem", wish.cert);
    options.key = folder.write("key.pem", wish.key);
  }
  options.min_version = wish.min;
  options.max_version = wish.max;
  options.resume = wish.resume;
  std::vector<tls::OptionError> errors;
  auto context = tls::Context::make(options, errors, wish.tuning ? *wish.tuning : tuning());
  if (!context)
    throw std::runtime_error(errors.empty() ? "no context and no error"
                                            : errors[0].error.message());
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
