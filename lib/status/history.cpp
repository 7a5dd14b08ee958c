// From counters to samples.
#include "status/history.hpp"

#include <algorithm>
#include <utility>

#include "status/snapshot.hpp"

namespace tunnel::status {

namespace {

// A service that has gone and come back begins at zero again.
std::uint64_t since(std::uint64_t now, std::uint64_t then) { return now < then ? now : now - then; }

template <std::size_t N>
std::array<std::uint32_t, N> since(const std::array<std::uint64_t, N>& now,
                                   const std::array<std::uint64_t, N>& then) {
  std::array<std::uint32_t, N> out{};
  for (std::size_t i = 0; i < N; ++i) out[i] = static_cast<std::uint32_t>(since(now[i], then[i]));
  return out;
}

TimeSample time_sample(const DurationHistogram& times) {
  TimeSample out;
  const std::uint64_t count = times.count();
  if (count == 0) return out;
  out.count = static_cast<std::uint32_t>(count);
  out.mean = static_cast<float>(times.sum().count() / static_cast<double>(count));
  // none took longer than all together
  const auto p95 = static_cast<float>(std::min(times.quantile(0.95), times.sum()).count());
  out.p95 = std::max(out.mean, p95);
  return out;
}

}  // namespace

History::Counters History::counters_of(const ServiceStatus& service) {
  Counters out{service.up, service.down, service.connect_times, service.handshakes.times,
               service.handshakes.failures};
  for (const TargetStatus& target : service.targets)
    for (std::size_t i = 0; i < target.failures.size(); ++i)
      out.failed_targets[i] += target.failures[i];
  return out;
}

ServiceSample History::sample_of(const Counters& now, const Counters& then, double seconds) {
  ServiceSample out;
  out.up = static_cast<float>(static_cast<double>(since(now.up, then.up)) / seconds);
  out.down = static_cast<float>(static_cast<double>(since(now.down, then.down)) / seconds);
  out.connects = time_sample(now.connects.since(then.connects));
  out.handshakes = time_sample(now.handshakes.since(then.handshakes));
  out.failed_handshakes = since(now.failed_handshakes, then.failed_handshakes);
  out.failed_targets = since(now.failed_targets, then.failed_targets);
  return out;
}

void History::add(Time now, const std::vector<ServiceStatus>& services) {
  const double seconds = std::chrono::duration<double>(now - last_).count();
  const auto then = std::exchange(counters_, {});
  auto sample = std::make_shared<Sample>();
  sample->at = now;
  for (const ServiceStatus& service : services) {
    const Counters& counters = counters_[service.name] = counters_of(service);
    if (!started_ || seconds <= 0) continue;
    const auto earlier = then.find(service.name);
    ServiceSample one =
        sample_of(counters, earlier == then.end() ? Counters{} : earlier->second, seconds);
    one.open = static_cast<std::uint32_t>(service.open);
    sample->services.emplace(service.name, one);
  }
  last_ = now;
  if (!std::exchange(started_, true) || seconds <= 0) return;
  samples_.push_back(std::move(sample));
  if (samples_.size() > most) samples_.pop_front();
}

void History::clear() { *this = History(); }

}  // namespace tunnel::status
