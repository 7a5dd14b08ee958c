// One TLS connection without sockets: bytes of the wire in, plaintext out, and the other way.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "tls/context.hpp"

namespace tunnel::tls {

using Bytes = std::vector<std::byte>;

// The name that a client asks for. An address is checked against iPAddress names and never sent.
struct ServerName {
  std::string text;
  bool is_address = false;
};

// The calls come from one thread. What the engine wants on the wire gathers in output(), after any
// call, reading too (alerts); the owner sends it and may swap or clear the vector.
class Engine {
 public:
  enum class Status {
    ok,         // done; for read(): bytes were delivered, and there may be more
    starved,    // the input is used up: feed() more
    closed,     // read(): the peer sent close_notify; all its bytes have been delivered
    truncated,  // the input ended (feed_end) without close_notify
    failed,     // failure() says why; an alert may be in output()
  };

  // `peer` is the other end as the user knows it, for messages. `name` is for clients only.
  Engine(std::shared_ptr<const Context> context, std::string peer, ServerName name = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Bytes from the wire. They are not copied: the span must live until a call has returned
  // `starved`, or until keep_input(). Only when starved.
  void feed(std::span<const std::byte> wire);
  // The wire has ended: no more will be fed.
  void feed_end();
  // Copies what has been fed and not used yet, so that the span may go.
  void keep_input();

  // To be called, after feeding, until it returns something other than starved. Only then is the
  // peer verified, and only then may read() and write() be called.
  Status handshake();

  // Decrypts into `out`; on ok `n` bytes, at least one.
  Status read(std::span<std::byte> out, std::size_t& n);
  // Encrypts all of `plain` into output(): ok or failed.
  Status write(std::span<const std::byte> plain);
  // Says close_notify; reading goes on (RFC 8446 section 6.1).
  Status close();

  Bytes& output();
  const Error& failure() const;

  // After the handshake.
  std::string version() const;     // "TLS 1.3"
  std::string suite() const;       // the IANA name, "TLS_AES_256_GCM_SHA384"
  std::string_view group() const;  // "X25519", "P-256", "P-384"; empty where it is not known

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "AES-256-GCM" for any suite that protects records with it.
std::string cipher_of(std::string_view suite);

}  // namespace tunnel::tls
