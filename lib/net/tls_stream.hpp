// A socket and an Engine as one end of a relay.
#pragma once

#include "net/buffers.hpp"
#include "net/io.hpp"
#include "net/receive.hpp"
#include "net/relay_stream.hpp"
#include "net/write_batch.hpp"
#include "tls/engine.hpp"

namespace tunnel::net {

class TlsStream {
 public:
  // Both outlive the stream.
  TlsStream(Socket& socket, tls::Engine& engine) : socket_(socket), engine_(engine) {}

  // Runs the handshake; on an error the alert has been sent. The caller bounds it by closing the
  // socket. Only after success may the rest be called.
  Awaitable<Result<std::monostate>> handshake(Buffers& buffers);
  // Why it has failed, where the caller has ended it after `limit`.
  Error overdue(std::chrono::milliseconds limit) const { return engine_.overdue(limit); }

  Socket& socket() { return socket_; }
  // Whether there is something to decrypt already, and receive() needs no wait before it.
  bool ready() const { return engine_.ready() || !early_.empty(); }
  // What is to be sent is to be laid out so.
  tls::RecordLayout record_layout() const { return engine_.record_layout(); }

  // What comes out is good until the next call. What reading made the engine say (an alert) goes
  // out as far as it does without waiting, unless somebody is writing; the rest goes with the next
  // write.
  Received receive(Buffers::Lease& lease, const tls::RecordLayout&, FirstBytes& first);
  static constexpr bool in_records = true;
  bool may_have_alerted() const { return !busy_; }
  bool silent_since_end() const { return silent_since_end_; }
  // Reading has found the connection broken: nothing can be sent any more, either.
  bool read_failed() const { return read_failed_; }

  // Takes in what there is before anybody wants it, for the first receive(). False where the peer
  // has ended the connection, or says more than a greeting.
  bool receive_early(Buffers& buffers);

  // Seals `size` bytes in frames of the lease's block; with the `last`, close_notify follows them.
  // False where the engine has failed.
  bool stage(Buffers::Lease& lease, std::size_t size, bool last);
  // Exactly one coroutine writes to a socket: whoever gets true here, until it calls
  // done_sending().
  bool begin_sending(WriteBatch& batch);
  void done_sending();
  void shut();

  // Sends close_notify as far as it goes out without waiting. Only where nobody is writing.
  void end_now();

 private:
  static constexpr std::size_t longest_greeting = 16 * 1024;

  bool stage_end();
  void flush_now();
  Received receive_records(Buffers::Lease& lease, FirstBytes& first);
  Awaitable<bool> flush();
  // What a stranger goes on to say is what it is told apart by.
  Awaitable<void> hear_out(Buffers& buffers);
  // One receive, and as much of the handshake as it allows.
  tls::Engine::Status step(Buffers& buffers);

  Socket& socket_;
  tls::Engine& engine_;
  // What the engine said before and after the records in between, so that it can go on meanwhile.
  tls::Bytes before_;
  tls::Bytes after_;
  tls::Bytes early_;
  bool busy_ = false;
  bool read_failed_ = false;
  bool silent_since_end_ = false;
};

static_assert(RelayStream<TlsStream>);

}  // namespace tunnel::net
