// Records without a handshake: one end, and a peer that seals anything, by the rules or against
// them.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "support/framed.hpp"
#include "tls/record/record_layer.hpp"

namespace tunnel::test {

using tls::Alert;
using tls::ContentType;
using RecordBytes = std::vector<std::byte>;

inline RecordBytes body_of(std::initializer_list<unsigned> values) {
  RecordBytes out;
  for (const unsigned value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}
inline RecordBytes body_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}
inline RecordBytes joined(std::initializer_list<RecordBytes> parts) {
  RecordBytes out;
  for (const RecordBytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}
inline std::string as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline tls::Suite suite(tls::Version version, tls::Cipher cipher) {
  const bool tls13 = version == tls::Version::tls13;
  switch (cipher) {
    case tls::Cipher::aes_128_gcm:
      return *tls::suite_of(tls13 ? 0x1301 : 0xc02b);
    case tls::Cipher::aes_256_gcm:
      return *tls::suite_of(tls13 ? 0x1302 : 0xc02c);
    case tls::Cipher::chacha20_poly1305:
      break;
  }
  return *tls::suite_of(tls13 ? 0x1303 : 0xcca9);
}

// As a handshake could have left them; the same each time.
inline tls::RecordKeys record_keys(const tls::Suite& suite, bool client) {
  tls::RecordKeys keys;
  keys.suite = suite;
  keys.client = client;
  const auto made = [](std::size_t size, unsigned seed) {
    tls::Secret out(size);
    for (std::byte& byte : out.bytes()) byte = static_cast<std::byte>(seed = seed * 5 + 1);
    return out;
  };
  const std::size_t size = suite.hash == tls::Hash::sha256 ? 32 : 48;
  if (suite.version == tls::Version::tls13) {
    keys.client_secret = made(size, 1);
    keys.server_secret = made(size, 2);
  } else {
    keys.master_secret = made(48, 3);
    keys.client_random.fill(std::byte{4});
    keys.server_random.fill(std::byte{5});
    keys.read = keys.written = 1;
  }
  return keys;
}

// What a peer of these keys could put on the wire, and what it makes of what comes back.
class RecordPeer {
 public:
  // `keys` are those of the end that it faces.
  explicit RecordPeer(const tls::RecordKeys& keys)
      : suite_(keys.suite),
        in_secret_(keys.client ? keys.client_secret : keys.server_secret),
        out_secret_(keys.client ? keys.server_secret : keys.client_secret) {
    if (suite_.version == tls::Version::tls13) {
      in_ = protection(in_secret_, keys.written);
      out_ = protection(out_secret_, keys.read);
    } else {
      const auto block =
          tls::key_block(suite_, keys.master_secret, keys.client_random, keys.server_random);
      in_ = protection(keys.client ? block->client : block->server, keys.written);
      out_ = protection(keys.client ? block->server : block->client, keys.read);
    }
  }

  RecordBytes record(ContentType type, std::span<const std::byte> body, std::size_t padding = 0) {
    const tls::RecordLayout frame = tls::frame_of(suite_);
    // the last byte of padding stands where the type would
    std::size_t size = body.size();
    RecordBytes out(frame.size(size + padding));
    std::copy(body.begin(), body.end(), out.begin() + static_cast<std::ptrdiff_t>(frame.head));
    if (padding > 0) {
      out[frame.head + size] = static_cast<std::byte>(type);
      size += padding;
      type = ContentType{0};
    }
    if (!out_->seal(type, out.data(), size)) std::abort();
    return out;
  }
  RecordBytes data(std::string_view text) {
    return record(ContentType::application_data, body_of(text));
  }
  RecordBytes alert(unsigned level, unsigned description) {
    return record(ContentType::alert, body_of({level, description}));
  }
  RecordBytes handshake(std::initializer_list<unsigned> body) {
    return record(ContentType::handshake, body_of(body));
  }
  // Goes on under its next key.
  RecordBytes key_update(unsigned request = 0) {
    RecordBytes out = handshake({24, 0, 0, 1, request});
    renew();
    return out;
  }
  void renew() {
    out_secret_ = *tls::next_traffic_secret(suite_, out_secret_);
    out_ = protection(out_secret_, 0);
  }
  RecordBytes nothing_but_padding(std::size_t padding) {
    return record(ContentType{0}, RecordBytes(padding));
  }

  // "data abc, alert 2 10, handshake 24 0 0 1 0"; follows a KeyUpdate.
  std::string hear(RecordBytes wire) {
    std::string out;
    for (std::span<std::byte> rest = wire; !rest.empty();) {
      if (!out.empty()) out += ", ";
      if (rest.size() < tls::record_header_size) return out + "cut";
      const std::size_t size = tls::record_header_size +
                               std::to_integer<std::size_t>(rest[3]) * 256 +
                               std::to_integer<std::size_t>(rest[4]);
      tls::Protection::Opened opened;
      if (rest.size() < size || in_->open(rest.first(size), opened)) return out + "not readable";
      rest = rest.subspan(size);
      out += said(opened);
    }
    return out;
  }

 private:
  std::optional<tls::Protection> protection(const tls::TrafficKeys& keys, std::uint64_t sequence) {
    return tls::Protection::make(suite_, keys, *tls::aead_backends().back(), sequence);
  }
  std::optional<tls::Protection> protection(const tls::Secret& secret, std::uint64_t sequence) {
    return protection(*tls::traffic_keys(suite_, secret), sequence);
  }
  std::string said(const tls::Protection::Opened& record) {
    if (record.type == ContentType::application_data) return "data " + as_text(record.plain);
    std::string out = record.type == ContentType::alert ? "alert" : "handshake";
    for (const std::byte byte : record.plain)
      out += " " + std::to_string(std::to_integer<unsigned>(byte));
    if (out.starts_with("handshake 24 ")) {
      in_secret_ = *tls::next_traffic_secret(suite_, in_secret_);
      in_ = protection(in_secret_, 0);
    }
    return out;
  }

  tls::Suite suite_;
  tls::Secret in_secret_, out_secret_;
  std::optional<tls::Protection> in_, out_;
};

// The end under test, with blocks of exactly the size that is needed.
class RecordEnd {
 public:
  using Status = tls::RecordLayer::Status;

  explicit RecordEnd(const tls::RecordKeys& keys, const tls::RecordSettings& settings = {})
      : records(tls::RecordLayer::make(keys, settings, output).value()) {}
  RecordEnd(const RecordEnd&) = delete;
  RecordEnd& operator=(const RecordEnd&) = delete;

  RecordBytes output;
  tls::RecordLayer records;
  Status status = Status::ok;  // of the last call

  // The data that came out of it.
  RecordBytes open(std::span<const std::byte> wire) {
    const std::size_t size = rest_.size() + wire.size();
    const auto block = std::make_unique<std::byte[]>(size);
    std::copy(wire.begin(), wire.end(), std::copy(rest_.begin(), rest_.end(), block.get()));
    tls::Fragments plain;
    std::size_t used = 0;
    status = records.open({block.get(), size}, plain, used);
    rest_.assign(block.get() + used, block.get() + size);
    RecordBytes out;
    for (const auto piece : plain.all()) out.insert(out.end(), piece.begin(), piece.end());
    return out;
  }
  std::string text(std::span<const std::byte> wire) { return as_text(open(wire)); }

  // What goes on the wire, with what was to be said before.
  RecordBytes seal(std::span<const std::byte> plain) {
    const Framed laid_out = framed(plain, records.record_layout());
    std::span<const std::byte> wire;
    status = records.seal(laid_out.block(), plain.size(), wire);
    RecordBytes out = said();
    out.insert(out.end(), wire.begin(), wire.end());
    return out;
  }
  RecordBytes seal(std::string_view text) { return seal(std::as_bytes(std::span(text))); }

  RecordBytes said() { return std::exchange(output, {}); }

 private:
  RecordBytes rest_;
};

// The two face to face.
struct Facing {
  explicit Facing(const tls::RecordKeys& keys, const tls::RecordSettings& settings = {})
      : end(keys, settings), peer(keys) {}

  RecordEnd end;
  RecordPeer peer;
};

}  // namespace tunnel::test
