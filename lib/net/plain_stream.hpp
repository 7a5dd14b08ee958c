// A socket as one end of a relay.
#pragma once

#include <span>

#include "net/buffers.hpp"
#include "net/io.hpp"

namespace tunnel::net {

// What one look at an end of a relay brought.
struct Received {
  enum class End {
    none,      // it goes on
    finished,  // the peer has said that it sends no more
    broken,    // reset, truncated, or not decipherable: `why` says it
  };

  std::span<const std::byte> data;  // comes before the end
  End end = End::none;
  std::string why;      // of `broken`: a sentence, or empty for a plain reset
  bool drained = true;  // nothing more is to be had without waiting
};

// One receive into `into` without waiting.
struct Receipt {
  std::size_t n = 0;
  bool would_block = false;
  ErrorCode error;  // eof, or worse
};
inline Receipt receive_now(Socket& socket, std::span<std::byte> into) {
  Receipt out;
  out.n = socket.read_some(asio::buffer(into.data(), into.size()), out.error);
  out.would_block = out.error == asio::error::would_block || out.error == asio::error::try_again;
  if (out.would_block) out.error = {};
  return out;
}

class PlainStream {
 public:
  explicit PlainStream(Socket& socket) : socket_(socket) {}

  Socket& socket() { return socket_; }
  bool ready() const { return false; }

  Received receive(Buffers::Lease& lease, Buffers&) {
    const std::span<std::byte> room = lease.bytes().first(Buffers::receive_size);
    const Receipt receipt = receive_now(socket_, room);
    Received out;
    out.data = room.first(receipt.n);
    out.drained = receipt.n < room.size();
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

  // What is to be written for these bytes: themselves.
  bool stage(std::span<const std::byte> data, Buffers&) {
    staged_ = data;
    return true;
  }
  bool begin_sending(Buffers&) { return !staged_.empty(); }
  std::span<const std::byte> sending() const { return staged_; }
  void sent(std::size_t n) { staged_ = staged_.subspan(n); }
  void done_sending(Buffers&) {}

  void speak_now() {}
  static constexpr bool sends_in_place = true;  // the data must stay until it is sent
  bool busy() const { return !staged_.empty(); }

  // After the last byte: says that no more will come.
  bool stage_end() { return true; }
  void shut() {
    shut_ = true;
    ErrorCode ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

 private:
  Socket& socket_;
  std::span<const std::byte> staged_;
  bool shut_ = false;
};

}  // namespace tunnel::net
