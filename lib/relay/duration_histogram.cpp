// Sums, differences and quantiles of histograms.
#include "relay/duration_histogram.hpp"

#include <numeric>

namespace tunnel {

DurationHistogram& DurationHistogram::operator+=(const DurationHistogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  sum_ += other.sum_;
  return *this;
}

// A service that has gone and come back begins at zero again.
DurationHistogram DurationHistogram::since(const DurationHistogram& earlier) const {
  DurationHistogram out = *this;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    if (buckets_[i] < earlier.buckets_[i]) return *this;
    out.buckets_[i] -= earlier.buckets_[i];
  }
  out.sum_ -= earlier.sum_;
  return out;
}

std::uint64_t DurationHistogram::count() const {
  return std::accumulate(buckets_.begin(), buckets_.end(), std::uint64_t{0});
}

DurationHistogram::Seconds DurationHistogram::quantile(double q) const {
  const double wanted = q * static_cast<double>(count());
  double below = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const auto here = static_cast<double>(buckets_[i]);
    if (here > 0 && below + here >= wanted) {
      const double start = i == 0 ? 0 : bounds[i - 1];
      return Seconds(start + (bounds[i] - start) * (wanted - below) / here);
    }
    below += here;
  }
  return Seconds(count() == 0 ? 0 : bounds.back());
}

}  // namespace tunnel
