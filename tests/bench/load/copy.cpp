// A relay without TLS: the least that any relay of this machine costs.
#include <memory>
#include <stdexcept>
#include <unordered_map>

#include "commands.hpp"

namespace load {
namespace {

constexpr std::size_t kBuffer = 256 * 1024;

struct Side {
  Fd fd;
  Side* other = nullptr;
  std::vector<char> waiting;  // what this side's socket has not taken yet
  bool ended = false;         // it will send no more
  std::uint32_t watched = EPOLLIN;
};

class Relay {
 public:
  Relay(std::uint16_t front, std::uint16_t back)
      : listener_(listen_on(front)), back_(back), buffer_(kBuffer) {
    set_blocking(listener_.get(), false);
    poller_.add(listener_.get(), EPOLLIN, nullptr);
  }

  [[noreturn]] void run() {
    for (;;) {
      closing_.clear();
      for (const epoll_event& event : poller_.wait(-1)) {
        if (event.data.ptr == nullptr)
          open();
        else
          serve(*static_cast<Side*>(event.data.ptr), event.events);
      }
    }
  }

 private:
  struct Connection {
    Side near, far;
  };

  void open() {
    while (Fd client = accept_from(listener_)) {
      auto connection = std::make_unique<Connection>();
      connection->near.fd = std::move(client);
      try {
        connection->far.fd = connect_to(back_);
      } catch (const std::runtime_error&) {
        continue;  // a probe for whether this listens, while no device does
      }
      connection->near.other = &connection->far;
      connection->far.other = &connection->near;
      for (Side* side : {&connection->near, &connection->far}) {
        set_blocking(side->fd.get(), false);
        poller_.add(side->fd.get(), EPOLLIN, side);
      }
      connections_.emplace(&connection->near, std::move(connection));
    }
  }

  void serve(Side& side, std::uint32_t events) {
    if (!side.fd) return;  // closed earlier in this turn
    if ((events & EPOLLOUT) != 0) flush(side);
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !side.ended &&
        side.other->waiting.empty())
      receive(side);
    if (side.ended && side.other->ended && side.waiting.empty() && side.other->waiting.empty())
      close(side);
    else
      watch(side);
  }

  void receive(Side& side) {
    const ssize_t got = recv(side.fd.get(), buffer_.data(), buffer_.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      side.ended = true;
      shutdown(side.other->fd.get(), SHUT_WR);
      return;
    }
    deliver(*side.other, std::span(buffer_).first(static_cast<std::size_t>(got)));
  }

  static void deliver(Side& to, std::span<const char> data) {
    const ssize_t sent = send(to.fd.get(), data.data(), data.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
      to.other->ended = to.ended = true;
      return;
    }
    const auto taken = static_cast<std::size_t>(sent < 0 ? 0 : sent);
    to.waiting.assign(data.begin() + static_cast<std::ptrdiff_t>(taken), data.end());
  }

  static void flush(Side& side) {
    if (side.waiting.empty()) return;
    const std::vector<char> data = std::move(side.waiting);
    side.waiting.clear();
    deliver(side, data);
  }

  // Reads only where what was read before has been taken.
  void watch(Side& side) {
    for (Side* each : {&side, side.other}) {
      const bool reads = !each->ended && each->other->waiting.empty();
      const std::uint32_t wanted = (reads ? EPOLLIN : 0U) | (each->waiting.empty() ? 0U : EPOLLOUT);
      if (wanted != each->watched) poller_.change(each->fd.get(), wanted, each);
      each->watched = wanted;
    }
  }

  void close(Side& side) {
    const auto found =
        connections_.contains(&side) ? connections_.find(&side) : connections_.find(side.other);
    found->second->near.fd.close();
    found->second->far.fd.close();
    closing_.push_back(std::move(found->second));
    connections_.erase(found);
  }

  Fd listener_;
  std::uint16_t back_;
  std::vector<char> buffer_;
  Poller poller_;
  std::unordered_map<const Side*, std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Connection>> closing_;  // events of this turn may still name them
};

}  // namespace

void copy(const Options& options) { Relay(options.port("front"), options.port("back")).run(); }

}  // namespace load
