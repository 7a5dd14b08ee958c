// The handshake over a socket, and records between a socket and an engine.
#include "net/tls_stream.hpp"

namespace tunnel::net {

using Status = tls::Engine::Status;

Awaitable<bool> TlsStream::flush(Buffers& buffers) {
  while (begin_sending(buffers)) {
    while (!sending().empty()) {
      const auto [error, n] = co_await socket_.async_write_some(
          asio::buffer(sending().data(), sending().size()), as_result);
      if (error) co_return false;
      sent(n);
    }
    done_sending(buffers);
  }
  co_return true;
}

Awaitable<Result<std::monostate>> TlsStream::handshake(Buffers& buffers) {
  Status status = engine_.handshake();
  for (;;) {
    // first the bytes (an alert too), then the verdict; where the peer is gone, it may have said
    // why
    const bool flushed = co_await flush(buffers);
    if (status == Status::ok && !flushed)
      co_return Error{"the connection broke in the TLS handshake"};
    if (status == Status::ok) {
      ready_ = true;
      co_return std::monostate{};
    }
    if (status != Status::starved) co_return engine_.failure();
    co_await socket_.async_wait(Socket::wait_read, as_result);
    if (!socket_.is_open()) co_return Error{"the connection was given up"};
    status = step(buffers);
  }
}

Status TlsStream::step(Buffers& buffers) {
  auto lease = buffers.borrow();
  const auto room = lease.bytes().first(Buffers::receive_size);
  const Receipt receipt = receive_now(socket_, room);
  if (receipt.would_block) return Status::starved;
  if (receipt.error)
    engine_.feed_end();
  else
    engine_.feed(room.first(receipt.n));
  const Status status = engine_.handshake();
  engine_.keep_input();
  return status;
}

Received TlsStream::receive(Buffers::Lease& lease, Buffers& buffers) {
  Received out;
  auto wire_lease = buffers.borrow();
  if (!ready_) {
    auto wire = wire_lease.bytes().first(Buffers::receive_size);
    const Receipt receipt = receive_now(socket_, wire);
    out.drained = receipt.n < wire.size();
    if (receipt.would_block) return out;
    if (receipt.error == asio::error::eof) {
      engine_.feed_end();
    } else if (receipt.error) {
      out.end = Received::End::broken;
      out.why = why_broken(receipt.error);
      return out;
    } else {
      engine_.feed(wire.first(receipt.n));
    }
  }
  ready_ = false;
  const std::span<std::byte> room = lease.bytes();
  std::size_t filled = 0;
  for (;;) {
    if (filled == room.size()) {
      engine_.keep_input();
      ready_ = true;
      break;
    }
    std::size_t n = 0;
    const Status status = engine_.read(room.subspan(filled), n);
    filled += n;
    if (status == Status::ok) continue;
    if (status == Status::closed) {
      out.end = Received::End::finished;
    } else if (status != Status::starved) {
      out.end = Received::End::broken;
      out.why = engine_.failure().message();
    }
    break;
  }
  out.data = room.first(filled);
  return out;
}

bool TlsStream::stage(std::span<const std::byte> data, Buffers& buffers) {
  if (engine_.output().capacity() == 0) engine_.output() = buffers.take_bytes();
  return engine_.write(data) == Status::ok;
}

bool TlsStream::begin_sending(Buffers&) {
  if (busy_ || engine_.output().empty()) return false;
  busy_ = true;
  sent_ = 0;
  sending_ = std::exchange(engine_.output(), {});
  return true;
}

void TlsStream::done_sending(Buffers& buffers) {
  buffers.give_back(std::move(sending_));
  sent_ = 0;
  busy_ = false;
}

void TlsStream::speak_now() {
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
