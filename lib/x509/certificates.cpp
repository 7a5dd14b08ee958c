// Loading certificates and keys.
#include "x509/certificates.hpp"

#include <fmt/format.h>
#include <mbedtls/error.h>
#include <mbedtls/oid.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/x509.h>
#include <psa/crypto.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

#include "base/file.hpp"
#include "base/host.hpp"
#include "base/path.hpp"
#include "base/text.hpp"
#include "x509/file_kind.hpp"
#include "x509/names.hpp"
#include "x509/pem.hpp"
#include "x509/pk_compat.hpp"

namespace tunnel::x509 {

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

Result<FileBytes> file_bytes(const fs::path& path, const os::FileView& files) {
  auto bytes = files.read(path);
  if (!bytes) return files.why_unreadable(path).value_or(why_unreadable(path));
  return FileBytes(std::move(*bytes));
}

}  // namespace

void start_psa() {
  // a failure shows again in what needs PSA
  [[maybe_unused]] static const psa_status_t status = psa_crypto_init();
}

Result<std::shared_ptr<Certificates>> load_chain(const fs::path& path, const os::FileView& files) {
  const auto file = file_bytes(path, files);
  if (!file) return file.error();
  auto out = std::make_shared<Certificates>();
  const int ret = mbedtls_x509_crt_parse(&out->chain, file->data(), file->size());
  if (ret == 0) return out;
  if (ret <= 0) return explain_file(file->bytes, shown(path), Wanted::certificate, ret);
  for (const std::string& der : certificates_in(file->bytes))
    if (const auto kind = unsupported_kind(der); !kind.empty())
      return Error{fmt::format("{} of the certificates in {} cannot be read: {} is not supported",
                               ret, shown(path), kind),
                   "remove it from the file if the chain does not need it; else use EC (P-256 or "
                   "P-384) or RSA"};
  return Error{fmt::format("{} of the certificates in {} cannot be read", ret, shown(path)),
               "the file must hold the leaf first, then the chain, in PEM"};
}

namespace {

// Of PKCS #8 in PEM and in DER (PBES2, RFC 8018), and of the PEM that was before it (RFC 1421).
bool is_encrypted(const FileBytes& file) {
  if (file.is_pem()) return file.bytes.find("ENCRYPTED") != std::string::npos;
  constexpr std::string_view pbes2("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d", 9);
  constexpr std::size_t header = 24;
  return std::string_view(file.bytes).substr(0, header).find(pbes2) != std::string::npos;
}

Error why_no_key(const FileBytes& file, const std::string& path, int code, const Password* password,
                 const Wording& wording) {
  const bool encrypted = is_encrypted(file);
  if (encrypted && password == nullptr)
    return {fmt::format("the key in {} is encrypted, and its password is not there", path),
            wording.line(Setting::key_password_file, "...") + " names the file that holds it"};
  if (code == MBEDTLS_ERR_PK_PASSWORD_MISMATCH)
    return {fmt::format("the password does not open the key in {}", path),
            fmt::format("the first line of {} must be the password, and nothing else",
                        wording.name(Setting::key_password_file))};
  if (encrypted)
    return {fmt::format("the key in {} is encrypted in a way that is not known here, or the "
                        "password does not open it",
                        path),
            fmt::format("encrypt it afresh: openssl pkcs8 -topk8 -v2 aes-256-cbc -in {} -out "
                        "new.key",
                        path)};
  return explain_file(file.bytes, path, Wanted::key, code);
}

}  // namespace

Result<std::shared_ptr<PrivateKey>> load_key(const fs::path& path, const Password* password,
                                             const Wording& wording, const os::FileView& files) {
  const auto file = file_bytes(path, files);
  if (!file) return file.error();
  auto out = std::make_shared<PrivateKey>();
  const std::span<const unsigned char> secret =
      password != nullptr ? password->bytes() : std::span<const unsigned char>();
  const int ret = parse_key(out->key, {file->data(), file->size()}, secret);
  out->was_encrypted = is_encrypted(*file);
  if (ret == 0) return out;
  return why_no_key(*file, shown(path), ret, password, wording);
}

Result<std::monostate> check_pair(const Certificates& certificates, const PrivateKey& key) {
  const auto matches = [&](const mbedtls_x509_crt& certificate) {
    return compare_pair(certificate.pk, key.key) == 0;
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

}  // namespace tunnel::x509
