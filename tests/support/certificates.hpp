// Certificates and keys made on the spot, of every good and bad kind.
#pragma once

#include <mbedtls/asn1.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>

#include <array>
#include <list>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "x509/pk_compat.hpp"

namespace tunnel::test {

inline void require_zero(int code, const char* what) {
  if (code != 0) throw std::runtime_error(std::string(what) + " gave " + std::to_string(code));
}

// A private key: P-256, or RSA.
class Key {
 public:
  enum class Kind { p256, p384, rsa1024, rsa2048 };

  explicit Key(Kind kind = Kind::p256) {
    mbedtls_pk_init(&pk_);
    require_zero(psa_crypto_init(), "psa_crypto_init");
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    if (kind == Kind::rsa1024 || kind == Kind::rsa2048) {
      psa_set_key_type(&attributes, PSA_KEY_TYPE_RSA_KEY_PAIR);
      psa_set_key_bits(&attributes, kind == Kind::rsa1024 ? 1024 : 2048);
      psa_set_key_algorithm(&attributes, PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256));
    } else {
      psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
      psa_set_key_bits(&attributes, kind == Kind::p256 ? 256 : 384);
      psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    }
    psa_set_key_usage_flags(&attributes,
                            PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_EXPORT | PSA_KEY_USAGE_COPY);
    psa_key_id_t id = PSA_KEY_ID_NULL;
    require_zero(psa_generate_key(&attributes, &id), "psa_generate_key");
    const int copied = mbedtls_pk_copy_from_psa(id, &pk_);
    psa_destroy_key(id);
    require_zero(copied, "mbedtls_pk_copy_from_psa");
  }
  ~Key() { mbedtls_pk_free(&pk_); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  // mbedTLS's writers take it as non-const, and do not change it.
  mbedtls_pk_context* pk() const { return &pk_; }

  std::string pem() const {
    std::array<unsigned char, 4096> text{};
    require_zero(mbedtls_pk_write_key_pem(&pk_, text.data(), text.size()), "write_key_pem");
    return reinterpret_cast<const char*>(text.data());
  }

 private:
  mutable mbedtls_pk_context pk_;
};

// An extension as it is to be written: `oid` without tag and length, `value` in DER.
struct RawExtension {
  std::string oid;
  std::string value;
  bool critical = false;
};

struct Certificate {
  std::string pem;
  std::string subject;
  std::shared_ptr<const Key> key;
};

// What a certificate is to say.
struct Wish {
  std::string subject = "CN=relay.example";
  std::vector<std::string> names = {};                     // dNSName
  std::vector<std::vector<unsigned char>> addresses = {};  // iPAddress: 4 or 16 bytes
  bool authority = false;
  std::string from = "20200101000000";
  std::string until = "20991231235959";
  // usual: for servers, and an authority's own certificate says nothing
  enum class Usage { usual, none, servers, clients } usage = Usage::usual;
  Key::Kind kind = Key::Kind::p256;
  mbedtls_md_type_t digest = MBEDTLS_MD_SHA256;
  std::vector<RawExtension> extensions = {};
  int path_length = -1;    // of an authority: how many may follow below it; -1: as many as like
  unsigned key_usage = 0;  // MBEDTLS_X509_KU_...; 0: what an authority needs, nothing for others
  bool version_3 = true;   // false: version 1, which has no extensions
  bool basic_constraints = true;
  std::shared_ptr<const Key> key = nullptr;  // nothing: a new one
};

// Signed by `issuer`, or by its own key.
inline Certificate make_certificate(const Wish& wish, const Certificate* issuer = nullptr) {
  Certificate out{{}, wish.subject, wish.key ? wish.key : std::make_shared<Key>(wish.kind)};
  const Certificate& signer = issuer != nullptr ? *issuer : out;
  struct Writer {
    Writer() { mbedtls_x509write_crt_init(&crt); }
    ~Writer() { mbedtls_x509write_crt_free(&crt); }
    mbedtls_x509write_cert crt;
  } writer;
  mbedtls_x509write_cert* const crt = &writer.crt;

  std::array<unsigned char, 16> serial{};
  x509::random_bytes(nullptr, serial.data(), serial.size());
  serial[0] = 1;
  mbedtls_x509write_crt_set_version(
      crt, wish.version_3 ? MBEDTLS_X509_CRT_VERSION_3 : MBEDTLS_X509_CRT_VERSION_1);
  mbedtls_x509write_crt_set_md_alg(crt, wish.digest);
  mbedtls_x509write_crt_set_subject_key(crt, out.key->pk());
  mbedtls_x509write_crt_set_issuer_key(crt, signer.key->pk());
  require_zero(mbedtls_x509write_crt_set_serial_raw(crt, serial.data(), serial.size()), "serial");
  if (!wish.subject.empty())
    require_zero(mbedtls_x509write_crt_set_subject_name(crt, wish.subject.c_str()), "subject");
  require_zero(mbedtls_x509write_crt_set_issuer_name(crt, signer.subject.c_str()), "issuer");
  require_zero(mbedtls_x509write_crt_set_validity(crt, wish.from.c_str(), wish.until.c_str()),
               "validity");
  if (wish.basic_constraints)
    require_zero(
        mbedtls_x509write_crt_set_basic_constraints(crt, wish.authority ? 1 : 0, wish.path_length),
        "basic constraints");
  unsigned key_usage = wish.key_usage;
  if (key_usage == 0 && wish.authority)
    key_usage = MBEDTLS_X509_KU_KEY_CERT_SIGN | MBEDTLS_X509_KU_CRL_SIGN;
  if (key_usage != 0)
    require_zero(mbedtls_x509write_crt_set_key_usage(crt, key_usage), "key usage");
  for (const RawExtension& extension : wish.extensions)
    require_zero(
        mbedtls_x509write_crt_set_extension(
            crt, extension.oid.data(), extension.oid.size(), extension.critical ? 1 : 0,
            reinterpret_cast<const unsigned char*>(extension.value.data()), extension.value.size()),
        "extension");

  std::list<mbedtls_x509_san_list> alternatives;
  const auto add = [&](int type, const void* bytes, std::size_t size) {
    mbedtls_x509_san_list item{};
    item.node.type = type;
    item.node.san.unstructured_name.p =
        static_cast<unsigned char*>(const_cast<void*>(bytes));  // only read
    item.node.san.unstructured_name.len = size;
    alternatives.push_front(item);
    if (alternatives.size() > 1) alternatives.front().next = &*std::next(alternatives.begin());
  };
  // mbedTLS writes them from the last to the first
  for (const auto& name : wish.names) add(MBEDTLS_X509_SAN_DNS_NAME, name.data(), name.size());
  for (const auto& name : wish.addresses)
    add(MBEDTLS_X509_SAN_IP_ADDRESS, name.data(), name.size());
  if (!alternatives.empty())
    require_zero(mbedtls_x509write_crt_set_subject_alternative_name(crt, &alternatives.front()),
                 "alternative names");

  if (wish.usage != Wish::Usage::none && !(wish.usage == Wish::Usage::usual && wish.authority)) {
    // id-kp-serverAuth and id-kp-clientAuth (RFC 5280 section 4.2.1.12)
    std::array<unsigned char, 8> oid = {0x2b, 6, 1, 5, 5, 7, 3, 1};
    if (wish.usage == Wish::Usage::clients) oid[7] = 2;
    mbedtls_asn1_sequence usage{};
    usage.buf.tag = MBEDTLS_ASN1_OID;
    usage.buf.p = oid.data();
    usage.buf.len = oid.size();
    require_zero(mbedtls_x509write_crt_set_ext_key_usage(crt, &usage), "extended key usage");
  }

  std::array<unsigned char, 8192> text{};
  require_zero(x509::write_pem(*crt, text), "certificate");
  out.pem = reinterpret_cast<const char*>(text.data());
  return out;
}

}  // namespace tunnel::test
