// The handshake over a socket, and records between a socket and an engine.
#include "net/tls_stream.hpp"

#include <asio/write.hpp>

#include <algorithm>
#include <utility>

#include "net/deadline.hpp"

namespace tunnel::net {

using EngineStatus = tls::Engine::Status;

// More than a flight has. What a client sends behind its last flight is kept while the target is
// dialled, and must be little: each client that completes a handshake costs that much.
constexpr std::size_t handshake_read = 16 * 1024;

Awaitable<bool> TlsStream::flush() {
  while (!engine_.output().empty()) {
    before_ = std::exchange(engine_.output(), {});
    const auto [error, n] = co_await asio::async_write(socket_, asio::buffer(before_), as_result);
    before_ = {};
    if (error) co_return false;
  }
  co_return true;
}

Awaitable<Result<std::monostate>> TlsStream::handshake(Buffers& buffers) {
  EngineStatus status = engine_.handshake();
  for (;;) {
    // first the bytes (an alert too), then the result; a peer that is gone may have sent a reason
    const bool flushed = co_await flush();
    if (status == EngineStatus::ok && !flushed)
      co_return Error{"the connection broke in the TLS handshake"};
    if (status == EngineStatus::ok) co_return std::monostate{};
    if (status != EngineStatus::starved) {
      if (engine_.hears_more()) co_await read_mismatch(buffers);
      co_return engine_.failure();
    }
    co_await socket_.async_wait(Socket::wait_read, as_result);
    if (!socket_.is_open()) co_return Error{"the connection was given up"};
    status = step(buffers);
  }
}

Awaitable<void> TlsStream::read_mismatch(Buffers& buffers) {
  constexpr std::chrono::milliseconds quiet{2000};
  bool enough = false;
  Deadline deadline(socket_.get_executor());
  while (engine_.hears_more()) {
    deadline.start(quiet, [this, &enough] {
      enough = true;
      ErrorCode ignored;
      socket_.cancel(ignored);
    });
    co_await socket_.async_wait(Socket::wait_read, as_result);
    if (enough || !socket_.is_open()) co_return;
    auto lease = buffers.borrow();
    const auto room = lease.bytes();
    const ReadResult read = receive_now(socket_, asio::buffer(room.data(), room.size()));
    if (read.error) co_return;
    engine_.hear(room.first(read.n));
  }
}

EngineStatus TlsStream::step(Buffers& buffers) {
  auto lease = buffers.borrow();
  const auto room = lease.bytes().first(handshake_read);
  const ReadResult read = receive_now(socket_, asio::buffer(room.data(), room.size()));
  if (read.would_block) return EngineStatus::starved;
  if (read.error)
    engine_.feed_end(read.error != asio::error::eof);
  else
    engine_.feed(room.first(read.n));
  const auto start = std::chrono::steady_clock::now();
  const EngineStatus status = engine_.handshake();
  spent_ += std::chrono::steady_clock::now() - start;
  engine_.keep_input();
  return status;
}

Received TlsStream::receive(Buffers::Lease& lease, const tls::RecordLayout&, FirstBytes& first) {
  Received out;
  if (early_.empty()) {
    out = receive_records(lease, first);
    flush_now();
    return out;
  }
  out.size = early_.size();
  out.drained = false;
  std::copy(early_.begin(), early_.end(), lease.bytes().begin());
  lease.fragments().add(lease.bytes().first(out.size));
  early_ = {};
  flush_now();
  return out;
}

bool TlsStream::receive_early(Buffers& buffers) {
  bool from_socket = false;
  while (!from_socket) {
    from_socket = !engine_.ready();
    auto lease = buffers.borrow();
    FirstBytes nothing;
    const Received got = receive_records(lease, nothing);
    flush_now();
    if (got.end != Received::End::none || early_.size() + got.size > most_early) return false;
    for (const auto piece : lease.fragments().all())
      early_.insert(early_.end(), piece.begin(), piece.end());
  }
  return true;
}

Received TlsStream::receive_records(Buffers::Lease& lease, FirstBytes& first) {
  Received out;
  const std::span<std::byte> block = lease.bytes();
  const bool ready = engine_.ready();
  std::size_t filled = engine_.rest(block);
  if (!ready) {
    std::span<std::byte> room = block.subspan(filled);
    const bool more = first.empty() || first.full();
    ReadResult read = first.take(room);
    filled += read.n;
    if (more) {
      room = block.subspan(filled);
      read = receive_now(socket_, asio::buffer(room.data(), room.size()));
      filled += read.n;
    }
    out.drained = filled < block.size();
    if (filled > 0) silent_since_end_ = false;
    if (read.error == asio::error::eof) {
      engine_.feed_end();
    } else if (read.error) {
      out.end = Received::End::broken;
      out.why = why_broken(read.error);
      out.lost = !out.why.empty();
      return out;
    }
  }
  const EngineStatus status = engine_.open(block.first(filled), lease.fragments());
  out.size = lease.fragments().size();
  if (status == EngineStatus::closed) {
    out.end = Received::End::finished;
  } else if (status != EngineStatus::ok) {
    const bool truncated = status == EngineStatus::truncated;
    out.end = truncated ? Received::End::truncated : Received::End::broken;
    out.why = engine_.failure().message();
    read_failed_ = !truncated;
  }
  return out;
}

bool TlsStream::stage(Buffers::Lease& lease, std::size_t size, bool last) {
  if (size > 0) {
    std::span<const std::byte> wire;
    if (engine_.seal(lease.bytes(), size, wire) != EngineStatus::ok) return false;
    before_ = std::exchange(engine_.output(), {});
    lease.batch().add(before_);
    lease.batch().add(wire);
  }
  return !last || stage_end();
}

bool TlsStream::stage_end() {
  silent_since_end_ = !engine_.ready() && !engine_.mid_record();
  return engine_.close() == EngineStatus::ok;
}

void TlsStream::end_now() {
  if (stage_end()) flush_now();
}

bool TlsStream::begin_sending(WriteBatch& batch) {
  if (busy_) return false;
  if (!engine_.output().empty()) {
    after_ = std::exchange(engine_.output(), {});
    batch.add(after_);
  }
  busy_ = !batch.empty();
  return busy_;
}

void TlsStream::done_sending() {
  before_ = {};
  after_ = {};
  busy_ = false;
}

void TlsStream::flush_now() {
  tls::Bytes& output = engine_.output();
  if (busy_ || output.empty()) return;
  ErrorCode error;
  const std::size_t n = socket_.write_some(asio::buffer(output), error);
  if (!error) output.erase(output.begin(), output.begin() + static_cast<std::ptrdiff_t>(n));
}

void TlsStream::shut() {
  ErrorCode ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

}  // namespace tunnel::net
