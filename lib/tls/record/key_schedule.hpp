// From the secrets that a handshake exports to the keys that protect records, by PSA.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "tls/protocol_version.hpp"
#include "tls/record/aead/aead.hpp"
#include "tls/secret.hpp"

namespace tunnel::tls {

enum class Hash { sha256, sha384 };

// What a suite means for records.
struct Suite {
  Version version = Version::tls13;
  Cipher cipher = Cipher::aes_256_gcm;
  Hash hash = Hash::sha384;
};

// By IANA's number; nothing for a suite that is not spoken here.
std::optional<Suite> suite_of(unsigned number);

struct TrafficKeys {
  Secret key;
  // The whole nonce mask; for AES-GCM in TLS 1.2 the first four bytes, the salt (RFC 5288 section
  // 3).
  std::array<std::byte, nonce_size> iv{};
};

// All give nothing where PSA refuses: no memory, or an algorithm that it was built without.

// RFC 8446 section 7.3.
std::optional<TrafficKeys> traffic_keys(const Suite& suite, const Secret& traffic_secret);
// The secret after a KeyUpdate (RFC 8446 section 7.2).
std::optional<Secret> next_traffic_secret(const Suite& suite, const Secret& traffic_secret);

struct KeyBlock {
  TrafficKeys client;
  TrafficKeys server;
};
// RFC 5246 section 6.3, RFC 5288 section 3, RFC 7905 section 2.
std::optional<KeyBlock> key_block(const Suite& suite, const Secret& master_secret,
                                  std::span<const std::byte, 32> client_random,
                                  std::span<const std::byte, 32> server_random);

}  // namespace tunnel::tls
