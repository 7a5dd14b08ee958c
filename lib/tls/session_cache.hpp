// A client's sessions to resume, in memory: tickets of servers that it has verified (RFC 8446
// section 2.2, RFC 5077).
#pragma once

#include <mbedtls/ssl.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace tunnel::tls {

struct SessionDeleter {
  void operator()(mbedtls_ssl_session* session) const {
    mbedtls_ssl_session_free(session);
    delete session;
  }
};
using SessionHandle = std::unique_ptr<mbedtls_ssl_session, SessionDeleter>;
SessionHandle make_session();

// When the trust behind a session was established, and when it ends.
struct Trust {  // in seconds: the system's clock has no room for certificates without an end
  std::chrono::sys_seconds verified;
  std::chrono::sys_seconds ends;  // the first certificate of the chain to expire
  std::string pin = {};           // the peer's key, where it is one that is remembered
};

// Begun now, and not limited by any certificate yet.
inline Trust new_trust() {
  return {std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()),
          std::chrono::sys_seconds::max()};
}

struct Session {
  SessionHandle handle;
  Trust trust;
};

// Belongs to one tls::Context, so to one set of authorities and names: what they decided dies with
// them. For all threads.
class SessionCache {
 public:
  // A session with this target whose trust still holds; each is given once (RFC 8446 section C.4).
  std::optional<Session> take(const std::string& target);
  void put(const std::string& target, Session session);

  // Whether a connection to the target should wait for a ticket before it hands its records over.
  // A target that has sent none is asked again now and then.
  bool expects_ticket(const std::string& target);
  void note_ticket(const std::string& target, bool came);

 private:
  // As many connections at once can resume.
  static constexpr std::size_t sessions_per_target = 64;
  // Trust is looked at afresh this often, however often a session is prolonged.
  static constexpr std::chrono::hours longest_trust{24};
  static constexpr unsigned ask_again_after = 64;

  struct Target {
    std::deque<Session> sessions;
    bool silent = false;  // it has sent no ticket
    unsigned asked = 0;
  };

  std::mutex mutex_;
  std::map<std::string, Target> targets_;  // as many as the configuration has
};

}  // namespace tunnel::tls
