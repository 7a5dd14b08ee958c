// What all connections of a service share: identity, trust and the TLS policy; constant once built.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tls/context_options.hpp"
#include "tls/tls_error.hpp"
#include "tls/tuning.hpp"
#include "x509/rules.hpp"

struct mbedtls_ssl_config;

namespace tunnel::x509 {
class AuthorityCache;
}

namespace tunnel::tls {

class SessionCache;

class Context {
 public:
  // Null where certificates, keys or authorities are missing or wrong: then `errors` says how. To
  // be called before threads start. Contexts that are given one cache share their authorities.
  static std::shared_ptr<const Context> make(const Options& options,
                                             std::vector<OptionError>& errors,
                                             const Tuning& tuning = {},
                                             x509::AuthorityCache* cache = nullptr);

  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  const mbedtls_ssl_config* config() const;
  bool client() const;
  bool verifies() const;
  // What is asked of the peer's certificates, where it verifies.
  const x509::Rules& rules() const;
  // What this end brings along, for messages.
  Versions versions() const;
  bool has_certificate() const;
  // A client's sessions to resume; null where it resumes none.
  SessionCache* sessions() const;
  // Whether records leave mbedTLS after the handshake, and how.
  bool own_records() const;
  const RecordSettings& records() const;

 private:
  struct State;
  static std::unique_ptr<State> build(const Options& options, std::vector<OptionError>& errors,
                                      const Tuning& tuning, x509::AuthorityCache* cache);
  explicit Context(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

// "mbedTLS 3.6.7".
std::string library_version();

}  // namespace tunnel::tls
