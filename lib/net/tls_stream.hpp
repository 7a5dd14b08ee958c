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
  // Why it has failed, where the caller has ended it after `limit`.
  Error overdue(std::chrono::milliseconds limit) const { return engine_.overdue(limit); }

  Socket& socket() { return socket_; }
  // Whether there is something to decrypt already, and receive() needs no wait before it.
  bool ready() const { return engine_.ready() || !early_.empty(); }
  // What is to be sent is to be laid out so.
  tls::RecordLayout record_layout() const { return engine_.record_layout(); }

  // What comes out is good until the next call.
  Received receive(Buffers::Lease& lease, const tls::RecordLayout&, FirstBytes& first);

  // Takes in what there is before anybody wants it, for the first receive(). False where the peer
  // has ended the connection, or says more than a greeting.
  bool receive_early(Buffers& buffers);

  // Seals what was received into frames of the lease's block; false where the engine has failed.
  bool stage(Buffers::Lease& lease, const Received& received);
  // Exactly one coroutine writes to a socket: whoever gets true here, until it calls
  // done_sending().
  bool begin_sending(WriteBatch& gather);
  void done_sending();

  // What reading made the engine say (an alert), as far as it goes out without waiting and nobody
  // else is writing; the rest goes with the next write.
  void flush_now();
  bool busy() const { return busy_; }
  // What is read may make the stream say why it is over.
  static constexpr bool says_alerts = true;
  // The peer sends record by record.
  static constexpr bool in_records = true;
  // Reading has found the connection broken: nothing can be sent any more, either.
  bool read_failed() const { return read_failed_; }

  bool stage_end() {
    silent_since_end_ = !engine_.ready() && !engine_.mid_record();
    return engine_.close() == tls::Engine::Status::ok;
  }
  // Whether not a byte has come from the peer since stage_end(): nothing was under way.
  bool silent_since_end() const { return silent_since_end_; }
  void shut();

 private:
  static constexpr std::size_t longest_greeting = 16 * 1024;

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

}  // namespace tunnel::net
