// A socket as one end of a relay.
#pragma once

#include <array>
#include <span>
#include <string>

#include "net/buffers.hpp"
#include "net/io.hpp"
#include "net/receive.hpp"
#include "net/write_batch.hpp"
#include "tls/record/fragments.hpp"
#include "tls/record/record_layout.hpp"

namespace tunnel::net {

// What one look at an end of a relay brought.
struct Received {
  enum class End {
    none,       // the stream is still open
    finished,   // the peer has said that it sends no more
    truncated,  // it has ended the connection without close_notify: `why` says it
    broken,     // reset, or not decipherable: `why` says it
  };

  // Of the data, which comes before the end. It lies in frames, or where the lease's pieces say.
  std::size_t size = 0;
  End end = End::none;
  std::string why;      // a sentence, or empty for a plain reset
  bool drained = true;  // nothing more is to be had without waiting
};

class PlainStream {
 public:
  explicit PlainStream(Socket& socket) : socket_(socket) {}

  Socket& socket() { return socket_; }
  bool ready() const { return false; }
  // Bytes are sent as they are.
  tls::RecordLayout record_layout() const { return {}; }

  // Into frames where the other side wants such, else in one piece; behind the first bytes.
  Received receive(Buffers::Lease& lease, const tls::RecordLayout& frame, FirstBytes& first) {
    const std::span<std::byte> block = lease.bytes();
    const bool framed = frame.size(0) > 0;
    const std::size_t slot = framed ? tls::max_plaintext : block.size();
    const std::size_t count = framed ? lease.records() : 1;
    const bool more = first.empty() || first.full();
    Receipt receipt = first.take(block.subspan(frame.head));
    if (more) {
      std::array<asio::mutable_buffer, Buffers::most_records> slots;
      for (std::size_t i = 0; i < count; ++i)
        slots[i] = asio::buffer(block.data() + i * frame.size(slot) + frame.head, slot);
      slots[0] += receipt.n;
      const std::span<const asio::mutable_buffer> all = std::span(slots).first(count);
      const std::size_t before = receipt.n;
      // one record's worth until it is filled: most messages are small
      receipt = receive_now(socket_, greedy_ ? all : all.first(1));
      receipt.n += before;
      if (!greedy_ && receipt.n == slot && count > 1) {
        receipt = receive_now(socket_, all.subspan(1));
        receipt.n += slot;
      }
    }
    greedy_ = receipt.n >= tls::max_plaintext;
    if (!framed) lease.fragments().add(block.first(receipt.n));
    const std::size_t room = count * slot;
    Received out;
    out.size = receipt.n;
    out.drained = receipt.n < room;
    if (receipt.error == asio::error::eof) {
      // a write that was under way when the reset came has taken the error with it, and what is
      // left looks like a clean end; only the connection itself is gone then
      out.end =
          !shut_ && peer_of(socket_).empty() ? Received::End::broken : Received::End::finished;
    } else if (receipt.error) {
      out.end = Received::End::broken;
      out.why = why_broken(receipt.error);
    }
    return out;
  }

  // What is to be written for what was received: itself.
  bool stage(Buffers::Lease& lease, const Received&) {
    for (const std::span<std::byte> piece : lease.fragments().all()) lease.batch().add(piece);
    return true;
  }
  bool begin_sending(WriteBatch& gather) {
    busy_ = !gather.empty();
    return busy_;
  }
  void done_sending() { busy_ = false; }

  void flush_now() {}
  bool busy() const { return busy_; }
  static constexpr bool says_alerts = false;
  static constexpr bool in_records = false;
  bool read_failed() const { return false; }

  // After the last byte: says that no more will come.
  bool stage_end() { return true; }
  bool silent_since_end() const { return false; }
  void shut() {
    shut_ = true;
    ErrorCode ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

 private:
  Socket& socket_;
  bool greedy_ = false;  // the last receive brought a record's worth
  bool shut_ = false;
  bool busy_ = false;
};

}  // namespace tunnel::net
