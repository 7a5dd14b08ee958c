// Two TLS engines back to back: their wire is two queues that a test may cut, count and change.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "support/framed.hpp"
#include "tls/engine.hpp"

namespace tunnel::test {

using tls::Bytes;
using tls::Engine;
using Status = tls::Engine::Status;

inline Bytes bytes_of(std::string_view text) {
  const auto* data = reinterpret_cast<const std::byte*>(text.data());
  return {data, data + text.size()};
}
inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// No byte like its neighbours, none missing unseen.
inline Bytes pattern(std::size_t size) {
  Bytes out(size);
  std::uint32_t x = 1;
  for (std::byte& byte : out) {
    x = x * 1664525 + 1013904223;
    byte = static_cast<std::byte>(x >> 24);
  }
  return out;
}

// One engine and what is on its way to it.
struct End {
  End(std::shared_ptr<const tls::Context> context, std::string peer, x509::ServerName name = {})
      : engine(std::move(context), std::move(peer), std::move(name)) {}

  static constexpr std::size_t scratch_size = 400'000;

  Engine engine;
  Bytes inbox;
  std::unique_ptr<std::byte[]> scratch = std::make_unique_for_overwrite<std::byte[]>(scratch_size);
  bool started = false;
  bool shaken = false;
  Status status = Status::starved;  // of the last call

  // The next `size` bytes in memory of exactly that size, so that a sanitizer sees a step beyond.
  std::unique_ptr<std::byte[]> next(std::size_t size) {
    auto piece = std::make_unique<std::byte[]>(size);
    std::copy_n(inbox.data(), size, piece.get());
    inbox.erase(inbox.begin(), inbox.begin() + static_cast<std::ptrdiff_t>(size));
    return piece;
  }

  // Starts the handshake, or goes on with at most `chunk` bytes.
  void step(std::size_t chunk) {
    if (!started) {
      started = true;
      status = engine.handshake();
    } else {
      const std::size_t size = std::min(chunk, inbox.size());
      const auto piece = next(size);
      engine.feed({piece.get(), size});
      status = engine.handshake();
      engine.keep_input();
    }
    shaken = status == Status::ok;
  }

  // Opens the next piece of the inbox, behind what came before; the status says whether it goes on.
  Bytes open(std::size_t size) {
    const std::size_t before = engine.rest({scratch.get(), scratch_size});
    const auto block = std::make_unique_for_overwrite<std::byte[]>(before + size);
    std::copy_n(scratch.get(), before, block.get());
    const auto piece = next(size);
    std::copy_n(piece.get(), size, block.get() + before);
    tls::Fragments plain;
    status = engine.open({block.get(), before + size}, plain);
    Bytes out;
    for (const auto part : plain.all()) out.insert(out.end(), part.begin(), part.end());
    return out;
  }

  // Reads until the inbox is empty or the stream has come to an end.
  Bytes read_all(std::size_t chunk = 100'000) {
    Bytes out;
    do {
      const Bytes part = open(engine.ready() ? 0 : std::min(chunk, inbox.size()));
      out.insert(out.end(), part.begin(), part.end());
    } while (status == Status::ok && (engine.ready() || !inbox.empty()));
    if (status == Status::ok) status = Status::starved;
    return out;
  }

  // Seals into output(), in memory of exactly the size that it needs.
  Status write(std::span<const std::byte> plain) {
    const Framed laid_out = framed(plain, engine.record_layout());
    std::span<const std::byte> wire;
    const Status sealed = engine.seal(laid_out.block(), plain.size(), wire);
    engine.output().insert(engine.output().end(), wire.begin(), wire.end());
    return sealed;
  }
};

struct Pair {
  Pair(std::shared_ptr<const tls::Context> client_context,
       std::shared_ptr<const tls::Context> server_context,
       x509::ServerName name = {"relay.example", false})
      : client(std::move(client_context), "relay.example:443", std::move(name)),
        server(std::move(server_context), "192.0.2.1:50000") {}

  End client;
  End server;

  // Puts what each has said into the other's inbox.
  void deliver() {
    const auto move = [](End& from, End& to) {
      Bytes& output = from.engine.output();
      to.inbox.insert(to.inbox.end(), output.begin(), output.end());
      output.clear();
    };
    move(client, server);
    move(server, client);
  }

  // Whether both came through. Stops where nobody has anything to say any more.
  bool shake(std::size_t chunk = 100'000) {
    const auto can_go_on = [](const End& end) {
      return !end.started || (end.status == Status::starved && !end.inbox.empty());
    };
    while (can_go_on(client) || can_go_on(server)) {
      for (End* end : {&client, &server})
        if (can_go_on(*end)) end->step(chunk);
      deliver();
    }
    return client.shaken && server.shaken;
  }
};

}  // namespace tunnel::test
