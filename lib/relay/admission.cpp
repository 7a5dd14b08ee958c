// Checks, counts, and hands free connections to the queue.
#include "relay/admission.hpp"

#include <fmt/format.h>
#include <asio/post.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "log/service_log.hpp"

namespace tunnel {

namespace {

config::Address address_of(const net::Endpoint& endpoint) {
  const auto address = endpoint.address();
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    return config::Address(bytes);
  }
  const auto bytes = address.to_v6().to_bytes();
  return config::Address(bytes);
}

std::string source_text(const config::Address& source) {
  return source.is_ipv4() || source.is_loopback() ? source.text() : source.text() + "/64";
}

std::string why_evicted(const HandshakeLimiter::Added& added, const std::string& source,
                        std::size_t all) {
  return added.source_full
             ? fmt::format("reset for a newer one, since {} has {} other unfinished TLS handshakes",
                           source, added.of_source)
             : fmt::format("reset for a newer one, since {} TLS handshakes are unfinished", all);
}

}  // namespace

Admission::Admission(std::shared_ptr<const config::Service> settings, Log& log,
                     HandshakeLimiter::Limits limits)
    : log_(log), settings_(std::move(settings)), limiter_(limits) {}

void Admission::renew(std::shared_ptr<const config::Service> settings) {
  const std::lock_guard lock(mutex_);
  settings_ = std::move(settings);
}

std::size_t Admission::left() const {
  const std::lock_guard lock(mutex_);
  return left_locked();
}

// A reload may have made it fewer than there are.
std::size_t Admission::left_locked() const {
  return settings_->max_connections - std::min(settings_->max_connections, in_use_);
}

std::optional<Admission::Clock::duration> Admission::handshakes_full_for() const {
  const std::lock_guard lock(mutex_);
  return limiter_.full_for(Clock::now());
}

bool Admission::admits(const net::Endpoint& from) {
  const config::Address address = address_of(from);
  const auto refused = refusal(address);
  if (!refused) return true;
  const std::string source = source_text(HandshakeLimiter::source_of(address));
  std::unique_lock lock(mutex_);
  const bool logged = refused_.should_log(source);
  const std::string service = settings_->name;
  lock.unlock();
  if (logged)
    ServiceLog(log_, service)
        .warn("refused", refused->message(),
              {{"peer", net::text(from)}, {"outcome", refused->what}, {"next", refused->hint}});
  return false;
}

std::optional<Error> Admission::refusal(const config::Address& address) {
  const std::lock_guard lock(mutex_);
  const config::Access& access = settings_->access;
  if (const config::Range* denied = access.denies(address))
    return Error{fmt::format("refused {}: the deny list has {}", address.text(), denied->text()),
                 "take that out to let it in"};
  if (!access.admits(address))
    return Error{fmt::format("refused {}: the allow list does not have it", address.text()),
                 fmt::format("add \"{}\" to let it in", address.text())};
  const config::Address source = HandshakeLimiter::source_of(address);
  if (settings_->accepts_tls() && !limiter_.admits(source, Clock::now()))
    return Error{
        fmt::format("refused {} for now: more than {:.0f} TLS handshakes of {} have failed "
                    "in a short time",
                    address.text(), limiter_.limits().failures, source_text(source)),
        "the lines of the log before this one say why"};
  return std::nullopt;
}

std::shared_ptr<ConnectionSlot> Admission::enter(Worker& worker, const net::Endpoint& from) {
  const config::Address source = HandshakeLimiter::source_of(address_of(from));
  auto slot = std::make_shared<ConnectionSlot>(shared_from_this(), worker, source);
  std::shared_ptr<ConnectionSlot> out;  // released without the lock: it may be the last reference
  std::string why;
  {
    const std::lock_guard lock(mutex_);
    if (!settings_->accepts_tls()) {
      slot->stage_ = ConnectionSlot::Stage::connection;
      ++in_use_;
      return slot;
    }
    const HandshakeLimiter::Added added = limiter_.add(source, Clock::now());
    slot->id_ = added.id;
    pending_.emplace(added.id, slot);
    out = take_evicted(added);
    if (out) why = why_evicted(added, source_text(out->source_), limiter_.size());
  }
  if (out) evict(std::move(out), std::move(why));
  return slot;
}

bool Admission::make_room() {
  std::shared_ptr<ConnectionSlot> out;
  {
    const std::lock_guard lock(mutex_);
    const auto added = limiter_.make_room(Clock::now());
    if (added) out = take_evicted(*added);
  }
  if (!out) return false;
  evict(std::move(out), "reset for a newer one, since descriptors or memory have run out");
  return true;
}

// Its handshake is no longer pending, but its connection does not know that yet.
std::shared_ptr<ConnectionSlot> Admission::take_evicted(const HandshakeLimiter::Added& added) {
  if (!added.evicted) return nullptr;
  const auto found = pending_.find(*added.evicted);
  auto out = found->second.lock();
  pending_.erase(found);
  return out;
}

void Admission::evict(std::shared_ptr<ConnectionSlot> slot, std::string why) {
  Worker& its = slot->worker_;
  asio::post(its.io, [slot = std::move(slot), why = std::move(why)] {
    if (slot->evicted_) slot->evicted_(why);
  });
}

Admission::Grant Admission::acquire(ConnectionSlot& slot) {
  const std::lock_guard lock(mutex_);
  if (!limiter_.holds(slot.id_)) return Grant::evicted;
  if (left_locked() == 0 || !queue_.empty()) {
    // it stays a pending handshake, which bounds the queue; nothing is evicted meanwhile, since no
    // more connections are accepted
    slot.stage_ = ConnectionSlot::Stage::queued;
    queue_.push_back(slot.weak_from_this());
    return Grant::queued;
  }
  limiter_.remove(slot.id_, false, Clock::now());
  pending_.erase(slot.id_);
  slot.stage_ = ConnectionSlot::Stage::connection;
  ++in_use_;
  return Grant::granted;
}

void Admission::release(ConnectionSlot& slot) {
  // released without the lock: these may be the last references
  std::vector<std::shared_ptr<ConnectionSlot>> granted;
  std::vector<std::shared_ptr<ConnectionSlot>> evicted;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(slot.released_, true)) return;
    if (slot.stage_ == ConnectionSlot::Stage::connection)
      --in_use_;
    else if (limiter_.remove(slot.id_, slot.stage_ == ConnectionSlot::Stage::handshake,
                             Clock::now()))
      pending_.erase(slot.id_);
    while (left_locked() > 0 && !queue_.empty()) {
      auto first = queue_.front().lock();
      queue_.pop_front();
      if (!first) continue;
      const bool pending = limiter_.remove(first->id_, false, Clock::now());
      if (pending) {
        pending_.erase(first->id_);
        first->stage_ = ConnectionSlot::Stage::connection;
        ++in_use_;
      }
      (pending ? granted : evicted).push_back(std::move(first));
    }
  }
  for (auto& first : granted) {
    Worker& its = first->worker_;
    asio::post(its.io, [first = std::move(first)] {
      first->granted_ = true;
      if (first->wait_) first->wait_->cancel();
    });
  }
}

bool Admission::should_log_failure(const ConnectionSlot& slot) {
  const std::lock_guard lock(mutex_);
  return failed_.should_log(source_text(slot.source_));
}

void Admission::log_summaries() {
  std::unique_lock lock(mutex_);
  const auto refused = refused_.collect();
  const auto failed = failed_.collect();
  const std::string service = settings_->name;
  lock.unlock();
  const auto write = [&](std::string_view event, const LogThrottle::Summary& summary,
                         std::string what) {
    ServiceLog(log_, service)
        .warn(event,
              fmt::format("{} {} in the last minute, {}", summary.events, what, summary.origin()),
              {{"count", static_cast<std::int64_t>(summary.events)},
               {"sources", static_cast<std::int64_t>(summary.sources)},
               {"worst", summary.worst}});
  };
  if (refused)
    write("refused", *refused,
          refused->events == 1 ? "more connection was refused" : "more connections were refused");
  if (failed)
    write("failed", *failed,
          failed->events == 1 ? "more TLS handshake failed" : "more TLS handshakes failed");
}

net::Awaitable<bool> ConnectionSlot::acquire() {
  const Admission::Grant grant = admission_->acquire(*this);
  if (grant == Admission::Grant::queued) {
    wait_.emplace(worker_.io.get_executor(), net::Timer::time_point::max());
    while (!granted_ && !cancelled_) co_await wait_->async_wait(net::as_result);
    wait_.reset();
    co_return !cancelled_;
  }
  co_return grant == Admission::Grant::granted;
}

void ConnectionSlot::cancel() {
  cancelled_ = true;
  if (wait_) wait_->cancel();
}

}  // namespace tunnel
