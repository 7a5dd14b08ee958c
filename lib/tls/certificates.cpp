// Loading certificates and keys.
#include "tls/certificates.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
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

namespace {

// Calls `visit` with the type and the bytes of each name of the subjectAltName that can be read.
template <typename Visit>
void for_each_alternative_name(const mbedtls_x509_crt& certificate, Visit visit) {
  if (mbedtls_x509_crt_has_ext_type(&certificate, MBEDTLS_X509_EXT_SUBJECT_ALT_NAME) == 0) return;
  for (const auto* item = &certificate.subject_alt_names; item != nullptr; item = item->next) {
    mbedtls_x509_subject_alternative_name san{};
    if (item->buf.p == nullptr || mbedtls_x509_parse_subject_alt_name(&item->buf, &san) != 0)
      continue;
    if (san.type == MBEDTLS_X509_SAN_DNS_NAME || san.type == MBEDTLS_X509_SAN_IP_ADDRESS) {
      const auto& bytes = san.san.unstructured_name;
      visit(san.type, std::vector<std::uint8_t>(bytes.p, bytes.p + bytes.len));
    }
    mbedtls_x509_free_subject_alt_name(&san);
  }
}

std::string address_text(const std::vector<std::uint8_t>& bytes) {
  if (bytes.size() == 4) return fmt::format("{}", fmt::join(bytes, "."));
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    out += fmt::format("{}{:02x}", i > 0 && i % 2 == 0 ? ":" : "", bytes[i]);
  return out;
}

}  // namespace

bool is_for(const mbedtls_x509_crt& certificate, bool client) {
  return client ? mbedtls_x509_crt_check_extended_key_usage(
                      &certificate, MBEDTLS_OID_CLIENT_AUTH,
                      MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH)) == 0
                : mbedtls_x509_crt_check_extended_key_usage(
                      &certificate, MBEDTLS_OID_SERVER_AUTH,
                      MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)) == 0;
}

bool has_address(const mbedtls_x509_crt& certificate, const std::vector<std::uint8_t>& address) {
  bool found = false;
  for_each_alternative_name(certificate, [&](int type, const std::vector<std::uint8_t>& bytes) {
    if (type == MBEDTLS_X509_SAN_IP_ADDRESS && bytes == address) found = true;
  });
  return found;
}

std::vector<std::string> names_of(const mbedtls_x509_crt& certificate) {
  std::vector<std::string> names;
  for_each_alternative_name(certificate, [&](int type, const std::vector<std::uint8_t>& bytes) {
    names.push_back(type == MBEDTLS_X509_SAN_DNS_NAME
                        ? escaped({reinterpret_cast<const char*>(bytes.data()), bytes.size()})
                        : address_text(bytes));
  });
  return names;
}

}  // namespace tunnel::tls
