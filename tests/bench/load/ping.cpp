// Round trips of small messages, alone or beside a bulk stream.
#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <thread>

#include "commands.hpp"

namespace load {
namespace {

constexpr std::size_t kMessage = 64;
constexpr std::uint64_t kForEver = 1ULL << 60;
constexpr std::uint64_t kFlowing = 4ULL << 20;
constexpr double kLongestBeside =
    1;  // seconds: a program that starves its pings shows it soon enough

// One round trip on one connection, by this thread alone, in microseconds.
double round_trip(const Pair& pair) {
  std::array<char, kMessage> message{};
  const auto start = Clock::now();
  send_all(pair.client.get(), message);
  receive_exactly(pair.device.get(), message);
  send_all(pair.device.get(), message);
  receive_exactly(pair.client.get(), message);
  return seconds_since(start) * 1e6;
}

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

// A stream in both directions until its object ends.
class Bulk {
 public:
  explicit Bulk(std::vector<Pair> pair) : pair_(std::move(pair)), thread_([this] { run(); }) {}
  ~Bulk() {
    stop_ = true;
    thread_.join();
  }
  // Waits until the stream flows.
  void flowing() {
    for (int waited = 0; arrived_ < kFlowing; ++waited) {
      check();
      if (waited > kPatience * 1000) fail("the bulk stream does not flow");
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  void check() const {
    if (failed_) fail("the bulk stream failed: " + reason_);
  }
  std::uint64_t arrived() const { return arrived_; }

 private:
  void run() {
    try {
      carry_all(pair_, {kForEver, kForEver}, &stop_, &arrived_);
    } catch (const std::exception& error) {
      reason_ = error.what();
      failed_ = true;
    }
  }

  std::vector<Pair> pair_;
  std::string reason_;
  std::atomic<bool> failed_ = false;
  std::atomic<bool> stop_ = false;
  std::atomic<std::uint64_t> arrived_ = 0;
  std::thread thread_;
};

void print(double cpu, std::vector<double> times, double rate) {
  std::sort(times.begin(), times.end());
  std::printf("{\"cpu\": %.9f, \"count\": %zu, \"p50\": %.2f, \"p99\": %.2f, \"rate\": %.1f}\n",
              cpu, times.size(), percentile(times, 0.5), percentile(times, 0.99), rate);
}

void measure_alone(const Options& options, const std::vector<Pair>& pairs) {
  const Meter meter = options.meter();
  const std::uint64_t count = options.number("count", 1000);
  for (const Pair& pair : pairs) round_trip(pair);  // what happens once for each connection
  std::vector<double> times;
  times.reserve(count);
  const double cpu = meter.cpu_seconds();
  for (std::uint64_t i = 0; i < count; ++i) times.push_back(round_trip(pairs[i % pairs.size()]));
  print(meter.cpu_seconds() - cpu, std::move(times), 0);
}

// One ping a millisecond, so that the stream has the machine to itself most of the time.
void measure_beside(const Options& options, const std::vector<Pair>& pairs, Bulk& bulk) {
  const Meter meter = options.meter();
  const std::uint64_t count = options.number("count", 1000);
  std::vector<double> times;
  bulk.flowing();
  const double cpu = meter.cpu_seconds();
  const std::uint64_t before = bulk.arrived();
  const auto start = Clock::now();
  for (std::uint64_t i = 0; i < count && seconds_since(start) < kLongestBeside; ++i) {
    times.push_back(round_trip(pairs[i % pairs.size()]));
    bulk.check();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const double rate = static_cast<double>(bulk.arrived() - before) / seconds_since(start) / 1e6;
  print(meter.cpu_seconds() - cpu, std::move(times), rate);
}

}  // namespace

void ping(const Options& options) {
  const Fd listener = listen_on(options.port("back"));
  std::vector<Pair> pairs;
  const bool beside = options.number("beside", 0) != 0;
  establish(pairs, options.number("connections", 1) + (beside ? 1 : 0), options.port("front"),
            listener);
  std::vector<Pair> stream;
  if (beside) {
    stream.push_back(std::move(pairs.back()));
    pairs.pop_back();
  }
  for (const Pair& pair : pairs) {
    set_blocking(pair.client.get(), true);
    set_blocking(pair.device.get(), true);
  }
  if (!beside) return measure_alone(options, pairs);
  Bulk bulk(std::move(stream));
  measure_beside(options, pairs, bulk);
}

}  // namespace load
