// Durations, counted in fixed buckets.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tunnel {

class DurationHistogram {
 public:
  using Seconds = std::chrono::duration<double>;

  // The upper end of each bucket, inclusive; one more bucket has no end.
  static constexpr std::array<double, 13> bounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                    0.25,  0.5,    1,     2.5,  5,     10};
  using Buckets = std::array<std::uint64_t, bounds.size() + 1>;

  void add(Seconds time) {
    std::size_t i = 0;
    while (i < bounds.size() && time.count() > bounds[i]) ++i;
    ++buckets_[i];
    sum_ += time;
  }
  DurationHistogram& operator+=(const DurationHistogram& other);
  // What has been added since `earlier`, a previous state of this one.
  DurationHistogram since(const DurationHistogram& earlier) const;

  std::uint64_t count() const;
  Seconds sum() const { return sum_; }
  const Buckets& buckets() const { return buckets_; }
  // 0 <= q <= 1, estimated within its bucket. Zero if there is nothing.
  Seconds quantile(double q) const;

 private:
  Buckets buckets_{};
  Seconds sum_{0};
};

}  // namespace tunnel
