// Two open ends joined: one pump for each direction, and one rule for how the connection ends.
#pragma once

#include <asio/experimental/awaitable_operators.hpp>

#include <asio/co_spawn.hpp>
#include <asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "config/config.hpp"
#include "net/deadline.hpp"
#include "net/lingering_close.hpp"
#include "net/plain_stream.hpp"
#include "net/receive_coalescing.hpp"
#include "net/tls_stream.hpp"
#include "os/net/socket.hpp"
#include "relay/traffic_stats.hpp"

namespace tunnel {

enum class Side { client, upstream };

// How a connection ended: which side ended it, and in words; `clean` where both directions were
// carried to their ends.
struct Ending {
  bool clean = false;
  bool wrong = false;  // worth a warning: truncated or forged, not just closed or reset
  std::string how;     // "closed by the client", "idle for 12h00m, so both sides were reset"
  // Bytes that were carried and that the reader's system has not acknowledged, as far as it is
  // known.
  std::uint64_t undelivered_up = 0;
  std::uint64_t undelivered_down = 0;
};

// What others may do to a relay while it runs, on its thread.
class RelayControl {
 public:
  // Resets both sides now; run() returns soon.
  virtual void cut(std::string why) = 0;
  // That side does not answer any more: the other one gets what has arrived from it, then a reset.
  virtual void lose(Side side, std::string why) = 0;
  // Both sides have ended, though the end of one is not read yet: its last bytes find no reader.
  virtual void expect_end() = 0;

 protected:
  ~RelayControl() = default;
};

// Front is the accepted end, Back the dialled one: PlainStream or TlsStream. EOF on one side
// becomes a half-close on the other, and the other direction goes on for as long as it moves.
// Anything unclean becomes a reset, never an end that looks clean, and only after the other side
// has every byte that arrived before it.
template <class Front, class Back>
class Relay final : public RelayControl {
 public:
  // All outlive the relay. `upstream` names the dialled end in words. What passes is counted in
  // `own`, which begins at zero, and in `all`.
  Relay(Front& front, Back& back, net::Buffers& buffers, const config::Timeouts& timeouts,
        config::UncleanEnd unclean_end, std::string upstream, TrafficStats& own, TrafficStats& all)
      : front_(front),
        back_(back),
        buffers_(buffers),
        timeouts_(timeouts),
        unclean_end_(unclean_end),
        upstream_(std::move(upstream)),
        watchdog_(front.socket().get_executor()),
        joined_(front.socket().get_executor()),
        up_{Side::client, own.up, all.up},
        down_{Side::upstream, own.down, all.down} {}

  // Returns when both directions are over and both sockets are closed.
  net::Awaitable<Ending> run() {
    using namespace asio::experimental::awaitable_operators;
    limit_ = timeouts_.idle;
    touch();
    watch();
    // one pump beside this coroutine and one in it: an operator && would take a frame for each
    std::exception_ptr thrown;
    bool beside = true;
    asio::co_spawn(front_.socket().get_executor(), pump(back_, front_, down_, up_),
                   [this, &thrown, &beside](std::exception_ptr exception) {
                     if (exception) {
                       thrown = std::move(exception);
                       cut({});
                     }
                     beside = false;
                     joined_.cancel();
                   });
    joined_.expires_at(Clock::time_point::max());
    try {
      co_await pump(front_, back_, up_, down_);
    } catch (...) {
      thrown = std::current_exception();
    }
    // neither goes on without the other half's owner
    if (thrown) cut({});
    while (beside) co_await joined_.async_wait(net::as_result);
    if (thrown) std::rethrow_exception(thrown);
    watchdog_.stop();
    co_await (close(front_.socket(), down_, up_) && close(back_.socket(), up_, down_));
    ending_.clean = up_.carried && down_.carried;
    ending_.undelivered_up = undelivered(up_);
    ending_.undelivered_down = undelivered(down_);
    co_return ending_;
  }

  void cut(std::string why) override {
    note_failure(std::move(why));
    drop(front_.socket(), down_);
    drop(back_.socket(), up_);
  }

  void lose(Side side, std::string why) override {
    Direction& from = side == Side::client ? up_ : down_;
    // found again at each check: the time for what is left runs from the first
    if (std::exchange(from.lost, true)) return;
    note_failure(std::move(why));
    (side == Side::client ? down_ : up_).stopped = true;
    net::ErrorCode ignored;
    for (net::Socket* socket : {&front_.socket(), &back_.socket()})
      if (socket->is_open()) socket->cancel(ignored);
    hurry();
  }

  void expect_end() override {
    if (limit_ != timeouts_.close) hurry();
  }

 private:
  using Clock = std::chrono::steady_clock;

  struct Direction {
    Side from;
    ByteCounter& own;
    ByteCounter& all;
    bool ended = false;        // the source said that it is finished
    bool carried = false;      // and the sink has been told, after the last byte
    bool over = false;         // the pump has returned
    bool alerted = false;      // the source has been told by an alert why it is over
    bool lost = false;         // nothing more will come from the source
    bool stopped = false;      // the sink is gone: nothing more is to be read for it
    bool cut_short = false;    // the source has ended uncleanly; the sink gets what came before
    std::uint64_t unsent = 0;  // bytes of the wire that a reset has thrown away
  };

  // Waits of busy connections, in frames of their own: a quiet one does not pay for them.
  static net::Awaitable<std::size_t> wait_and_write(net::Socket& socket, net::WriteBatch& sending,
                                                    net::ErrorCode& failed) {
    const auto [error, n] = co_await socket.async_write_some(sending.buffers(), net::as_result);
    failed = error;
    co_return n;
  }
  static net::Awaitable<void> give_way(net::Socket& socket) {
    co_await asio::post(socket.get_executor(), net::as_result);
  }

  // One flat coroutine: a helper for each read would cost a frame for each.
  template <class From, class To>
  net::Awaitable<void> pump(From& from, To& to, Direction& flow, Direction& other) {
    net::FirstBytes first;
    net::ReceiveCoalescing bulk(from.socket(), From::in_records);
    bool drained = true;
    for (;;) {
      if (drained && !from.ready() && !flow.lost && !flow.stopped) {
        if (bulk.due()) {
          co_await bulk.wait();
        } else {
          const auto [error, n] =
              co_await from.socket().async_read_some(first.room(), net::as_result);
          // the error of cut() and lose() is none of the connection's
          first.came(n, error == asio::error::operation_aborted ? net::ErrorCode{} : error);
        }
      }
      // another error than that of cut() is for receive() to find
      if (!from.socket().is_open() || flow.stopped) break;
      auto lease = buffers_.borrow();
      const net::Received got = from.receive(lease, to.record_layout(), first);
      bulk.came(got.size);
      // where nothing came out of it, the other connections have their turn first
      drained = got.drained || got.size == 0;
      from.flush_now();
      if (flow.lost && got.size == 0 && got.end == net::Received::End::none && got.drained) {
        end_unclean(from, to, flow, other);
        break;
      }
      const bool ordinary = got.end == net::Received::End::truncated && is_ordinary(from, other);
      const bool finished =
          got.end == net::Received::End::finished ||
          (got.end == net::Received::End::truncated &&
           (unclean_end_ == config::UncleanEnd::close || (ordinary && last_moved_ == flow.from)));
      if (got.end != net::Received::End::none && !finished) hurry();
      if (got.size > 0 || finished) {
        touch();
        if (finished) {
          flow.ended = true;
          note_end("closed by " + name(flow.from) +
                   (got.end == net::Received::End::truncated ? " without close_notify" : ""));
          if (other.ended || other.over) hurry();
        }
        if ((got.size > 0 && !to.stage(lease, got)) || (finished && !to.stage_end())) {
          // the pump that has read it knows more, and delivers what came before
          if (!to.read_failed()) cut("encrypting failed, so both sides were reset");
          break;
        }
        if (got.size > 0) last_moved_ = flow.from;
        net::ErrorCode failed;
        std::size_t written = 0;
        net::WriteBatch& sending = lease.batch();
        while (!failed && to.begin_sending(sending)) {
          while (!failed && !sending.empty()) {
            std::size_t sent = net::send_now(to.socket(), sending, failed);
            if (failed == asio::error::would_block || failed == asio::error::try_again) {
              failed = {};
              sent = co_await wait_and_write(to.socket(), sending, failed);
              // lose() cancels every wait; this write must still finish
              if (failed == asio::error::operation_aborted && flow.lost && to.socket().is_open())
                failed = {};
            }
            if (failed) break;
            sending.sent(sent);
            written += sent;
            touch();
          }
          to.done_sending();
        }
        // of a write that has failed, what went out before
        const std::size_t carried = failed ? std::min(written, got.size) : got.size;
        flow.own.add(carried);
        flow.all.add(carried);
        if (failed) {
          // what the sink has sent before it went away is still to be delivered: the other pump
          // goes on
          note_failure("reset by " +
                       name(flow.from == Side::client ? Side::upstream : Side::client));
          hurry();
          break;
        }
      }
      if (finished) {
        to.shut();
        flow.carried = true;
        break;
      }
      if (got.end != net::Received::End::none) {
        if (got.why.empty()) {
          if (!is_ordinary(from, other)) note_failure("reset by " + name(flow.from));
        } else if (!ordinary) {
          ending_.wrong = !failed_;
          note_failure(got.why + ", so the other side was reset");
          // an alert may just have been said to this side: a reset could take it away again
          flow.alerted = From::says_alerts && !from.busy();
        }
        end_unclean(from, to, flow, other);
        break;
      }
      // one long stream does not keep the others waiting
      if (!drained || from.ready()) co_await give_way(from.socket());
    }
    bulk.over();
    flow.over = true;
  }

  // The source has ended the connection after our end was said to it, and nothing was under way.
  template <class From>
  static bool is_ordinary(const From& from, const Direction& other) {
    return other.carried && from.silent_since_end();
  }

  // Nothing more comes from the source, and it has not said so: it goes, unless it is to read an
  // alert; the sink stays until it has what was written, and is not read any more.
  template <class From, class To>
  void end_unclean(From& from, To& to, Direction& flow, Direction& other) {
    flow.cut_short = true;
    other.stopped = true;
    if (!flow.alerted) drop(from.socket(), other);
    net::ErrorCode ignored;
    if (to.socket().is_open()) to.socket().cancel(ignored);
  }

  // `into` is the direction that writes to the socket.
  static void drop(net::Socket& socket, Direction& into) { into.unsent += net::reset_now(socket); }

  std::uint64_t undelivered(const Direction& flow) const {
    return std::min(flow.unsent, flow.own.value());
  }

  // `into` is the direction that writes to the socket, `out_of` the one that reads from it.
  net::Awaitable<void> close(net::Socket& socket, Direction& into, const Direction& out_of) {
    if (!socket.is_open()) co_return;
    if (into.cut_short) {
      into.unsent += co_await net::deliver_and_reset(socket, timeouts_.close);
    } else if (!into.carried && !out_of.alerted) {
      drop(socket, into);
    } else if (!out_of.ended) {
      // an alert, or the last bytes: still on their way, perhaps to a slow reader. 413 in the
      // middle of an upload is the everyday case
      into.unsent += co_await net::close_lingering(socket, timeouts_.close);
    } else {
      net::reset_on_close(socket, false);
      net::ErrorCode ignored;
      socket.close(ignored);
    }
  }

  void note_end(std::string how) {
    if (ending_.how.empty()) ending_.how = std::move(how);
  }

  // The first failure says more than who closed before it.
  void note_failure(std::string how) {
    if (!std::exchange(failed_, true)) ending_.how = std::move(how);
  }

  std::string name(Side side) const { return side == Side::client ? "the client" : upstream_; }

  void touch() { last_activity_ = Clock::now(); }

  // From now on silence may last for close_timeout only.
  void hurry() {
    limit_ = timeouts_.close;
    touch();
    watch();
  }

  // One timer for each connection, set again only when it goes off.
  void watch() {
    if (limit_.count() == 0) return watchdog_.stop();
    const auto silent =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - last_activity_);
    // a slow reader may take long to make room for the next write
    if (silent >= limit_ && !bytes_move()) {
      cut(limit_ == timeouts_.idle
              ? "idle for " + duration_text(limit_) + ", so both sides were reset"
              : "its last bytes found no reader for " + duration_text(limit_) +
                    ", so both sides were reset");
      return;
    }
    watchdog_.start((silent < limit_ ? limit_ - silent : limit_ / 2) + std::chrono::milliseconds(1),
                    [this] { watch(); });
  }

  // Whether a peer's system has taken something since the last call.
  bool bytes_move() {
    std::uint64_t mark = 0;
    for (net::Socket* socket : {&front_.socket(), &back_.socket()})
      if (socket->is_open())
        mark += os::send_queue(static_cast<os::NativeSocket>(socket->native_handle())).mark;
    return std::exchange(queued_, mark) != mark;
  }

  Front& front_;
  Back& back_;
  net::Buffers& buffers_;
  const config::Timeouts& timeouts_;
  const config::UncleanEnd unclean_end_;
  const std::string upstream_;
  net::Deadline watchdog_;
  net::Timer joined_;  // cancelled when the pump beside is over
  std::chrono::milliseconds limit_{0};
  Clock::time_point last_activity_;
  std::uint64_t queued_ = 0;  // at the last call of bytes_move()
  Direction up_;
  Direction down_;
  Side last_moved_ = Side::upstream;  // bytes came from there last
  bool failed_ = false;
  Ending ending_;
};

}  // namespace tunnel
