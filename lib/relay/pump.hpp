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

  // One flat coroutine: a helper coroutine per read would cost a frame each time. The steps are
  // plain functions, and rare waits have frames of their own.
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
      // where nothing came out of it, other connections run first
      drained = chunk.got.drained || chunk.got.size == 0;
      if (!stage(chunk)) break;
      while (begin_sending(chunk)) {
        while (!send(chunk)) co_await wait_and_send(chunk);
        to_.done_sending();
      }
      if (finish(chunk)) break;
      // a long stream must not starve the others
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
    bool unanswered = false;    // an end before the first byte, which a client awaits
    bool finished = false;      // the data is followed by a clean end
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
    if (end != End::none) note_unanswered(chunk);
    if (end != End::none && !chunk.finished) note_silence();
    if (chunk.forwards()) relay_.watchdog.touch();
    if (chunk.finished) on_finished(end);
  }

  // The upstream ends without a byte, and the client has not ended: it still awaits an answer.
  void note_unanswered(Chunk& chunk) {
    if (source != Side::upstream || chunk.got.size > 0 || flow().own.value() > 0 ||
        opposite().ended)
      return;
    relay_.ending.unanswered = true;
    relay_.ending.cleanly = chunk.got.end != End::broken;
    relay_.ending.client_waits = relay_.can_explain();
    chunk.unanswered = relay_.ending.client_waits;
    if (!chunk.unanswered || !chunk.finished) return;
    chunk.finished = false;
    relay_.note_end("closed by " + relay_.name(source));
  }

  void note_silence() {
    if (!relay_.watchdog.uses_close_timeout()) relay_.ending.quiet = relay_.watchdog.silence();
    relay_.watchdog.use_close_timeout();
  }

  // The source closed the connection after it got our end, and nothing was in flight.
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
      // the pump that reads from it knows the reason, and delivers what came before
      if (!to_.read_failed()) relay_.control.cut("encrypting failed, so both sides were reset");
      return false;
    }
    if (chunk.got.size > 0) relay_.last_moved = source;
    return true;
  }

  bool begin_sending(Chunk& chunk) {
    return chunk.forwards() && !chunk.error && to_.begin_sending(chunk.lease.batch());
  }

  // Writes what fits without waiting; false where there is more.
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
    // losing the source cancels every wait, but this write must finish
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
    // of a failed write, what was written before
    const std::size_t carried =
        chunk.error ? std::min(chunk.written, chunk.got.size) : chunk.got.size;
    flow().own.add(carried);
    flow().all.add(carried);
    // a receiver that only takes
    if (source == Side::client && carried > 0 && opposite().ended && !relay_.ending.client_waits)
      relay_.ending.unanswered = false;
    if (chunk.error) {
      // what the sink sent before it went away must still be delivered: the other pump continues
      const std::string sink = relay_.name(source == Side::client ? Side::upstream : Side::client);
      const std::string why = net::why_broken(chunk.error);
      relay_.note_failure(why.empty() ? "reset by " + sink
                                      : sink + " " + why + ", so the other side was reset");
      note_silence();
      return true;
    }
    if (chunk.finished) {
      to_.shut();
      flow().carried = true;
      return true;
    }
    const bool nothing_more = flow().lost && chunk.got.size == 0 && chunk.got.drained;
    if (chunk.got.end == End::none && !nothing_more) return false;
    if (chunk.got.end == End::finished) flow().ended = true;
    if (chunk.got.end != End::none && !flow().ended) note_unclean(chunk);
    end_unclean();
    return true;
  }

  void note_unclean(const Chunk& chunk) {
    if (chunk.got.why.empty()) {
      if (!is_ordinary()) relay_.note_failure("reset by " + relay_.name(source));
    } else if (!chunk.ordinary) {
      relay_.ending.wrong = !relay_.failed;
      const std::string subject = chunk.got.lost ? relay_.name(source) + " " : std::string();
      relay_.note_failure(subject + chunk.got.why + ", so the other side was reset");
      // the source may just have been sent an alert, which a reset could discard
      flow().alerted = from_.may_have_alerted();
    }
  }

  // The source ended without a clean end, or without an answer. It is reset, unless it still has to
  // read an alert. The sink stays open until it has what was written, and is not read any more.
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
