// A socket as one end of a relay.
#pragma once

#include <array>
#include <span>
#include <string>

#include "net/buffers.hpp"
#include "net/gather.hpp"
#include "net/io.hpp"
#include "tls/frame.hpp"
#include "tls/pieces.hpp"

namespace tunnel::net {

// What one look at an end of a relay brought.
struct Received {
  enum class End {
    none,      // it goes on
    finished,  // the peer has said that it sends no more
    broken,    // reset, truncated, or not decipherable: `why` says it
  };

  // Of the data, which comes before the end. It lies in frames, or where the lease's pieces say.
  std::size_t size = 0;
  End end = End::none;
  std::string why;      // of `broken`: a sentence, or empty for a plain reset
  bool drained = true;  // nothing more is to be had without waiting
};

// One receive without waiting.
struct Receipt {
  std::size_t n = 0;
  bool would_block = false;
  ErrorCode error;  // eof, or worse
};
template <class MutableBuffers>
Receipt receive_now(Socket& socket, const MutableBuffers& into) {
  Receipt out;
  out.n = socket.read_some(into, out.error);
  out.would_block = out.error == asio::error::would_block || out.error == asio::error::try_again;
  if (out.would_block) out.error = {};
  return out;
}

class PlainStream {
 public:
  explicit PlainStream(Socket& socket) : socket_(socket) {}

  Socket& socket() { return socket_; }
  bool ready() const { return false; }
  // Bytes are sent as they are.
  tls::Frame frame() const { return {}; }

  // Into frames where the other side wants such, else in one piece.
  Received receive(Buffers::Lease& lease, const tls::Frame& frame) {
    const std::span<std::byte> block = lease.bytes();
    Receipt receipt;
    std::size_t room = block.size();
    if (frame.size(0) == 0) {
      receipt = receive_now(socket_, asio::buffer(block.data(), room));
      lease.pieces().add(block.first(receipt.n));
    } else {
      std::array<asio::mutable_buffer, Buffers::records> slots;
      for (std::size_t i = 0; i < slots.size(); ++i)
        slots[i] = asio::buffer(block.data() + i * frame.size(tls::max_plaintext) + frame.head,
                                tls::max_plaintext);
      room = slots.size() * tls::max_plaintext;
      const std::span<const asio::mutable_buffer> all(slots);
      // one record's worth until it is filled: most messages are small
      receipt = receive_now(socket_, greedy_ ? all : all.first(1));
      if (!greedy_ && receipt.n == tls::max_plaintext) {
        receipt = receive_now(socket_, all.subspan(1));
        receipt.n += tls::max_plaintext;
      }
      greedy_ = receipt.n >= tls::max_plaintext;
    }
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
    for (const std::span<std::byte> piece : lease.pieces().all()) lease.gather().add(piece);
    return true;
  }
  bool begin_sending(Gather& gather) {
    busy_ = !gather.empty();
    return busy_;
  }
  void done_sending() { busy_ = false; }

  void speak_now() {}
  bool busy() const { return busy_; }

  // After the last byte: says that no more will come.
  bool stage_end() { return true; }
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
