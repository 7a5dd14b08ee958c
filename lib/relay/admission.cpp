// Checking, counting, and giving the places that get free to those who wait.
#include "relay/admission.hpp"

#include <fmt/format.h>
#include <asio/post.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.hpp"

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

std::string why_cut(const Crowd::Entered& entered, const std::string& source, std::size_t all) {
  return entered.source_full
             ? fmt::format("reset for a newer one, since {} has {} other unfinished TLS handshakes",
                           source, entered.of_source)
             : fmt::format("reset for a newer one, since {} TLS handshakes are unfinished", all);
}

}  // namespace

Admission::Admission(std::shared_ptr<const config::Service> settings, Log& log,
                     Crowd::Limits limits)
    : log_(log), settings_(std::move(settings)), crowd_(limits) {}

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
  return crowd_.full_for(Clock::now());
}

bool Admission::admits(const net::Endpoint& from) {
  const config::Address address = address_of(from);
  const auto refused = refusal(address);
  if (!refused) return true;
  const std::string source = source_text(Crowd::source_of(address));
  std::unique_lock lock(mutex_);
  const bool told = refused_.tell(source);
  const std::string service = settings_->name;
  lock.unlock();
  if (told)
    log_.write({LogLevel::warn,
                "refused",
                service,
                0,
                refused->message(),
                {{"peer", net::text(from)}, {"outcome", refused->what}, {"next", refused->hint}}});
  return false;
}

std::optional<Error> Admission::refusal(const config::Address& address) {
  const std::lock_guard lock(mutex_);
  const config::Access& access = settings_->access;
  if (const config::Range* denied = access.denies(address))
    return Error{fmt::format("refused {}: deny has {}", address.text(), denied->text()),
                 "take that out if it may come in"};
  if (!access.admits(address))
    return Error{fmt::format("refused {}: it is not among the addresses of allow", address.text()),
                 fmt::format("add \"{}\" there if it may come in", address.text())};
  const config::Address source = Crowd::source_of(address);
  if (settings_->accepts_tls() && !crowd_.admits(source, Clock::now()))
    return Error{
        fmt::format("refused {} for now: more than {:.0f} TLS handshakes of {} have failed "
                    "in a short time",
                    address.text(), crowd_.limits().failures, source_text(source)),
        "the lines of the log before this one say why"};
  return std::nullopt;
}

std::shared_ptr<Seat> Admission::enter(Worker& worker, const net::Endpoint& from) {
  const config::Address source = Crowd::source_of(address_of(from));
  auto seat = std::make_shared<Seat>(shared_from_this(), worker, source);
  std::shared_ptr<Seat> out;  // let go of without the lock: it may be the last to hold it
  std::string why;
  {
    const std::lock_guard lock(mutex_);
    if (!settings_->accepts_tls()) {
      seat->stage_ = Seat::Stage::taken;
      ++taken_;
      return seat;
    }
    const Crowd::Entered entered = crowd_.enter(source, Clock::now());
    seat->id_ = entered.id;
    seats_.emplace(entered.id, seat);
    out = find_cut(entered);
    if (out) why = why_cut(entered, source_text(out->source_), crowd_.size());
  }
  if (out) cut(std::move(out), std::move(why));
  return seat;
}

bool Admission::make_room() {
  std::shared_ptr<Seat> out;
  {
    const std::lock_guard lock(mutex_);
    const auto entered = crowd_.make_room(Clock::now());
    if (entered) out = find_cut(*entered);
  }
  if (!out) return false;
  cut(std::move(out), "reset for a newer one, since descriptors or memory have run out");
  return true;
}

// Who is not one of the crowd any more, and does not know it yet.
std::shared_ptr<Seat> Admission::find_cut(const Crowd::Entered& entered) {
  if (!entered.out) return nullptr;
  const auto found = seats_.find(*entered.out);
  auto out = found->second.lock();
  seats_.erase(found);
  return out;
}

void Admission::cut(std::shared_ptr<Seat> seat, std::string why) {
  Worker& its = seat->worker_;
  asio::post(its.io, [seat = std::move(seat), why = std::move(why)] {
    if (seat->cut_) seat->cut_(why);
  });
}

Admission::Turn Admission::settle(Seat& seat) {
  const std::lock_guard lock(mutex_);
  if (!crowd_.holds(seat.id_)) return Turn::never;
  if (left_locked() == 0 || !queue_.empty()) {
    // it stays one of the crowd, which bounds those who wait here, and nobody is put out meanwhile:
    // no more are accepted
    seat.stage_ = Seat::Stage::queue;
    queue_.push_back(seat.weak_from_this());
    return Turn::later;
  }
  crowd_.leave(seat.id_, false, Clock::now());
  seats_.erase(seat.id_);
  seat.stage_ = Seat::Stage::taken;
  ++taken_;
  return Turn::now;
}

void Admission::leave(Seat& seat) {
  // those whose turn it is, and one that was put out meanwhile: let go of without the lock, since
  // it may be the last to hold them
  std::vector<std::shared_ptr<Seat>> called;
  std::vector<std::shared_ptr<Seat>> gone;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(seat.left_, true)) return;
    if (seat.stage_ == Seat::Stage::taken)
      --taken_;
    else if (crowd_.leave(seat.id_, seat.stage_ == Seat::Stage::crowd, Clock::now()))
      seats_.erase(seat.id_);
    while (left_locked() > 0 && !queue_.empty()) {
      auto first = queue_.front().lock();
      queue_.pop_front();
      if (!first) continue;
      const bool here = crowd_.leave(first->id_, false, Clock::now());
      if (here) {
        seats_.erase(first->id_);
        first->stage_ = Seat::Stage::taken;
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

bool Admission::tells_failure(const Seat& seat) {
  const std::lock_guard lock(mutex_);
  return failed_.tell(source_text(seat.source_));
}

void Admission::tell_counted() {
  std::unique_lock lock(mutex_);
  const auto refused = refused_.collect();
  const auto failed = failed_.collect();
  const std::string service = settings_->name;
  lock.unlock();
  const auto tell = [&](std::string_view event, const Fold::Summary& summary, std::string what) {
    log_.write({LogLevel::warn,
                event,
                service,
                0,
                fmt::format("{} {} in the last minute, {}", summary.events, what, summary.whose()),
                {{"count", static_cast<std::int64_t>(summary.events)},
                 {"sources", static_cast<std::int64_t>(summary.sources)},
                 {"worst", summary.worst}}});
  };
  if (refused)
    tell("refused", *refused,
         refused->events == 1 ? "more connection was refused" : "more connections were refused");
  if (failed)
    tell("failed", *failed,
         failed->events == 1 ? "more TLS handshake failed" : "more TLS handshakes failed");
}

net::Awaitable<bool> Seat::settle() {
  const Admission::Turn turn = admission_->settle(*this);
  if (turn == Admission::Turn::later) {
    turn_.emplace(worker_.io.get_executor(), net::Timer::time_point::max());
    while (!called_ && !cancelled_) co_await turn_->async_wait(net::as_result);
    turn_.reset();
    co_return !cancelled_;
  }
  co_return turn == Admission::Turn::now;
}

void Seat::cancel() {
  cancelled_ = true;
  if (turn_) turn_->cancel();
}

}  // namespace tunnel
