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

std::string why_evicted(const HandshakeLimiter::Evicted& evicted, std::size_t all) {
  return evicted.network_full
             ? fmt::format("reset for a newer one, since {} has {} other unfinished TLS handshakes",
                           evicted.network.text(), evicted.others)
             : fmt::format("reset for a newer one, since {} TLS handshakes are unfinished", all);
}

// 1 for a failure that took almost no time.
double cost_of(Admission::Clock::duration spent) {
  constexpr std::chrono::microseconds unit{100};
  return 1 + std::chrono::duration<double>(spent) / std::chrono::duration<double>(unit);
}

}  // namespace

Admission::Admission(std::shared_ptr<const config::Service> settings, Log& log,
                     DescriptorBudget& descriptors, HandshakeLimiter::Limits limits)
    : log_(log), descriptors_(descriptors), settings_(std::move(settings)), limiter_(limits) {}

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

void Admission::take_lent() {
  // released without the lock: these may be the last references
  std::vector<std::shared_ptr<ConnectionSlot>> lenders;
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  while (const HandshakeLimiter::Id id = limiter_.next_lender(now)) {
    const auto found = pending_.find(id);
    if (found == pending_.end()) continue;
    lenders.push_back(found->second.lock());
    if (lenders.back()) hold(*lenders.back(), 1);
  }
  if (!lenders.empty()) share_descriptors();
}

void Admission::hold(ConnectionSlot& slot, std::size_t descriptors) {
  if (descriptors > slot.descriptors_)
    descriptors_.take(descriptors - slot.descriptors_);
  else
    descriptors_.give_back(slot.descriptors_ - descriptors);
  slot.descriptors_ = descriptors;
}

// Tells the other services what handshakes of this one hold, and takes what they have left.
void Admission::share_descriptors() {
  constexpr std::size_t least = 64;  // while theirs use up everything
  const std::size_t held = limiter_.held();
  descriptors_.count_handshakes(static_cast<std::ptrdiff_t>(held) -
                                static_cast<std::ptrdiff_t>(shared_));
  shared_ = held;
  const std::size_t all = descriptors_.for_handshakes();
  const std::size_t theirs =
      descriptors_.held_by_handshakes() - std::min(held, descriptors_.held_by_handshakes());
  limiter_.set_descriptors(std::max(std::min(all, least), all - std::min(all, theirs)));
}

std::optional<Admission::Clock::duration> Admission::handshakes_full_for() {
  const std::lock_guard lock(mutex_);
  share_descriptors();
  return limiter_.full_for(Clock::now());
}

bool Admission::admits(const net::Endpoint& from) {
  const config::Address address = net::address_of(from);
  const auto refused = refusal(address);
  if (!refused) return true;
  const std::string source = HandshakeLimiter::source_of(address).text();
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
  const config::Range source = HandshakeLimiter::source_of(address);
  if (auto full = source_full(source)) return full;
  if (settings_->accepts_tls() && !limiter_.admits(source, Clock::now()))
    return Error{fmt::format("refused {} for now: TLS handshakes of {} have failed too often, or "
                             "cost too much, in a short time",
                             address.text(), source.text()),
                 "the lines of the log before this one say why"};
  return std::nullopt;
}

std::optional<Error> Admission::source_full(const config::Range& source) const {
  const auto found = by_source_.find(source);
  if (found == by_source_.end() || found->second < settings_->max_per_source) return std::nullopt;
  return Error{fmt::format("refused, since {} has {} connections open already", source.text(),
                           found->second),
               "raise max_per_source if it should have more"};
}

void Admission::count_source(ConnectionSlot& slot) {
  if (slot.source_.first.is_loopback()) return;
  ++by_source_[slot.source_];
  slot.counted_ = true;
}

void Admission::begin_connection(ConnectionSlot& slot) {
  slot.stage_ = ConnectionSlot::Stage::connection;
  ++in_use_;
}

void Admission::end_connection(const ConnectionSlot& slot) {
  if (slot.stage_ == ConnectionSlot::Stage::connection) --in_use_;
  if (!slot.counted_) return;
  const auto found = by_source_.find(slot.source_);
  if (--found->second == 0) by_source_.erase(found);
}

std::shared_ptr<ConnectionSlot> Admission::enter(Worker& worker, const net::Endpoint& from) {
  const config::Address address = net::address_of(from);
  auto slot = std::make_shared<ConnectionSlot>(shared_from_this(), worker,
                                               HandshakeLimiter::source_of(address));
  std::vector<Evicted> out;
  std::optional<Error> flood;
  std::string service;
  {
    const std::lock_guard lock(mutex_);
    hold(*slot, DescriptorBudget::each);
    if (!settings_->accepts_tls()) {
      count_source(*slot);
      begin_connection(*slot);
      return slot;
    }
    const HandshakeLimiter::Added added = limiter_.add(address, Clock::now());
    slot->id_ = added.id;
    pending_.emplace(added.id, slot);
    for (const auto& evicted : added.evicted) out.push_back(take_evicted(evicted));
    share_descriptors();
    flood = flood_.check(limiter_, descriptors_.for_handshakes());
    if (flood) service = settings_->name;
  }
  if (flood) report_flood(service, *flood);
  for (Evicted& evicted : out) evict(std::move(evicted));
  return slot;
}

bool Admission::make_room() {
  Evicted out;
  {
    const std::lock_guard lock(mutex_);
    const auto evicted = limiter_.make_room(Clock::now());
    if (!evicted) return false;
    out = take_evicted(*evicted);
    share_descriptors();
    out.why = "reset for a newer one, since descriptors or memory have run out";
  }
  evict(std::move(out));
  return true;
}

void Admission::on_first_byte(ConnectionSlot& slot) {
  std::vector<Evicted> out;
  {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    if (const auto evicted = limiter_.on_first_byte(slot.id_, now))
      out.push_back(take_evicted(*evicted));
    if (slot.descriptors_ == 1) {
      hold(slot, DescriptorBudget::each);
      if (descriptors_.is_overdrawn())
        if (const auto evicted = limiter_.make_room(now)) out.push_back(take_evicted(*evicted));
    }
    share_descriptors();
  }
  for (Evicted& evicted : out) evict(std::move(evicted));
}

// Its handshake is no longer pending, but its connection does not know that yet.
Admission::Evicted Admission::take_evicted(const HandshakeLimiter::Evicted& evicted) {
  Evicted out;
  // not there if memory ran out while it entered
  if (const auto found = pending_.find(evicted.id); found != pending_.end()) {
    out.slot = found->second.lock();
    pending_.erase(found);
  }
  if (out.slot) {
    out.slot->stage_ = ConnectionSlot::Stage::evicted;
    // about to be closed, so the next one may have them
    hold(*out.slot, 0);
  }
  out.why = why_evicted(evicted, limiter_.size());
  out.report = flood_.add(evicted, limiter_.size());
  out.service = settings_->name;
  return out;
}

// Without the lock: it may hold the last reference.
void Admission::evict(Evicted evicted) {
  if (evicted.report) report_flood(evicted.service, *evicted.report);
  if (!evicted.slot) return;
  Worker& its = evicted.slot->worker_;
  asio::post(its.io, [slot = std::move(evicted.slot), why = std::move(evicted.why)] {
    if (slot->evicted_) slot->evicted_(why);
  });
}

void Admission::report_flood(const std::string& service, const Error& report) {
  ServiceLog(log_, service).warn("flood", report.message());
}

Result<Admission::Grant> Admission::acquire(ConnectionSlot& slot) {
  const std::lock_guard lock(mutex_);
  if (!limiter_.holds(slot.id_)) return Error{"reset for a newer one"};
  if (auto full = source_full(slot.source_)) return *full;
  count_source(slot);
  if (left_locked() == 0 || !queue_.empty()) {
    // it stays a pending handshake, which bounds the queue; nothing is evicted meanwhile, since no
    // more connections are accepted
    slot.stage_ = ConnectionSlot::Stage::queued;
    queue_.push_back(slot.weak_from_this());
    return Grant::queued;
  }
  limiter_.remove(slot.id_, 0, Clock::now());
  pending_.erase(slot.id_);
  share_descriptors();
  begin_connection(slot);
  return Grant::granted;
}

void Admission::release(ConnectionSlot& slot) {
  // released without the lock: these may be the last references
  std::vector<std::shared_ptr<ConnectionSlot>> granted;
  std::vector<std::shared_ptr<ConnectionSlot>> evicted;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(slot.released_, true)) return;
    hold(slot, 0);
    const double cost = slot.stage_ == ConnectionSlot::Stage::handshake ? cost_of(slot.spent_) : 0;
    end_connection(slot);
    if (limiter_.remove(slot.id_, cost, Clock::now())) pending_.erase(slot.id_);
    while (left_locked() > 0 && !queue_.empty()) {
      auto first = queue_.front().lock();
      queue_.pop_front();
      if (!first) continue;
      const bool pending = limiter_.remove(first->id_, 0, Clock::now());
      if (pending) {
        pending_.erase(first->id_);
        begin_connection(*first);
      }
      (pending ? granted : evicted).push_back(std::move(first));
    }
    share_descriptors();
  }
  for (auto& first : granted) {
    Worker& its = first->worker_;
    asio::post(its.io, [first = std::move(first)] {
      first->granted_ = true;
      if (first->wait_) first->wait_->cancel();
    });
  }
}

// Evicted handshakes appear in the flood report instead.
bool Admission::should_log_failure(const ConnectionSlot& slot) {
  const std::lock_guard lock(mutex_);
  return slot.stage_ != ConnectionSlot::Stage::evicted && failed_.should_log(slot.source_.text());
}

void Admission::log_summaries() {
  std::unique_lock lock(mutex_);
  const auto refused = refused_.collect();
  const auto failed = failed_.collect();
  const auto flood = flood_.collect(limiter_.size());
  const std::string service = settings_->name;
  lock.unlock();
  if (flood)
    ServiceLog(log_, service)
        .warn("flood", flood->text.message(),
              {{"count", static_cast<std::int64_t>(flood->evicted)}});
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

net::Awaitable<Result<std::monostate>> ConnectionSlot::acquire() {
  const auto grant = admission_->acquire(*this);
  if (!grant) co_return grant.error();
  if (*grant == Admission::Grant::granted) co_return std::monostate{};
  wait_.emplace(worker_.io.get_executor(), net::Timer::time_point::max());
  while (!granted_ && !cancelled_) co_await wait_->async_wait(net::as_result);
  wait_.reset();
  if (cancelled_) co_return Error{"stopped while it waited for a connection"};
  co_return std::monostate{};
}

void ConnectionSlot::cancel() {
  cancelled_ = true;
  if (wait_) wait_->cancel();
}

}  // namespace tunnel
