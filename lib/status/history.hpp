// The last ten minutes of each service, as samples of a few seconds.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "relay/duration_histogram.hpp"
#include "relay/service_stats.hpp"

namespace tunnel::status {

struct ServiceStatus;

// Of the times in one interval, in seconds.
struct TimeSample {
  float mean = 0;
  float p95 = 0;  // estimated, and at least the mean
  std::uint32_t count = 0;
};

// Of one service, over the interval that ends with it.
struct ServiceSample {
  float up = 0;  // bytes per second
  float down = 0;
  std::uint32_t open = 0;  // connections, at its end
  TimeSample connects;
  TimeSample handshakes;
  std::array<std::uint32_t, tls::failure_causes> failed_handshakes{};
  std::array<std::uint32_t, target_failures> failed_targets{};
};

struct Sample {
  std::chrono::steady_clock::time_point at;
  std::map<std::string, ServiceSample> services;  // by name
};

using Samples = std::deque<std::shared_ptr<const Sample>>;  // the oldest first

class History {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds interval{5};
  static constexpr std::chrono::seconds length{600};
  static constexpr std::size_t most = length / interval;

  // To be called at each interval; the first call only notes where the counters are.
  void add(Time now, const std::vector<ServiceStatus>& services);
  const Samples& samples() const { return samples_; }
  void clear();

 private:
  // Counters at the last sample.
  struct Counters {
    std::uint64_t up = 0, down = 0;
    DurationHistogram connects, handshakes;
    std::array<std::uint64_t, tls::failure_causes> failed_handshakes{};
    std::array<std::uint64_t, target_failures> failed_targets{};
  };
  static Counters counters_of(const ServiceStatus& service);
  static ServiceSample sample_of(const Counters& now, const Counters& then, double seconds);

  Time last_;
  bool started_ = false;
  std::map<std::string, Counters> counters_;
  Samples samples_;
};

}  // namespace tunnel::status
