// Files that hold something else than is wanted: each is named, with the way out.
#include "x509/file_kind.hpp"

#include <doctest/doctest.h>

#include "support/chain.hpp"
#include "support/foreign_files.hpp"

namespace tunnel::x509 {
namespace {

using test::der;
using test::sequence;
using namespace std::string_literals;

std::string block(const std::string& label, const std::string& body = "MIIB") {
  return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
}
std::string said(const std::string& bytes, Wanted wanted, int code = 0) {
  const Error error = explain_file(bytes, "FILE", wanted, code);
  CHECK_FALSE(error.hint.empty());
  CHECK_EQ(error.message().find("-0x"), std::string::npos);
  return error.message();
}
std::string utf16(const std::string& text, bool big_endian = false) {
  std::string out = big_endian ? "\xfe\xff" : "\xff\xfe";
  for (const char c : text) out += big_endian ? "\0"s + c : c + "\0"s;
  return out;
}

const std::string signed_data = der(0x06, "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02");
const std::string ec_key = der(0x06, "\x2a\x86\x48\xce\x3d\x02\x01");
const std::string zero = der(0x02, "\0"s);
const std::string pkcs12 = sequence(der(0x02, "\x03") + sequence(signed_data));
const std::string request = sequence(sequence(zero + sequence("")) + sequence(""));
const std::string public_key = sequence(sequence(ec_key) + der(0x03, "\0"s));

TEST_CASE("containers come with the command that converts them") {
  const auto cert = [](const std::string& bytes) { return said(bytes, Wanted::certificate); };
  CHECK_NE(cert(pkcs12).find("is PKCS#12 (.p12, .pfx), which is not read; convert it: openssl "
                             "pkcs12 -in FILE -nokeys -out cert.pem, and the key: openssl pkcs12 "
                             "-in FILE -nocerts"),
           std::string::npos);
  CHECK_NE(said(pkcs12, Wanted::key).find("openssl pkcs12 -in FILE -nocerts -nodes -out key.pem"),
           std::string::npos);
  CHECK_EQ(said(pkcs12, Wanted::authority).find("-nocerts"), std::string::npos);
  for (const std::string& bytes : {sequence(signed_data + der(0xa0, "")), block("PKCS7"),
                                   block("CMS"), block("PKCS #7 SIGNED DATA")})
    CHECK_NE(cert(bytes).find("openssl pkcs7 -in FILE -print_certs"), std::string::npos);
  for (const std::string label : {"TRUSTED CERTIFICATE", "X509 CERTIFICATE"}) {
    CHECK_NE(cert(block(label)).find("is a " + label), std::string::npos);
    CHECK_NE(cert(block(label)).find("openssl x509 -in FILE -out cert.pem"), std::string::npos);
  }
  CHECK_NE(cert("\xfe\xed\xfe\xed\0\0\0\2"s).find("keytool -importkeystore"), std::string::npos);
  CHECK_NE(said(block("OPENSSH PRIVATE KEY"), Wanted::key).find("ssh-keygen -p -m PKCS8"),
           std::string::npos);
  CHECK_NE(said("PuTTY-User-Key-File-3: ssh-rsa\r\n", Wanted::key).find("puttygen FILE"),
           std::string::npos);
}

TEST_CASE("text in UTF-16 is told in both byte orders, with a mark or without") {
  const std::string text = block("CERTIFICATE");
  for (const std::string& bytes :
       {utf16(text), utf16(text, true), utf16(text).substr(2), utf16(text, true).substr(2)})
    for (const Wanted wanted : {Wanted::certificate, Wanted::authority, Wanted::key})
      CHECK_NE(said(bytes, wanted).find("UTF-16"), std::string::npos);
}

TEST_CASE("what stands in another's place is named") {
  struct Case {
    std::string bytes;
    Wanted wanted;
    std::string words;
  };
  for (const Case& one : {
           Case{block("ENCRYPTED PRIVATE KEY"), Wanted::certificate,
                "FILE holds a private key, not a certificate; are cert and key swapped?"},
           Case{sequence(zero + sequence(ec_key)), Wanted::certificate,
                "FILE holds a private key, not a certificate; are cert and key swapped?"},
           Case{sequence(der(0x02, "\1") + der(0x04, "x")), Wanted::authority,
                "FILE holds a private key, not a certificate; name the file of the certificate"},
           Case{block("EC PARAMETERS") + block("EC PRIVATE KEY"), Wanted::certificate,
                "FILE holds a private key, not a certificate; are cert and key swapped?"},
           Case{block("CERTIFICATE"), Wanted::key,
                "FILE holds a certificate, not a private key; are cert and key swapped?"},
           Case{public_key, Wanted::key,
                "FILE holds a public key, not a private key; name the file of the private key"},
           Case{block("PUBLIC KEY"), Wanted::certificate,
                "FILE holds a public key, not a certificate; name the file of the certificate"},
           Case{"ssh-ed25519 AAAA me@here\n", Wanted::authority,
                "FILE holds a public key, not a certificate; name the file of the certificate"},
           Case{block("EC PARAMETERS"), Wanted::key,
                "FILE holds parameters, not a private key; name the file of the private key"},
           Case{block("X509 CRL"), Wanted::authority,
                "FILE holds a list of revoked certificates (CRL), not a certificate; name the file "
                "of the certificate"},
           Case{block("PGP PUBLIC KEY BLOCK"), Wanted::certificate,
                "FILE holds something of PGP, not a certificate; name the file of the certificate"},
       })
    CHECK_EQ(said(one.bytes, one.wanted), one.words);
  for (const std::string& bytes :
       {request, block("CERTIFICATE REQUEST"), block("NEW CERTIFICATE REQUEST")})
    CHECK(
        said(bytes, Wanted::certificate)
            .starts_with("FILE holds a certificate signing request (CSR), not a certificate; name "
                         "the certificate that the authority has made from it"));
  for (const std::string page : {"<!DOCTYPE html>\n<html>", "\xef\xbb\xbf\n <html>", "<?xml "})
    CHECK(said(page, Wanted::authority).starts_with("FILE holds a web page (HTML)"));
  CHECK(said("{\"kty\": \"EC\"}", Wanted::key).starts_with("FILE holds JSON, not a private key"));
}

TEST_CASE("kinds of keys that are not supported are named") {
  for (const Wanted wanted : {Wanted::certificate, Wanted::authority})
    CHECK(said(test::ed25519_certificate, wanted)
              .starts_with("the certificate in FILE is Ed25519, which is not supported"));
  CHECK_EQ(said(test::ed25519_key, Wanted::key),
           "the private key in FILE is Ed25519, which is not supported; use EC (P-256 or P-384) or "
           "RSA; tunnel keygen NAME makes a pair");
  CHECK(said(certificates_in(test::ed25519_certificate).at(0), Wanted::certificate)
            .starts_with("the certificate in FILE is Ed25519"));
  CHECK(said(sequence(zero + sequence(der(0x06, "\x2b\x65\x71")) + der(0x04, "x")), Wanted::key)
            .starts_with("the private key in FILE is Ed448"));
  CHECK(said(block("EC PRIVATE KEY"), Wanted::key, MBEDTLS_ERR_PK_UNKNOWN_NAMED_CURVE)
            .starts_with("the private key in FILE has a curve that is not supported"));
}

TEST_CASE("what is damaged, empty, bare or of no known kind is told as that") {
  CHECK(said(block("CERTIFICATE", "!!!"), Wanted::certificate)
            .starts_with("the certificate in FILE is damaged; get the file again"));
  CHECK(said(block("PRIVATE KEY", "!!!"), Wanted::key)
            .starts_with("the private key in FILE is damaged; get the file again"));
  CHECK(said("", Wanted::key).starts_with("FILE is empty; "));
  CHECK(said(" \r\n", Wanted::certificate).starts_with("FILE is empty; "));
  std::string bare = test::ed25519_certificate;
  bare = bare.substr(28, bare.rfind("-----END") - 28);
  CHECK(said(bare, Wanted::certificate)
            .starts_with("FILE is base64 without its -----BEGIN and -----END lines"));
  CHECK(said("\x30\x82\xff", Wanted::certificate)
            .starts_with("FILE holds no certificate that can be read"));
  CHECK(said("\x30", Wanted::key).starts_with("FILE holds no private key that can be used"));
}

}  // namespace
}  // namespace tunnel::x509
