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

  // Leaves gaps for records where the other side sends them; else one piece.
  Received receive(Buffers::Lease& lease, const tls::RecordLayout& layout, FirstBytes& first) {
    const std::span<std::byte> block = lease.bytes();
    const bool framed = layout.size(0) > 0;
    const std::size_t slot = framed ? tls::max_plaintext : block.size();
    const std::size_t count = framed ? lease.records() : 1;
    const bool more = first.empty() || first.full();
    ReadResult read = first.take(block.subspan(layout.head));
    if (more) {
      std::array<asio::mutable_buffer, Buffers::most_records> slots;
      for (std::size_t i = 0; i < count; ++i)
        slots[i] = asio::buffer(block.data() + i * layout.size(slot) + layout.head, slot);
      slots[0] += read.n;
      const std::span<const asio::mutable_buffer> all = std::span(slots).first(count);
      const std::size_t before = read.n;
      // first one record's worth: most messages are small
      read = receive_now(socket_, greedy_ ? all : all.first(1));
      read.n += before;
      if (!greedy_ && read.n == slot && count > 1) {
        read = receive_now(socket_, all.subspan(1));
        read.n += slot;
      }
    }
    greedy_ = read.n >= tls::max_plaintext;
    if (!framed) lease.fragments().add(block.first(read.n));
    const std::size_t room = count * slot;
    Received out;
    out.size = read.n;
    out.drained = read.n < room;
    if (read.error == asio::error::eof) {
      // a write that was pending when the reset came has consumed the error, and the read sees a
      // clean end; but the connection has no peer any more
      out.end =
          !shut_ && peer_of(socket_).empty() ? Received::End::broken : Received::End::finished;
    } else if (read.error) {
      out.end = Received::End::broken;
      out.why = why_broken(read.error);
      out.lost = !out.why.empty();
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
  bool greedy_ = false;  // the last receive filled a record
  bool shut_ = false;
};

static_assert(RelayStream<PlainStream>);

}  // namespace tunnel::net
