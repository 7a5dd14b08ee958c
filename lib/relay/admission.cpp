// Checking, counting, and giving the places that get free to those who wait.
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

std::string why_cut(const HandshakeLimiter::Entered& entered, const std::string& source,
                    std::size_t all) {
  return entered.source_full
             ? fmt::format("reset for a newer one, since {} has {} other unfinished TLS handshakes",
                           source, entered.of_source)
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
  return settings_->max_connections - std::min(settings_->max_connections, taken_);
}

std::optional<Admission::Clock::duration> Admission::crowded_for() const {
  const std::lock_guard lock(mutex_);
  return limiter_.full_for(Clock::now());
}

bool Admission::admits(const net::Endpoint& from) {
  const config::Address address = address_of(from);
  const auto refused = refusal(address);
  if (!refused) return true;
  const std::string source = source_text(HandshakeLimiter::source_of(address));
  std::unique_lock lock(mutex_);
  const bool told = refused_.tell(source);
  const std::string service = settings_->name;
  lock.unlock();
  if (told)
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
  std::shared_ptr<ConnectionSlot> out;  // let go of without the lock: it may be the last to hold it
  std::string why;
  {
    const std::lock_guard lock(mutex_);
    if (!settings_->accepts_tls()) {
      slot->stage_ = ConnectionSlot::Stage::taken;
      ++taken_;
      return slot;
    }
    const HandshakeLimiter::Entered entered = limiter_.enter(source, Clock::now());
    slot->id_ = entered.id;
    seats_.emplace(entered.id, slot);
    out = find_cut(entered);
    if (out) why = why_cut(entered, source_text(out->source_), limiter_.size());
  }
  if (out) cut(std::move(out), std::move(why));
  return slot;
}

bool Admission::make_room() {
  std::shared_ptr<ConnectionSlot> out;
  {
    const std::lock_guard lock(mutex_);
    const auto entered = limiter_.make_room(Clock::now());
    if (entered) out = find_cut(*entered);
  }
  if (!out) return false;
  cut(std::move(out), "reset for a newer one, since descriptors or memory have run out");
  return true;
}

// No longer a pending handshake, but its connection does not know it yet.
std::shared_ptr<ConnectionSlot> Admission::find_cut(const HandshakeLimiter::Entered& entered) {
  if (!entered.out) return nullptr;
  const auto found = seats_.find(*entered.out);
  auto out = found->second.lock();
  seats_.erase(found);
  return out;
}

void Admission::cut(std::shared_ptr<ConnectionSlot> slot, std::string why) {
  Worker& its = slot->worker_;
  asio::post(its.io, [slot = std::move(slot), why = std::move(why)] {
    if (slot->cut_) slot->cut_(why);
  });
}

Admission::Turn Admission::settle(ConnectionSlot& slot) {
  const std::lock_guard lock(mutex_);
  if (!limiter_.holds(slot.id_)) return Turn::never;
  if (left_locked() == 0 || !queue_.empty()) {
    // it stays one of the crowd, which bounds those who wait here, and nobody is put out meanwhile:
    // no more are accepted
    slot.stage_ = ConnectionSlot::Stage::queue;
    queue_.push_back(slot.weak_from_this());
    return Turn::later;
  }
  limiter_.leave(slot.id_, false, Clock::now());
  seats_.erase(slot.id_);
  slot.stage_ = ConnectionSlot::Stage::taken;
  ++taken_;
  return Turn::now;
}

void Admission::leave(ConnectionSlot& slot) {
  // those whose turn it is, and one that was put out meanwhile: let go of without the lock, since
  // it may be the last to hold them
  std::vector<std::shared_ptr<ConnectionSlot>> called;
  std::vector<std::shared_ptr<ConnectionSlot>> gone;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(slot.left_, true)) return;
    if (slot.stage_ == ConnectionSlot::Stage::taken)
      --taken_;
    else if (limiter_.leave(slot.id_, slot.stage_ == ConnectionSlot::Stage::crowd, Clock::now()))
      seats_.erase(slot.id_);
    while (left_locked() > 0 && !queue_.empty()) {
      auto first = queue_.front().lock();
      queue_.pop_front();
      if (!first) continue;
      const bool here = limiter_.leave(first->id_, false, Clock::now());
      if (here) {
        seats_.erase(first->id_);
        first->stage_ = ConnectionSlot::Stage::taken;
        ++taken_;
      }
      (here ? called : gone).push_back(std::move(first));
    }
  }
  for (auto& first : called) {
    Worker& its = first->worker_;
    asio::post(its.io, [first = std::move(first)] {
      first->called_ = true;
      if (first->turn_) first->turn_->cancel();
    });
  }
}

bool Admission::tells_failure(const ConnectionSlot& slot) {
  const std::lock_guard lock(mutex_);
  return failed_.tell(source_text(slot.source_));
}

void Admission::tell_counted() {
  std::unique_lock lock(mutex_);
  const auto refused = refused_.collect();
  const auto failed = failed_.collect();
  const std::string service = settings_->name;
  lock.unlock();
  const auto tell = [&](std::string_view event, const LogThrottle::Summary& summary,
                        std::string what) {
    ServiceLog(log_, service)
        .warn(event,
              fmt::format("{} {} in the last minute, {}", summary.events, what, summary.whose()),
              {{"count", static_cast<std::int64_t>(summary.events)},
               {"sources", static_cast<std::int64_t>(summary.sources)},
               {"worst", summary.worst}});
  };
  if (refused)
    tell("refused", *refused,
         refused->events == 1 ? "more connection was refused" : "more connections were refused");
  if (failed)
    tell("failed", *failed,
         failed->events == 1 ? "more TLS handshake failed" : "more TLS handshakes failed");
}

net::Awaitable<bool> ConnectionSlot::settle() {
  const Admission::Turn turn = admission_->settle(*this);
  if (turn == Admission::Turn::later) {
    turn_.emplace(worker_.io.get_executor(), net::Timer::time_point::max());
    while (!called_ && !cancelled_) co_await turn_->async_wait(net::as_result);
    turn_.reset();
    co_return !cancelled_;
  }
  co_return turn == Admission::Turn::now;
}

void ConnectionSlot::cancel() {
  cancelled_ = true;
  if (turn_) turn_->cancel();
}

}  // namespace tunnel
