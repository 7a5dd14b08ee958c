// Telling files apart that hold something else than is wanted.
#include "x509/file_kind.hpp"

#include <fmt/format.h>
#include <mbedtls/pk.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "x509/der.hpp"
#include "x509/pem.hpp"

namespace tunnel::x509 {

namespace {

enum class Kind {
  empty,
  utf16,
  web_page,
  json,
  java_key_store,
  putty_key,
  openssh_key,
  openssh_public_key,
  pgp,
  pkcs12,
  pkcs7,
  trusted_certificate,
  old_certificate,  // "X509 CERTIFICATE"
  request,
  public_key,
  parameters,
  private_key,
  certificate,
  revocation_list,
  bare_base64,
  unknown,
};

constexpr std::string_view begin = "-----BEGIN ";

// The labels of all blocks, each with the kind that it stands for; the first that is there counts.
constexpr std::pair<std::string_view, Kind> labels[] = {
    {"CERTIFICATE-----", Kind::certificate},
    {"TRUSTED CERTIFICATE-----", Kind::trusted_certificate},
    {"X509 CERTIFICATE-----", Kind::old_certificate},
    {"PKCS7-----", Kind::pkcs7},
    {"CMS-----", Kind::pkcs7},
    {"PKCS #7 SIGNED DATA-----", Kind::pkcs7},
    {"CERTIFICATE REQUEST-----", Kind::request},
    {"NEW CERTIFICATE REQUEST-----", Kind::request},
    {"X509 CRL-----", Kind::revocation_list},
    {"OPENSSH PRIVATE KEY-----", Kind::openssh_key},
    {"PRIVATE KEY-----", Kind::private_key},
    {"ENCRYPTED PRIVATE KEY-----", Kind::private_key},
    {"EC PRIVATE KEY-----", Kind::private_key},
    {"RSA PRIVATE KEY-----", Kind::private_key},
    {"DSA PRIVATE KEY-----", Kind::private_key},
    {"PUBLIC KEY-----", Kind::public_key},
    {"RSA PUBLIC KEY-----", Kind::public_key},
    {"DH PARAMETERS-----", Kind::parameters},
    {"EC PARAMETERS-----", Kind::parameters},
    {"PGP ", Kind::pgp},
};

std::optional<Kind> kind_of_pem(std::string_view text) {
  if (text.find("---- BEGIN SSH2 PUBLIC KEY ----") != text.npos) return Kind::openssh_public_key;
  bool parameters = false;
  for (std::size_t at = text.find(begin); at != text.npos; at = text.find(begin, at + 1)) {
    const std::string_view label = text.substr(at + begin.size());
    for (const auto& [prefix, kind] : labels) {
      if (!label.starts_with(prefix)) continue;
      // they stand before many keys
      if (kind != Kind::parameters) return kind;
      parameters = true;
    }
  }
  return parameters ? std::optional(Kind::parameters) : std::nullopt;
}

bool begins_with(std::string_view bytes, std::initializer_list<unsigned char> with) {
  return bytes.size() >= with.size() &&
         std::equal(with.begin(), with.end(), bytes.begin(),
                    [](unsigned char a, char b) { return a == static_cast<unsigned char>(b); });
}

// What stands inside the outer SEQUENCE tells them apart.
std::optional<Kind> kind_of_der(std::string_view bytes) {
  const auto outer = take_der(bytes, der_sequence);
  if (!outer) return std::nullopt;
  std::string_view rest = *outer;
  if (begins_with(rest, {0x02, 0x01, 0x03, 0x30})) return Kind::pkcs12;
  constexpr std::string_view signed_data("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 11);
  if (rest.starts_with(signed_data)) return Kind::pkcs7;
  if (begins_with(rest, {0x02, 0x01, 0x00}) || begins_with(rest, {0x02, 0x01, 0x01, 0x04}))
    return Kind::private_key;
  const auto inner = take_der(rest, der_sequence);
  if (!inner) return std::nullopt;
  if (begins_with(*inner, {0xa0, 0x03, 0x02, 0x01})) return Kind::certificate;
  if (begins_with(*inner, {0x02, 0x01, 0x00, 0x30})) return Kind::request;
  if (begins_with(*inner, {0x02, 0x01, 0x01, 0x30})) return Kind::revocation_list;
  // an algorithm, and then the key: encrypted, or public
  if (begins_with(*inner, {0x06}))
    return next_tag(rest) == MBEDTLS_ASN1_BIT_STRING ? Kind::public_key : Kind::private_key;
  return std::nullopt;
}

bool is_base64_line(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/';
  });
}

Kind kind_of(std::string_view bytes) {
  if (bytes.find_first_not_of(" \t\r\n") == bytes.npos) return Kind::empty;
  if (begins_with(bytes, {0xff, 0xfe}) || begins_with(bytes, {0xfe, 0xff}) ||
      begins_with(bytes, {'-', 0, '-', 0}) || begins_with(bytes, {0, '-', 0, '-'}))
    return Kind::utf16;
  if (begins_with(bytes, {0xfe, 0xed, 0xfe, 0xed})) return Kind::java_key_store;
  if (const auto kind = kind_of_pem(bytes)) return *kind;
  if (const auto kind = kind_of_der(bytes)) return *kind;
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
  const std::string start = lower_case(bytes.substr(0, 64));
  if (start.starts_with("<!doctype html") || start.starts_with("<html") ||
      start.starts_with("<?xml"))
    return Kind::web_page;
  if (start.starts_with("{")) return Kind::json;
  if (start.starts_with("putty-user-key-file")) return Kind::putty_key;
  if (start.starts_with("ssh-") || start.starts_with("ecdsa-sha2-"))
    return Kind::openssh_public_key;
  // a SEQUENCE of 256 bytes or more; a key's bytes are not decoded for this
  if (start.starts_with("mi") && start.size() == 64 && is_base64_line(start))
    return Kind::bare_base64;
  return Kind::unknown;
}

std::string_view name_of(Wanted wanted) {
  switch (wanted) {
    case Wanted::key:
      return "private key";
    case Wanted::revocation_list:
      return "list of revoked certificates";
    default:
      return "certificate";
  }
}

std::string needed(Wanted wanted) {
  switch (wanted) {
    case Wanted::key:
      return "it must be PEM or DER, EC (P-256 or P-384) or RSA";
    case Wanted::revocation_list:
      return "it must be PEM, with -----BEGIN X509 CRL-----, or DER";
    default:
      return "it must be PEM, with -----BEGIN CERTIFICATE-----, or DER";
  }
}

// The first Ed25519 or the like in a file of certificates or keys.
std::string_view unsupported_in(std::string_view bytes, Kind kind) {
  if (bytes.find(begin) == bytes.npos) return unsupported_kind(bytes);
  if (kind == Kind::certificate) {
    for (const std::string& der : certificates_in(bytes))
      if (const auto found = unsupported_kind(der); !found.empty()) return found;
    return "";
  }
  // PKCS #8 has its algorithm at a place where base64 always looks the same; the key is a secret,
  // and not decoded for this
  if (bytes.find("BQYDK2Vw") != bytes.npos) return "Ed25519";
  if (bytes.find("BQYDK2Vx") != bytes.npos) return "Ed448";
  if (bytes.find("-----BEGIN DSA PRIVATE KEY-----") != bytes.npos) return "DSA";
  return "";
}

// A key isn't decoded for this.
bool is_damaged(std::string_view bytes, Wanted wanted) {
  if (wanted == Wanted::key) return true;
  if (bytes.find(begin) == bytes.npos) return !is_well_formed(bytes);
  const auto found = certificates_in(bytes);
  return found.empty() ||
         !std::ranges::all_of(found, [](const std::string& der) { return is_well_formed(der); });
}

Error explain_own_kind(std::string_view bytes, const std::string& path, Wanted wanted, Kind kind,
                       int code) {
  const std::string_view name = name_of(wanted);
  if (wanted == Wanted::revocation_list)
    return {fmt::format("the list of revoked certificates in {} cannot be read", path),
            "fetch it from the authority again"};
  const std::string hint =
      wanted == Wanted::authority
          ? "only certificates with EC (P-256 or P-384) or RSA keys and signatures can be checked"
          : "use EC (P-256 or P-384) or RSA; tunnel keygen NAME makes a pair";
  if (const auto unsupported = unsupported_in(bytes, kind); !unsupported.empty())
    return {fmt::format("the {} in {} is {}, which is not supported", name, path, unsupported),
            hint};
  if (code == MBEDTLS_ERR_PK_UNKNOWN_NAMED_CURVE || code == MBEDTLS_ERR_PK_UNKNOWN_PK_ALG)
    return {fmt::format("the {} in {} has {} that is not supported", name, path,
                        code == MBEDTLS_ERR_PK_UNKNOWN_PK_ALG ? "a kind of key" : "a curve"),
            hint};
  if (!is_damaged(bytes, wanted))
    return {fmt::format("the {} in {} has a form that is not supported", name, path), hint};
  return {fmt::format("the {} in {} is damaged", name, path),
          bytes.find(begin) == bytes.npos
              ? "get the file again"
              : "get the file again; it must be whole, from its -----BEGIN line to its -----END "
                "line"};
}

// What to do with a file that has something of everything in it.
std::string convert_pkcs12(const std::string& word, Wanted wanted) {
  if (wanted == Wanted::key)
    return fmt::format("convert it: openssl pkcs12 -in {} -nocerts -nodes -out key.pem", word);
  return fmt::format("convert it: openssl pkcs12 -in {} -nokeys -out cert.pem{}", word,
                     wanted == Wanted::certificate
                         ? fmt::format(", and the key: openssl pkcs12 -in {} -nocerts -nodes -out "
                                       "key.pem",
                                       word)
                         : "");
}

Error explain_other_kind(const std::string& path, Wanted wanted, Kind kind) {
  const bool key = wanted == Wanted::key;
  const std::string word = shell_word(path);
  const auto holds = [&](std::string_view what, std::string hint) {
    return Error{fmt::format("{} holds {}, not a {}", path, what, name_of(wanted)),
                 std::move(hint)};
  };
  const std::string another = fmt::format("name the file of the {}", name_of(wanted));
  switch (kind) {
    case Kind::pkcs12:
      return {fmt::format("{} is PKCS#12 (.p12, .pfx), which is not read", path),
              convert_pkcs12(word, wanted)};
    case Kind::pkcs7:
      if (key) return holds("certificates in PKCS#7 (.p7b)", another);
      return {fmt::format("{} is PKCS#7 (.p7b, .p7c), which is not read", path),
              fmt::format("convert it: openssl pkcs7 -in {} -print_certs -out cert.pem (add "
                          "-inform DER if it is binary)",
                          word)};
    case Kind::trusted_certificate:
    case Kind::old_certificate:
      if (key) return holds("a certificate", "are cert and key swapped?");
      return {fmt::format("{} is a {}, which is not read", path,
                          kind == Kind::old_certificate ? "X509 CERTIFICATE, an old form of PEM"
                                                        : "TRUSTED CERTIFICATE of OpenSSL"),
              fmt::format("convert it: openssl x509 -in {} -out cert.pem", word)};
    case Kind::openssh_key:
      if (!key) return holds("an OpenSSH private key", another);
      return {fmt::format("{} is a key of OpenSSH, which is not read", path),
              fmt::format("convert a copy of it (EC or RSA): ssh-keygen -p -m PKCS8 -f COPY")};
    case Kind::putty_key:
      if (!key) return holds("a PuTTY private key", another);
      return {
          fmt::format("{} is a key of PuTTY, which is not read", path),
          fmt::format("convert it (EC or RSA): puttygen {} -O private-openssh -o key.pem", word)};
    case Kind::request:
      return holds("a certificate signing request (CSR)",
                   key ? another
                       : "name the certificate that the authority has made from it; tunnel keygen "
                         "NAME makes one that needs no authority");
    case Kind::certificate:
      return holds("a certificate", key ? "are cert and key swapped?" : another);
    case Kind::private_key:
      return holds("a private key",
                   wanted == Wanted::certificate ? "are cert and key swapped?" : another);
    default:
      return holds(kind == Kind::revocation_list ? "a list of revoked certificates (CRL)"
                   : kind == Kind::public_key || kind == Kind::openssh_public_key ? "a public key"
                   : kind == Kind::pgp ? "something of PGP"
                                       : "parameters",
                   another);
  }
}

}  // namespace

std::string_view unsupported_kind(std::string_view der) {
  using namespace std::string_view_literals;
  static constexpr std::pair<std::string_view, std::string_view> kinds[] = {
      {"\x06\x03\x2b\x65\x70"sv, "Ed25519"},
      {"\x06\x03\x2b\x65\x71"sv, "Ed448"},
      {"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x11"sv, "ML-DSA-44"},
      {"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x12"sv, "ML-DSA-65"},
      {"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x13"sv, "ML-DSA-87"},
      {"\x06\x07\x2a\x86\x48\xce\x38\x04\x01"sv, "DSA"},
      {"\x06\x05\x2b\x81\x04\x00\x0a"sv, "EC on secp256k1"},
      {"\x06\x05\x2b\x81\x04\x00\x21"sv, "EC on P-224"},
      {"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x01"sv, "EC on P-192"},
      {"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01"sv, "EC on a Brainpool curve"},
  };
  for (const auto& [oid, name] : kinds)
    if (der.find(oid) != der.npos) return name;
  return "";
}

Error explain_file(std::string_view bytes, const std::string& path, Wanted wanted, int code) {
  const Kind kind = kind_of(bytes);
  switch (kind) {
    case Kind::empty:
      return {fmt::format("{} is empty", path), needed(wanted)};
    case Kind::utf16:
      return {fmt::format("{} is text in UTF-16, as PowerShell writes it", path),
              fmt::format("save it as UTF-8: iconv -f UTF-16 -t UTF-8 {} > new.pem, or in "
                          "PowerShell: Get-Content {} | Set-Content -Encoding ascii new.pem",
                          shell_word(path), shell_word(path))};
    case Kind::web_page:
      return {fmt::format("{} holds a web page (HTML), not a {}", path, name_of(wanted)),
              "open it in a browser to see why, and download the file itself"};
    case Kind::json:
      return {fmt::format("{} holds JSON, not a {}", path, name_of(wanted)), needed(wanted)};
    case Kind::java_key_store:
      return {fmt::format("{} is a Java key store, which is not read", path),
              fmt::format("convert it: keytool -importkeystore -srckeystore {} -destkeystore "
                          "new.p12 -deststoretype pkcs12, and that with openssl pkcs12",
                          shell_word(path))};
    case Kind::bare_base64:
      return {fmt::format("{} is base64 without its -----BEGIN and -----END lines", path),
              needed(wanted)};
    case Kind::unknown:
      return {fmt::format("{} holds no {} that can be {}", path, name_of(wanted),
                          wanted == Wanted::key ? "used" : "read"),
              needed(wanted)};
    default:
      break;
  }
  const bool own = wanted == Wanted::key               ? kind == Kind::private_key
                   : wanted == Wanted::revocation_list ? kind == Kind::revocation_list
                                                       : kind == Kind::certificate;
  return own ? explain_own_kind(bytes, path, wanted, kind, code)
             : explain_other_kind(path, wanted, kind);
}

}  // namespace tunnel::x509
