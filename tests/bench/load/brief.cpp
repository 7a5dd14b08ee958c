// Short connections: connect, five bytes, an answer, close.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <exception>
#include <mutex>
#include <thread>

#include "commands.hpp"

namespace load {
namespace {

using Five = std::array<char, 5>;

class Brief {
 public:
  Brief(const Options& options)
      : front_(options.port("front")),
        listener_(listen_on(options.port("back"))),
        left_(static_cast<std::int64_t>(options.number("count", 100))) {}

  // Runs them all; the connections are over at both ends when it returns.
  void run(std::size_t at_once) {
    std::vector<std::thread> clients;
    std::vector<std::thread> devices;
    for (std::size_t i = 0; i < 2 * at_once; ++i)
      devices.emplace_back([this] { guarded(&Brief::device); });
    for (std::size_t i = 0; i < at_once; ++i)
      clients.emplace_back([this] { guarded(&Brief::client); });
    for (std::thread& thread : clients) thread.join();
    for (int waited = 0; over_ < times_.size() && waited < kPatience * 1000 && !failed_; ++waited)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    shutdown(listener_.get(), SHUT_RDWR);  // ends the devices' accept
    for (std::thread& thread : devices) thread.join();
    if (!reason_.empty()) fail(reason_);
  }

  std::vector<double>& times() { return times_; }

 private:
  void guarded(void (Brief::*work)()) {
    try {
      (this->*work)();
    } catch (const std::exception& error) {
      const std::lock_guard lock(mutex_);
      reason_ = error.what();
      failed_ = true;
      left_ = 0;
    }
  }

  void client() {
    while (left_.fetch_sub(1) > 0) {
      Five five{};
      const auto start = Clock::now();
      const Fd fd = connect_to(front_);
      send_all(fd.get(), five);
      receive_exactly(fd.get(), five);
      const double microseconds = seconds_since(start) * 1e6;
      const std::lock_guard lock(mutex_);
      times_.push_back(microseconds);
    }
  }

  void device() {
    while (const Fd fd = accept_with_data(listener_)) {
      Five five{};
      receive_exactly(fd.get(), five);
      send_all(fd.get(), five);
      // However it ends, it is over.
      [[maybe_unused]] const ssize_t end = recv(fd.get(), five.data(), five.size(), 0);
      ++over_;
    }
  }

  std::uint16_t front_;
  Fd listener_;
  std::atomic<std::int64_t> left_;
  std::atomic<std::size_t> over_ = 0;
  std::mutex mutex_;
  std::vector<double> times_;
  std::string reason_;
  std::atomic<bool> failed_ = false;
};

}  // namespace

void brief(const Options& options) {
  const Meter meter = options.meter();
  Brief work(options);
  const double cpu = meter.cpu_seconds();
  const auto start = Clock::now();
  work.run(options.number("at-once", 1));
  const double seconds = seconds_since(start);
  const double spent = meter.cpu_seconds() - cpu;
  auto& times = work.times();
  if (times.empty()) fail("no connection was made");
  std::sort(times.begin(), times.end());
  std::printf("{\"cpu\": %.9f, \"count\": %zu, \"seconds\": %.6f, \"p50\": %.1f, \"p99\": %.1f}\n",
              spent, times.size(), seconds, times[times.size() / 2],
              times[(times.size() - 1) * 99 / 100]);
}

}  // namespace load
