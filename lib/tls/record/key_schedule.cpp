// The end of the key schedule: what follows from a traffic secret or a master secret.
#include "tls/record/key_schedule.hpp"

#include <psa/crypto.h>

#include <algorithm>
#include <string_view>

namespace tunnel::tls {

namespace {

const std::uint8_t* raw(std::span<const std::byte> bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}
std::uint8_t* raw(std::span<std::byte> bytes) {
  return reinterpret_cast<std::uint8_t*>(bytes.data());
}
std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

psa_algorithm_t psa_hash(Hash hash) {
  return hash == Hash::sha256 ? PSA_ALG_SHA_256 : PSA_ALG_SHA_384;
}
std::size_t size_of(Hash hash) { return hash == Hash::sha256 ? 32 : 48; }

struct Input {
  psa_key_derivation_step_t step;
  std::span<const std::byte> bytes;
};

bool derive(psa_algorithm_t algorithm, std::initializer_list<Input> inputs,
            std::span<std::byte> out) {
  psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
  psa_status_t status = psa_key_derivation_setup(&operation, algorithm);
  for (const Input& input : inputs)
    if (status == PSA_SUCCESS)
      status = psa_key_derivation_input_bytes(&operation, input.step, raw(input.bytes),
                                              input.bytes.size());
  if (status == PSA_SUCCESS)
    status = psa_key_derivation_output_bytes(&operation, raw(out), out.size());
  psa_key_derivation_abort(&operation);
  return status == PSA_SUCCESS;
}

// HKDF-Expand-Label with an empty context (RFC 8446 section 7.1).
bool expand_label(Hash hash, const Secret& secret, std::string_view label,
                  std::span<std::byte> out) {
  static constexpr std::string_view prefix = "tls13 ";
  std::array<std::byte, 32> info{};
  std::size_t size = 0;
  const auto put = [&](std::size_t value) { info[size++] = static_cast<std::byte>(value); };
  put(out.size() >> 8);
  put(out.size());
  put(prefix.size() + label.size());
  for (const std::string_view part : {prefix, label})
    for (const char c : part) put(static_cast<unsigned char>(c));
  put(0);
  return derive(PSA_ALG_HKDF_EXPAND(psa_hash(hash)),
                {{PSA_KEY_DERIVATION_INPUT_SECRET, secret.bytes()},
                 {PSA_KEY_DERIVATION_INPUT_INFO, std::span(info).first(size)}},
                out);
}

}  // namespace

std::optional<Suite> suite_of(unsigned number) {
  switch (number) {
    case 0x1301:
      return Suite{Version::tls13, Cipher::aes_128_gcm, Hash::sha256};
    case 0x1302:
      return Suite{Version::tls13, Cipher::aes_256_gcm, Hash::sha384};
    case 0x1303:
      return Suite{Version::tls13, Cipher::chacha20_poly1305, Hash::sha256};
    case 0xc02b:  // ECDHE_ECDSA
    case 0xc02f:  // ECDHE_RSA
      return Suite{Version::tls12, Cipher::aes_128_gcm, Hash::sha256};
    case 0xc02c:
    case 0xc030:
      return Suite{Version::tls12, Cipher::aes_256_gcm, Hash::sha384};
    case 0xcca9:
    case 0xcca8:
      return Suite{Version::tls12, Cipher::chacha20_poly1305, Hash::sha256};
    default:
      return std::nullopt;
  }
}

std::optional<TrafficKeys> traffic_keys(const Suite& suite, const Secret& traffic_secret) {
  TrafficKeys out{Secret(key_size(suite.cipher)), {}};
  if (!expand_label(suite.hash, traffic_secret, "key", out.key.bytes()) ||
      !expand_label(suite.hash, traffic_secret, "iv", out.iv))
    return std::nullopt;
  return out;
}

std::optional<Secret> next_traffic_secret(const Suite& suite, const Secret& traffic_secret) {
  Secret out(size_of(suite.hash));
  if (!expand_label(suite.hash, traffic_secret, "traffic upd", out.bytes())) return std::nullopt;
  return out;
}

std::optional<KeyBlock> key_block(const Suite& suite, const Secret& master_secret,
                                  std::span<const std::byte, 32> client_random,
                                  std::span<const std::byte, 32> server_random) {
  std::array<std::byte, 64> seed{};
  std::copy(server_random.begin(), server_random.end(), seed.begin());
  std::copy(client_random.begin(), client_random.end(), seed.begin() + 32);

  const std::size_t key = key_size(suite.cipher);
  const std::size_t iv = suite.cipher == Cipher::chacha20_poly1305 ? nonce_size : 4;
  std::array<std::byte, 2 * (32 + nonce_size)> block{};
  const auto used = std::span(block).first(2 * (key + iv));
  std::optional<KeyBlock> out;
  if (derive(PSA_ALG_TLS12_PRF(psa_hash(suite.hash)),
             {{PSA_KEY_DERIVATION_INPUT_SEED, seed},
              {PSA_KEY_DERIVATION_INPUT_SECRET, master_secret.bytes()},
              {PSA_KEY_DERIVATION_INPUT_LABEL, bytes_of("key expansion")}},
             used)) {
    out.emplace();
    out->client.key = Secret(used.first(key));
    out->server.key = Secret(used.subspan(key, key));
    std::copy_n(used.begin() + static_cast<std::ptrdiff_t>(2 * key), iv, out->client.iv.begin());
    std::copy_n(used.begin() + static_cast<std::ptrdiff_t>(2 * key + iv), iv,
                out->server.iv.begin());
  }
  mbedtls_platform_zeroize(block.data(), block.size());
  return out;
}

}  // namespace tunnel::tls
