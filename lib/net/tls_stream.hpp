// A socket and an Engine as one end of a relay.
#pragma once

#include "net/buffers.hpp"
#include "net/io.hpp"
#include "net/plain_stream.hpp"
#include "tls/engine.hpp"

namespace tunnel::net {

class TlsStream {
 public:
  // Both outlive the stream.
  TlsStream(Socket& socket, tls::Engine& engine) : socket_(socket), engine_(engine) {}

  // Runs the handshake; on an error the alert has been sent. The caller bounds it by closing the
  // socket. Only after success may the rest be called.
  Awaitable<Result<std::monostate>> handshake(Buffers& buffers);

  Socket& socket() { return socket_; }
  // Whether there is something to decrypt already, and receive() needs no wait before it.
  bool ready() const { return ready_; }

  Received receive(Buffers::Lease& lease, Buffers& buffers);

  // Encrypts; false where the engine has failed.
  bool stage(std::span<const std::byte> data, Buffers& buffers);
  // Exactly one coroutine writes to a socket: whoever gets true here, until it calls
  // done_sending().
  bool begin_sending(Buffers& buffers);
  std::span<const std::byte> sending() const { return std::span(sending_).subspan(sent_); }
  void sent(std::size_t n) { sent_ += n; }
  void done_sending(Buffers& buffers);

  // What reading made the engine say (an alert), as far as it goes out without waiting and nobody
  // else is writing; the rest goes with the next write.
  void speak_now();
  static constexpr bool sends_in_place = false;
  bool busy() const { return busy_; }

  bool stage_end() { return engine_.close() == tls::Engine::Status::ok; }
  void shut();

 private:
  Awaitable<bool> flush(Buffers& buffers);
  // One receive, and as much of the handshake as it allows.
  tls::Engine::Status step(Buffers& buffers);

  Socket& socket_;
  tls::Engine& engine_;
  tls::Bytes sending_;  // taken from the engine, so that it can grow a new one meanwhile
  std::size_t sent_ = 0;
  bool busy_ = false;
  bool ready_ = false;
};

}  // namespace tunnel::net
