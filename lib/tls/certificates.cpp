// Loading certificates and keys.
#include "tls/certificates.hpp"

#include <fmt/format.h>
#include <mbedtls/error.h>
#include <mbedtls/oid.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/x509.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/text.hpp"
#include "tls/error.hpp"
#include "tls/names.hpp"
#include "tls/random.hpp"

namespace tunnel::tls {

namespace {

namespace fs = std::filesystem;

// The bytes of a file and the NUL that mbedTLS's PEM parsers want; wiped on release.
struct FileBytes {
  std::string bytes;

  explicit FileBytes(std::string content) : bytes(std::move(content)) {}
  FileBytes(FileBytes&& other) noexcept : bytes(std::move(other.bytes)) {}
  ~FileBytes() { mbedtls_platform_zeroize(bytes.data(), bytes.size()); }

  const unsigned char* data() const {
    return reinterpret_cast<const unsigned char*>(bytes.c_str());
  }
  bool is_pem() const { return bytes.find("-----BEGIN ") != bytes.npos; }
  // with the NUL for PEM, without for DER
  std::size_t size() const { return bytes.size() + (is_pem() ? 1 : 0); }
};

std::optional<FileBytes> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = file.tellg();
  if (!file || size < 0) return std::nullopt;
  FileBytes out(std::string(static_cast<std::size_t>(size), '\0'));
  file.seekg(0);
  file.read(out.bytes.data(), size);
  if (!file) return std::nullopt;
  return out;
}

}  // namespace

Result<std::shared_ptr<Certificates>> load_chain(const fs::path& path) {
  const auto file = read_file(path);
  if (!file)
    return Error{fmt::format("{} cannot be read", one_line(path.string())),
                 "check who may read it and its folders"};
  auto out = std::make_shared<Certificates>();
  const int ret = mbedtls_x509_crt_parse(&out->chain, file->data(), file->size());
  if (ret == 0) return out;
  if (ret > 0)
    return Error{
        fmt::format("{} of the certificates in {} cannot be read", ret, one_line(path.string())),
        "the file must hold the leaf first, then the chain, in PEM"};
  if (file->bytes.find("PRIVATE KEY-----") != std::string::npos)
    return Error{fmt::format("{} holds a private key, not a certificate", one_line(path.string())),
                 "are cert and key swapped?"};
  return Error{fmt::format("{} holds no certificate ({})", one_line(path.string()), code_text(ret)),
               "it must be PEM, with -----BEGIN CERTIFICATE-----"};
}

Result<std::shared_ptr<PrivateKey>> load_key(const fs::path& path) {
  const auto file = read_file(path);
  if (!file)
    return Error{fmt::format("{} cannot be read", one_line(path.string())),
                 "check who may read it and its folders"};
  auto out = std::make_shared<PrivateKey>();
#if MBEDTLS_VERSION_MAJOR >= 4
  const int ret = mbedtls_pk_parse_key(&out->key, file->data(), file->size(), nullptr, 0);
#else
  const int ret = mbedtls_pk_parse_key(&out->key, file->data(), file->size(), nullptr, 0,
                                       random_bytes, nullptr);
#endif
  if (ret == 0) return out;
  if (file->bytes.find("ENCRYPTED") != std::string::npos)
    return Error{fmt::format("the key in {} is encrypted, and encrypted keys cannot be used",
                             one_line(path.string())),
                 fmt::format("write it without a password: openssl pkey -in {} -out plain.key",
                             one_line(path.string()))};
  if (file->bytes.find("-----BEGIN CERTIFICATE-----") != std::string::npos)
    return Error{fmt::format("{} holds a certificate, not a private key", one_line(path.string())),
                 "are cert and key swapped?"};
  return Error{fmt::format("{} holds no private key that can be used ({})", one_line(path.string()),
                           code_text(ret)),
               "it must be PEM, EC (P-256 or P-384) or RSA"};
}

Result<std::monostate> check_pair(const Certificates& certificates, const PrivateKey& key) {
  const auto matches = [&](const mbedtls_x509_crt& certificate) {
#if MBEDTLS_VERSION_MAJOR >= 4
    return mbedtls_pk_check_pair(&certificate.pk, &key.key) == 0;
#else
    return mbedtls_pk_check_pair(&certificate.pk, &key.key, random_bytes, nullptr) == 0;
#endif
  };
  if (matches(certificates.chain)) return std::monostate{};
  for (const auto* other = certificates.chain.next; other != nullptr; other = other->next)
    if (matches(*other))
      return Error{"the key belongs to a certificate that is not the first of its file",
                   "put the leaf first, then the chain"};
  return Error{"the key does not belong to the certificate",
               "name the key that the certificate was made with"};
}

bool is_for(const mbedtls_x509_crt& certificate, bool client) {
  return client ? mbedtls_x509_crt_check_extended_key_usage(
                      &certificate, MBEDTLS_OID_CLIENT_AUTH,
                      MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH)) == 0
                : mbedtls_x509_crt_check_extended_key_usage(
                      &certificate, MBEDTLS_OID_SERVER_AUTH,
                      MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)) == 0;
}

std::vector<std::string> names_of(const mbedtls_x509_crt& certificate) {
  const AlternativeNames alternative = alternative_names(certificate);
  std::vector<std::string> names;
  for (const std::string& name : alternative.dns) names.push_back(escaped(name));
  for (const std::string& address : alternative.addresses) names.push_back(address_text(address));
  return names;
}

}  // namespace tunnel::tls
