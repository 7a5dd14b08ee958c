// A socket and an Engine as one end of a relay.
#pragma once

#include <chrono>

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

  // On an error the alert has been sent. The caller limits the time by closing the socket. The rest
  // may be called only after success.
  Awaitable<Result<std::monostate>> handshake(Buffers& buffers);
  // Why it has failed, where the caller closed the socket after `limit`.
  Error overdue(std::chrono::milliseconds limit) const { return engine_.overdue(limit); }
  tls::FailureCause cause() const { return engine_.cause(); }

  // What the handshake has cost this program's time.
  std::chrono::steady_clock::duration time_spent() const { return spent_; }

  Socket& socket() { return socket_; }
  // Whether there is something to decrypt already.
  bool ready() const { return engine_.ready() || !early_.empty(); }
  tls::RecordLayout record_layout() const { return engine_.record_layout(); }

  // The data is valid until the next call. Output that reading causes (an alert) is sent as far as
  // that doesn't wait, unless a write is pending; the rest goes with the next write.
  Received receive(Buffers::Lease& lease, const tls::RecordLayout&, FirstBytes& first);
  static constexpr bool in_records = true;
  bool may_have_alerted() const { return !busy_; }
  bool silent_since_end() const { return silent_since_end_; }
  // Reading has found the connection broken: nothing can be sent either.
  bool read_failed() const { return read_failed_; }

  // Reads ahead what is there, for the first receive(). False where the peer has ended the
  // connection, or sends more than a banner.
  bool receive_early(Buffers& buffers);

  // Seals `size` bytes in frames of the lease's block; `last` adds close_notify. False where the
  // engine has failed.
  bool stage(Buffers::Lease& lease, std::size_t size, bool last);
  // Exactly one coroutine writes to a socket: the one that gets true here, until done_sending().
  bool begin_sending(WriteBatch& batch);
  void done_sending();
  void shut();

  // Sends close_notify as far as that doesn't wait. Only while no write is pending.
  void end_now();

 private:
  static constexpr std::size_t most_early = 16 * 1024;

  bool stage_end();
  void flush_now();
  Received receive_records(Buffers::Lease& lease, FirstBytes& first);
  Awaitable<bool> flush();
  // More bytes of a peer that doesn't speak TLS: they tell which protocol it speaks.
  Awaitable<void> read_mismatch(Buffers& buffers);
  // One receive, and as much of the handshake as that allows.
  tls::Engine::Status step(Buffers& buffers);

  Socket& socket_;
  tls::Engine& engine_;
  // Engine output around the records being sent, kept here so that the engine can produce more.
  tls::Bytes before_;
  tls::Bytes after_;
  tls::Bytes early_;  // read ahead
  std::chrono::steady_clock::duration spent_{0};
  bool busy_ = false;
  bool read_failed_ = false;
  bool silent_since_end_ = false;
};

static_assert(RelayStream<TlsStream>);

}  // namespace tunnel::net
