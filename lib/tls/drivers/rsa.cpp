// From DER to AWS-LC's keys, the last few of which are kept.
#include "tls/drivers/rsa.hpp"

#include <openssl/digest.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>

namespace tunnel::tls::rsa {

namespace {

constexpr int salt_of_digest = -1;
constexpr int any_salt = -2;

using Key = std::shared_ptr<RSA>;

Key owned(RSA* key) {
  ERR_clear_error();
  return {key, RSA_free};
}

const EVP_MD* digest_of(Hash hash) {
  switch (hash) {
    case Hash::sha256:
      return EVP_sha256();
    case Hash::sha384:
      return EVP_sha384();
    case Hash::sha512:
      break;
  }
  return EVP_sha512();
}

// Own keys, so that not every signature has to parse one and prepare its blinding. A process has
// few; which one it is, is told by the hash of its DER.
class KnownKeys {
 public:
  Key find_or_parse(std::span<const std::uint8_t> der) {
    Name name;
    SHA256(der.data(), der.size(), name.data());
    const std::lock_guard lock(mutex_);
    for (const Entry& entry : entries_)
      if (entry.key && entry.name == name) return entry.key;
    Key key = owned(RSA_private_key_from_bytes(der.data(), der.size()));
    if (!key) return nullptr;
    entries_[next_] = {name, key};
    next_ = (next_ + 1) % entries_.size();
    return key;
  }

 private:
  using Name = std::array<std::uint8_t, SHA256_DIGEST_LENGTH>;
  struct Entry {
    Name name{};
    Key key;
  };

  std::mutex mutex_;
  std::array<Entry, 8> entries_;
  std::size_t next_ = 0;
};

KnownKeys& known_keys() {
  static KnownKeys keys;
  return keys;
}

}  // namespace

Result sign(std::span<const std::uint8_t> private_key, Padding padding, Hash hash,
            std::span<const std::uint8_t> digest, std::span<std::uint8_t> out, std::size_t& size) {
  const Key key = known_keys().find_or_parse(private_key);
  if (!key || out.size() < RSA_size(key.get())) return Result::unsupported;
  const EVP_MD* md = digest_of(hash);
  bool good = false;
  if (padding == Padding::pkcs1) {
    unsigned length = 0;
    good = RSA_sign(EVP_MD_type(md), digest.data(), digest.size(), out.data(), &length,
                    key.get()) == 1;
    size = length;
  } else {
    good = RSA_sign_pss_mgf1(key.get(), &size, out.data(), out.size(), digest.data(), digest.size(),
                             md, md, salt_of_digest) == 1;
  }
  ERR_clear_error();
  return good ? Result::ok : Result::unsupported;
}

Result verify(std::span<const std::uint8_t> public_key, Padding padding, Hash hash,
              std::span<const std::uint8_t> digest, std::span<const std::uint8_t> signature) {
  const Key key = owned(RSA_public_key_from_bytes(public_key.data(), public_key.size()));
  if (!key) return Result::unsupported;
  const EVP_MD* md = digest_of(hash);
  bool good = false;
  if (padding == Padding::pkcs1) {
    good = RSA_verify(EVP_MD_type(md), digest.data(), digest.size(), signature.data(),
                      signature.size(), key.get()) == 1;
  } else {
    good = RSA_verify_pss_mgf1(key.get(), digest.data(), digest.size(), md, md,
                               padding == Padding::pss ? salt_of_digest : any_salt,
                               signature.data(), signature.size()) == 1;
  }
  ERR_clear_error();
  return good ? Result::ok : Result::wrong;
}

}  // namespace tunnel::tls::rsa
