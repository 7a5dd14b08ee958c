// Bulk streams over any number of connections, from one thread.
#include <algorithm>
#include <cstdio>
#include <deque>

#include "commands.hpp"

namespace load {
namespace {

constexpr std::size_t kSend = 256 * 1024;
constexpr std::size_t kReceive = 1024 * 1024;

struct End {
  int fd;
  std::uint64_t to_send;
  std::uint64_t to_receive;

  bool done() const { return to_send == 0 && to_receive == 0; }
  std::uint32_t events() const {
    return (to_send != 0 ? EPOLLOUT : 0U) | (to_receive != 0 ? EPOLLIN : 0U);
  }
};

// The bytes of the pair at `index` where `total` is shared among `count`.
std::uint64_t share(std::uint64_t total, std::size_t index, std::size_t count) {
  return total / count + (index < total % count ? 1 : 0);
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

void send_some(End& end, std::span<const char> buffer) {
  const ssize_t sent = send(end.fd, buffer.data(),
                            std::min<std::uint64_t>(end.to_send, buffer.size()), MSG_NOSIGNAL);
  if (sent < 0 && !would_block()) fail_errno("cannot send in the middle of a stream");
  if (sent > 0) end.to_send -= static_cast<std::uint64_t>(sent);
}

std::uint64_t receive_some(End& end, std::span<char> buffer) {
  // MSG_TRUNC: the kernel drops the bytes, so that the load takes less of the machine.
  const ssize_t got = recv(end.fd, buffer.data(),
                           std::min<std::uint64_t>(end.to_receive, buffer.size()), MSG_TRUNC);
  if (got == 0) fail("a connection was closed in the middle of a stream");
  if (got < 0 && !would_block()) fail_errno("cannot receive in the middle of a stream");
  const auto count = static_cast<std::uint64_t>(std::max<ssize_t>(got, 0));
  end.to_receive -= count;
  return count;
}

}  // namespace

void carry_all(std::vector<Pair>& pairs, Amount amount, const std::atomic<bool>* stop,
               std::atomic<std::uint64_t>* arrived) {
  std::vector<char> source(kSend, 'x');
  std::vector<char> sink(kReceive);
  std::deque<End> ends;
  Poller poller;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::uint64_t up = share(amount.up, i, pairs.size());
    const std::uint64_t down = share(amount.down, i, pairs.size());
    ends.push_back({pairs[i].client.get(), up, down});
    ends.push_back({pairs[i].device.get(), down, up});
  }
  std::size_t left = 0;
  for (End& end : ends) {
    if (end.done()) continue;
    poller.add(end.fd, end.events(), &end);
    ++left;
  }
  while (left > 0 && (stop == nullptr || !stop->load(std::memory_order_relaxed))) {
    const auto ready = poller.wait(kPatience * 1000);
    if (ready.empty()) fail("a stream stands still");
    for (const epoll_event& event : ready) {
      End& end = *static_cast<End*>(event.data.ptr);
      const std::uint32_t before = end.events();
      if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && end.to_receive != 0) {
        const std::uint64_t count = receive_some(end, sink);
        if (arrived != nullptr) *arrived += count;
      }
      if ((event.events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0 && end.to_send != 0)
        send_some(end, source);
      if (end.done()) {
        poller.remove(end.fd);
        --left;
      } else if (end.events() != before) {
        poller.change(end.fd, end.events(), &end);
      }
    }
  }
}

void carry(const Options& options) {
  const Fd listener = listen_on(options.port("back"));
  const Meter meter = options.meter();
  std::vector<Pair> pairs;
  establish(pairs, options.number("connections", 1), options.port("front"), listener);
  const Amount amount{options.number("up", 0), options.number("down", 0)};
  const double cpu = meter.cpu_seconds();
  const auto start = Clock::now();
  carry_all(pairs, amount);
  const double seconds = seconds_since(start);
  std::printf("{\"cpu\": %.9f, \"seconds\": %.6f, \"bytes\": %llu}\n", meter.cpu_seconds() - cpu,
              seconds, static_cast<unsigned long long>(amount.up + amount.down));
}

}  // namespace load
