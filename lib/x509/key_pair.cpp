// Making a key and its self-signed certificate.
#include "x509/key_pair.hpp"

#include <fmt/format.h>
#include <mbedtls/asn1.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "base/host.hpp"
#include "base/text.hpp"
#include "x509/certificates.hpp"
#include "x509/library_error.hpp"
#include "x509/peer_certificate.hpp"
#include "x509/pk_compat.hpp"

namespace tunnel::x509 {

namespace {

constexpr std::size_t longest_common_name = 64;  // RFC 5280 appendix A.1
constexpr std::size_t longest_pem = 4096;

struct Writer {
  Writer() { mbedtls_x509write_crt_init(&crt); }
  ~Writer() { mbedtls_x509write_crt_free(&crt); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  mbedtls_x509write_cert crt;
};

Error failed(int code) {
  return {fmt::format("the TLS library made no key pair: {}", code_text(code)),
          "is there a working source of randomness?"};
}

int generate(mbedtls_pk_context& out) {
  psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
  psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
  psa_set_key_bits(&attributes, 256);
  psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
  psa_set_key_usage_flags(&attributes,
                          PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_EXPORT | PSA_KEY_USAGE_COPY);
  psa_key_id_t id = PSA_KEY_ID_NULL;
  if (const psa_status_t status = psa_crypto_init(); status != PSA_SUCCESS) return status;
  if (const psa_status_t status = psa_generate_key(&attributes, &id); status != PSA_SUCCESS)
    return status;
  const int ret = mbedtls_pk_copy_from_psa(id, &out);
  psa_destroy_key(id);
  return ret;
}

std::string date(std::chrono::sys_seconds time, const char* separator) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day ymd(day);
  return fmt::format("{:04}{}{:02}{}{:02}", int(ymd.year()), separator, unsigned(ymd.month()),
                     separator, unsigned(ymd.day()));
}

// 0, or the first error of the library.
int describe_holder(mbedtls_x509write_cert& crt, const std::string& name) {
  const std::string subject = "CN=" + name.substr(0, longest_common_name);
  if (const int ret = mbedtls_x509write_crt_set_subject_name(&crt, subject.c_str()); ret != 0)
    return ret;
  if (const int ret = mbedtls_x509write_crt_set_issuer_name(&crt, subject.c_str()); ret != 0)
    return ret;
  // it is only read
  std::string bytes = name;
  mbedtls_x509_san_list san{};
  san.node.type = MBEDTLS_X509_SAN_DNS_NAME;
  if (const auto address = address_bytes(name)) {
    san.node.type = MBEDTLS_X509_SAN_IP_ADDRESS;
    bytes.assign(address->begin(), address->end());
  }
  san.node.san.unstructured_name.p = reinterpret_cast<unsigned char*>(bytes.data());
  san.node.san.unstructured_name.len = bytes.size();
  return mbedtls_x509write_crt_set_subject_alternative_name(&crt, &san);
}

int limit_use(mbedtls_x509write_cert& crt) {
  if (const int ret = mbedtls_x509write_crt_set_basic_constraints(&crt, 0, -1); ret != 0)
    return ret;
  if (const int ret = mbedtls_x509write_crt_set_key_usage(&crt, MBEDTLS_X509_KU_DIGITAL_SIGNATURE);
      ret != 0)
    return ret;
  std::string server(MBEDTLS_OID_SERVER_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH));
  std::string client(MBEDTLS_OID_CLIENT_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH));
  const auto purpose = [](std::string& oid, mbedtls_asn1_sequence* next) {
    mbedtls_asn1_sequence out{};
    out.buf.tag = MBEDTLS_ASN1_OID;
    out.buf.p = reinterpret_cast<unsigned char*>(oid.data());
    out.buf.len = oid.size();
    out.next = next;
    return out;
  };
  mbedtls_asn1_sequence second = purpose(client, nullptr);
  mbedtls_asn1_sequence first = purpose(server, &second);
  return mbedtls_x509write_crt_set_ext_key_usage(&crt, &first);
}

int sign(mbedtls_x509write_cert& crt, mbedtls_pk_context& key, std::string& pem) {
  mbedtls_x509write_crt_set_version(&crt, MBEDTLS_X509_CRT_VERSION_3);
  mbedtls_x509write_crt_set_md_alg(&crt, MBEDTLS_MD_SHA256);
  mbedtls_x509write_crt_set_subject_key(&crt, &key);
  mbedtls_x509write_crt_set_issuer_key(&crt, &key);
  std::array<unsigned char, 16> serial{};
  if (const int ret = random_bytes(nullptr, serial.data(), serial.size()); ret != 0) return ret;
  serial[0] = static_cast<unsigned char>((serial[0] & 0x7f) | 0x40);  // positive, and of 16 bytes
  if (const int ret = mbedtls_x509write_crt_set_serial_raw(&crt, serial.data(), serial.size());
      ret != 0)
    return ret;
  pem.resize(longest_pem);
  const int ret = write_pem(crt, {reinterpret_cast<unsigned char*>(pem.data()), pem.size()});
  pem.resize(ret == 0 ? pem.find('\0') : 0);
  return ret;
}

}  // namespace

KeyPair::~KeyPair() { mbedtls_platform_zeroize(key.data(), key.size()); }

Result<std::monostate> check_name(std::string_view name) {
  if ((is_address(name) && name.find('%') == name.npos) || is_host_name(name))
    return std::monostate{};
  if (const std::string advice = international_name_advice(name); !advice.empty())
    return Error{advice, "tunnel keygen xn--..."};
  return Error{fmt::format("\"{}\" is neither a host name nor an address", escaped(name)),
               "name the machine, as in relay.example or laptop"};
}

Result<KeyPair> make_key_pair(const std::string& name, unsigned days) {
  if (auto good = check_name(name); !good) return good.error();
  PrivateKey key;
  if (const int ret = generate(key.key); ret != 0) return failed(ret);

  using namespace std::chrono;
  const auto now = floor<seconds>(system_clock::now());
  const auto end = now + std::chrono::days(days);
  const std::string midnight = "000000";
  Writer writer;
  if (const int ret = mbedtls_x509write_crt_set_validity(
          &writer.crt, (date(now - std::chrono::days(1), "") + midnight).c_str(),
          (date(end, "") + midnight).c_str());
      ret != 0)
    return failed(ret);
  if (const int ret = describe_holder(writer.crt, name); ret != 0) return failed(ret);
  if (const int ret = limit_use(writer.crt); ret != 0) return failed(ret);

  KeyPair out;
  if (const int ret = sign(writer.crt, key.key, out.certificate); ret != 0) return failed(ret);
  out.key.resize(longest_pem);
  if (const int ret = mbedtls_pk_write_key_pem(
          &key.key, reinterpret_cast<unsigned char*>(out.key.data()), out.key.size());
      ret != 0)
    return failed(ret);
  out.key.resize(out.key.find('\0'));
  out.not_after = date(end, "-");

  // what others will read
  Certificates read;
  if (const int ret = mbedtls_x509_crt_parse(
          &read.chain, reinterpret_cast<const unsigned char*>(out.certificate.c_str()),
          out.certificate.size() + 1);
      ret != 0)
    return failed(ret);
  out.pin = describe(read.chain).pin;
  if (auto pair = check_pair(read, key); !pair || out.pin.empty())
    return failed(PSA_ERROR_INVALID_ARGUMENT);
  return out;
}

}  // namespace tunnel::x509
