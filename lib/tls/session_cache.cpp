// Which sessions are kept, and for how long they are believed.
#include "tls/session_cache.hpp"

namespace tunnel::tls {

SessionHandle make_session() {
  SessionHandle session(new mbedtls_ssl_session);
  mbedtls_ssl_session_init(session.get());
  return session;
}

std::optional<Session> SessionCache::take(const std::string& target) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const std::lock_guard lock(mutex_);
  auto& sessions = targets_[target].sessions;
  while (!sessions.empty()) {
    // the newest: its ticket is good for longest
    Session session = std::move(sessions.back());
    sessions.pop_back();
    const Trust& trust = session.trust;
    // a clock that has been set back proves nothing about age
    if (trust.verified <= now && now - trust.verified < longest_trust && now < trust.ends)
      return session;
  }
  return std::nullopt;
}

void SessionCache::put(const std::string& target, Session session) {
  const std::lock_guard lock(mutex_);
  auto& sessions = targets_[target].sessions;
  if (sessions.size() == sessions_per_target) sessions.pop_front();
  sessions.push_back(std::move(session));
}

bool SessionCache::expects_ticket(const std::string& target) {
  const std::lock_guard lock(mutex_);
  Target& known = targets_[target];
  return !known.silent || ++known.asked % ask_again_after == 0;
}

void SessionCache::note_ticket(const std::string& target, bool came) {
  const std::lock_guard lock(mutex_);
  targets_[target].silent = !came;
}

}  // namespace tunnel::tls
