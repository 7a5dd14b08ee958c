// One direction of a relay: receives from one end and sends to the other until either is over.
#pragma once

#include <asio/post.hpp>

#include <algorithm>
#include <cstddef>

#include "config/config.hpp"
#include "net/buffers.hpp"
#include "net/receive_coalescing.hpp"
#include "net/relay_stream.hpp"
#include "relay/direction.hpp"
#include "relay/relay_state.hpp"

namespace tunnel {

// From is the end on the side `source`.
template <Side source, net::RelayStream From, net::RelayStream To>
class Pump {
 public:
  // All outlive the pump.
  Pump(RelayState& relay, From& from, To& to) : relay_(relay), from_(from), to_(to) {}

  // One flat coroutine: a helper for each read would cost a frame for each. The steps are plain
  // functions, and what waits rarely has a frame of its own.
  net::Awaitable<void> run() {
    net::FirstBytes first;
    net::ReceiveCoalescing coalescing(from_.socket(), From::in_records);
    bool drained = true;
    for (;;) {
      if (must_wait(drained)) {
        if (coalescing.due()) {
          co_await coalescing.wait();
        } else {
          const auto [error, n] =
              co_await from_.socket().async_read_some(first.room(), net::as_result);
          first.on_received(n, error);
        }
      }
      if (!from_.socket().is_open() || flow().stopped) break;
      Chunk chunk{relay_.buffers.borrow()};
      receive(chunk, first);
      coalescing.on_received(chunk.got.size);
      // where nothing came out of it, the other connections have their turn first
      drained = chunk.got.drained || chunk.got.size == 0;
      if (!stage(chunk)) break;
      while (begin_sending(chunk)) {
        while (!send(chunk)) co_await wait_and_send(chunk);
        to_.done_sending();
      }
      if (finish(chunk)) break;
      // one long stream does not keep the others waiting
      if (!drained || from_.ready()) co_await yield();
    }
    coalescing.stop();
    flow().over = true;
  }

 private:
  using End = net::Received::End;

  // What one receive has brought, and how far it is forwarded.
  struct Chunk {
    net::Buffers::Lease lease;
    net::Received got = {};
    bool ordinary = false;      // truncated, but as is_ordinary() has it
    bool finished = false;      // a clean end comes behind the data
    std::size_t written = 0;    // bytes of the wire
    net::ErrorCode error = {};  // of a write

    bool forwards() const { return got.size > 0 || finished; }
  };

  bool must_wait(bool drained) const {
    return drained && !from_.ready() && !flow().lost && !flow().stopped;
  }

  void receive(Chunk& chunk, net::FirstBytes& first) {
    chunk.got = from_.receive(chunk.lease, to_.record_layout(), first);
    const End end = chunk.got.end;
    chunk.ordinary = end == End::truncated && is_ordinary();
    chunk.finished =
        end == End::finished || (end == End::truncated && passes_for_clean(chunk.ordinary));
    if (end != End::none && !chunk.finished) relay_.watchdog.use_close_timeout();
    if (chunk.forwards()) relay_.watchdog.touch();
    if (chunk.finished) on_finished(end);
  }

  // The source has ended the connection after our end was sent to it, and nothing was under way.
  bool is_ordinary() const { return opposite().carried && from_.silent_since_end(); }

  bool passes_for_clean(bool ordinary) const {
    return relay_.unclean_end == config::UncleanEnd::close ||
           (ordinary && relay_.last_moved == source);
  }

  void on_finished(End end) {
    flow().ended = true;
    relay_.note_end("closed by " + relay_.name(source) +
                    (end == End::truncated ? " without close_notify" : ""));
    if (opposite().ended || opposite().over) relay_.watchdog.use_close_timeout();
  }

  // False where the sink's stream has failed.
  bool stage(Chunk& chunk) {
    if (!chunk.forwards()) return true;
    if (!to_.stage(chunk.lease, chunk.got.size, chunk.finished)) {
      // the pump that has read it knows more, and delivers what came before
      if (!to_.read_failed()) relay_.control.cut("encrypting failed, so both sides were reset");
      return false;
    }
    if (chunk.got.size > 0) relay_.last_moved = source;
    return true;
  }

  bool begin_sending(Chunk& chunk) {
    return chunk.forwards() && !chunk.error && to_.begin_sending(chunk.lease.batch());
  }

  // Writes for as long as the system takes it at once; false where the rest has to wait.
  bool send(Chunk& chunk) {
    net::WriteBatch& batch = chunk.lease.batch();
    while (!chunk.error && !batch.empty()) {
      net::ErrorCode error;
      const std::size_t n = net::send_now(to_.socket(), batch, error);
      if (error == asio::error::would_block || error == asio::error::try_again) return false;
      on_sent(chunk, n, error);
    }
    return true;
  }

  net::Awaitable<void> wait_and_send(Chunk& chunk) {
    const auto [error, n] =
        co_await to_.socket().async_write_some(chunk.lease.batch().buffers(), net::as_result);
    // losing the source cancels every wait, but this write must still finish
    const bool cancelled =
        error == asio::error::operation_aborted && flow().lost && to_.socket().is_open();
    on_sent(chunk, n, cancelled ? net::ErrorCode() : error);
  }

  void on_sent(Chunk& chunk, std::size_t n, const net::ErrorCode& error) {
    chunk.error = error;
    if (error) return;
    chunk.lease.batch().consume(n);
    chunk.written += n;
    relay_.watchdog.touch();
  }

  // Counts what was sent. True where the direction is over.
  bool finish(const Chunk& chunk) {
    // of a write that has failed, what went out before
    const std::size_t carried =
        chunk.error ? std::min(chunk.written, chunk.got.size) : chunk.got.size;
    flow().own.add(carried);
    flow().all.add(carried);
    if (chunk.error) {
      // what the sink has sent before it went away is still to be delivered: the other pump
      // continues
      relay_.note_failure("reset by " +
                          relay_.name(source == Side::client ? Side::upstream : Side::client));
      relay_.watchdog.use_close_timeout();
      return true;
    }
    if (chunk.finished) {
      to_.shut();
      flow().carried = true;
      return true;
    }
    const bool nothing_more = flow().lost && chunk.got.size == 0 && chunk.got.drained;
    if (chunk.got.end == End::none && !nothing_more) return false;
    if (chunk.got.end != End::none) note_unclean(chunk);
    end_unclean();
    return true;
  }

  void note_unclean(const Chunk& chunk) {
    if (chunk.got.why.empty()) {
      if (!is_ordinary()) relay_.note_failure("reset by " + relay_.name(source));
    } else if (!chunk.ordinary) {
      relay_.ending.wrong = !relay_.failed;
      relay_.note_failure(chunk.got.why + ", so the other side was reset");
      // an alert may just have been sent to this side: a reset could take it away again
      flow().alerted = from_.may_have_alerted();
    }
  }

  // Nothing more comes from the source, and it has not said so. It is reset, unless it is to read
  // an alert; the sink stays until it has what was written, and is not read any more.
  void end_unclean() {
    flow().cut_short = true;
    opposite().stopped = true;
    if (!flow().alerted) reset_end(from_.socket(), opposite());
    net::ErrorCode ignored;
    if (to_.socket().is_open()) to_.socket().cancel(ignored);
  }

  net::Awaitable<void> yield() {
    co_await asio::post(from_.socket().get_executor(), net::as_result);
  }

  Direction& flow() const { return source == Side::client ? relay_.up : relay_.down; }
  Direction& opposite() const { return source == Side::client ? relay_.down : relay_.up; }

  RelayState& relay_;
  From& from_;
  To& to_;
};

}  // namespace tunnel
