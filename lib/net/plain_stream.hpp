// A socket as one end of a relay.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "net/buffers.hpp"
#include "net/io.hpp"
#include "net/receive.hpp"
#include "net/relay_stream.hpp"
#include "net/write_batch.hpp"
#include "tls/record/record_layout.hpp"

namespace tunnel::net {

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

  static constexpr bool in_records = false;
  bool may_have_alerted() const { return false; }
  bool silent_since_end() const { return false; }
  bool read_failed() const { return false; }

  // Bytes are forwarded as they came, and the end is that of the connection.
  bool stage(Buffers::Lease& lease, std::size_t, bool) {
    for (const std::span<std::byte> fragment : lease.fragments().all()) lease.batch().add(fragment);
    return true;
  }
  bool begin_sending(WriteBatch& batch) { return !batch.empty(); }
  void done_sending() {}
  void end_now() {}
  void shut() {
    shut_ = true;
    ErrorCode ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

 private:
  Socket& socket_;
  bool greedy_ = false;  // the last receive brought a record's worth
  bool shut_ = false;
};

static_assert(RelayStream<PlainStream>);

}  // namespace tunnel::net
