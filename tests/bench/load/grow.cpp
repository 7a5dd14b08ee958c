// Many connections: memory while they are idle, then CPU while they all carry data.
#include <algorithm>
#include <cstdio>
#include <thread>

#include "commands.hpp"

namespace load {

void grow(const Options& options) {
  const Fd listener = listen_on(options.port("back"));
  const Meter meter = options.meter();
  const auto settle = std::chrono::milliseconds(options.number("settle", 500));
  std::vector<Pair> pairs;

  const double base = meter.pss_kib();
  std::printf("{\"idle\": {");
  const char* comma = "";
  for (const std::uint64_t count : options.numbers("idle")) {
    establish(pairs, count, options.port("front"), listener);
    std::this_thread::sleep_for(settle);
    std::printf("%s\"%zu\": %.3f", comma, pairs.size(),
                (meter.pss_kib() - base) / static_cast<double>(count));
    std::fflush(stdout);
    comma = ", ";
  }

  // Falling, so that the memory above was measured before any of them had carried much.
  auto steps = options.numbers("carrying");
  std::sort(steps.rbegin(), steps.rend());
  const Amount amount{options.number("up", 0), options.number("down", 0)};
  std::printf("}, \"bytes\": %llu, \"carrying\": {",
              static_cast<unsigned long long>(amount.up + amount.down));
  comma = "";
  for (const std::uint64_t count : steps) {
    if (pairs.size() > count) {
      pairs.resize(count);
      std::this_thread::sleep_for(settle);
    }
    establish(pairs, count, options.port("front"), listener);
    const double cpu = meter.cpu_seconds();
    const auto start = Clock::now();
    carry_all(pairs, amount);
    const double seconds = seconds_since(start);
    std::printf("%s\"%zu\": {\"cpu\": %.9f, \"seconds\": %.6f}", comma, pairs.size(),
                meter.cpu_seconds() - cpu, seconds);
    std::fflush(stdout);
    comma = ", ";
  }
  std::printf("}}\n");
}

}  // namespace load
