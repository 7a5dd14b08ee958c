// Certificates, keys and authorities that a service cannot use, and the words for each.
#include "server/service_context.hpp"

#include <doctest/doctest.h>

#include "support/certificates.hpp"
#include "support/foreign_files.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel {
namespace {

namespace fs = std::filesystem;
using test::Certificate;
using test::make_certificate;
using test::TemporaryFolder;

const Certificate& first() {
  static const Certificate certificate = make_certificate({.names = {"first.example"}});
  return certificate;
}
const Certificate& second() {
  static const Certificate certificate = make_certificate({.names = {"second.example"}});
  return certificate;
}

// A service whose files stand on lines of their own.
struct Files {
  TemporaryFolder folder;
  config::Service service;

  explicit Files(bool client) {
    service.name = "vnc";
    service.client = client;
    service.system_ca = false;
    service.place = {"t.toml", 1, 10};
  }
  fs::path cert(const fs::path& path) {
    service.cert = config::FileRef{path, {"t.toml", 2, 8}};
    return path;
  }
  fs::path key(const fs::path& path) {
    service.key = config::FileRef{path, {"t.toml", 3, 7}};
    return path;
  }
  fs::path ca(const fs::path& path) {
    const auto line = static_cast<std::uint32_t>(4 + service.ca.size());
    service.ca.push_back({path, {"t.toml", line, 6}});
    return path;
  }
  fs::path write(std::string_view name, std::string_view content) {
    return folder.write(name, content);
  }
  std::string words() {
    config::Mistakes mistakes;
    const auto context = make_context(service, mistakes);
    CHECK_EQ(context == nullptr, !mistakes.empty());
    std::string out;
    for (const config::Mistake& mistake : mistakes) out += mistake.text() + "\n";
    return out;
  }
};

const std::string at_cert = "t.toml:2:8: service \"vnc\": cert: ";
const std::string at_key = "t.toml:3:7: service \"vnc\": key: ";
const std::string at_ca = "t.toml:4:6: service \"vnc\": ca: ";

std::string der_of(const std::string& pem) {
  mbedtls_x509_crt parsed;
  mbedtls_x509_crt_init(&parsed);
  test::require_zero(
      mbedtls_x509_crt_parse(&parsed, reinterpret_cast<const unsigned char*>(pem.c_str()),
                             pem.size() + 1),
      "parse");
  std::string der(reinterpret_cast<const char*>(parsed.raw.p), parsed.raw.len);
  mbedtls_x509_crt_free(&parsed);
  return der;
}

TEST_CASE("a certificate with its key makes a server, in PEM or DER, with a chain or without") {
  Files files(false);
  files.cert(files.write("c.pem", first().pem));
  files.key(files.write("c.key", first().key->pem()));
  CHECK_EQ(files.words(), "");
  files.cert(files.write("chain.pem", first().pem + second().pem));
  CHECK_EQ(files.words(), "");
  files.cert(files.write("c.der", der_of(first().pem)));
  CHECK_EQ(files.words(), "");
  // certificate and key in one file, as some programs want it
  files.cert(files.write("both.pem", first().key->pem() + first().pem));
  files.key(files.folder.path() / "both.pem");
  CHECK_EQ(files.words(), "");
}

TEST_CASE("a context knows its role") {
  Files server(false);
  server.cert(server.write("c.pem", first().pem));
  server.key(server.write("c.key", first().key->pem()));
  config::Mistakes none;
  const auto as_server = make_context(server.service, none);
  REQUIRE(as_server);
  CHECK_FALSE(as_server->client());
  CHECK_FALSE(as_server->verifies());

  Files client(true);
  client.ca(client.write("ca.pem", first().pem));
  const auto as_client = make_context(client.service, none);
  REQUIRE(as_client);
  CHECK(as_client->client());
  CHECK(as_client->verifies());

  client.service.verify = config::Verify::none;
  const auto careless = make_context(client.service, none);
  REQUIRE(careless);
  CHECK_FALSE(careless->verifies());
}

TEST_CASE("missing files are told with their paths, both at once") {
  Files files(false);
  const fs::path cert = files.cert(files.folder.path() / "no.pem");
  const fs::path key = files.key(files.folder.path() / "no.key");
  CHECK_EQ(files.words(), at_cert + "there is no file " + cert.string() +
                              "\n    put it there, or name another\n" + at_key +
                              "there is no file " + key.string() +
                              "\n    put it there, or name another\n");
}

TEST_CASE("a key of another certificate is told with both paths") {
  Files files(false);
  const fs::path cert = files.cert(files.write("c.pem", first().pem));
  const fs::path key = files.key(files.write("c.key", second().key->pem()));
  CHECK_EQ(files.words(), at_key + key.string() + " does not fit " + cert.string() +
                              ": the key does not belong to the certificate\n"
                              "    name the key that the certificate was made with\n");
}

TEST_CASE("a key of another kind than the certificate's does not fit") {
  Files files(false);
  const fs::path cert = files.cert(files.write("c.pem", first().pem));
  const fs::path key = files.key(files.write("c.key", test::Key(test::Key::Kind::p384).pem()));
  CHECK_EQ(files.words(), at_key + key.string() + " does not fit " + cert.string() +
                              ": the key does not belong to the certificate\n"
                              "    name the key that the certificate was made with\n");
}

TEST_CASE("a chain in the wrong order is told as such") {
  Files files(false);
  const fs::path cert = files.cert(files.write("c.pem", second().pem + first().pem));
  const fs::path key = files.key(files.write("c.key", first().key->pem()));
  CHECK_EQ(files.words(),
           at_key + key.string() + " does not fit " + cert.string() +
               ": the key belongs to a certificate that is not the first of its file\n"
               "    put the leaf first, then the chain\n");
}

TEST_CASE("certificate and key in each other's place are told as swapped") {
  Files files(false);
  const fs::path cert = files.cert(files.write("c.key", first().key->pem()));
  const fs::path key = files.key(files.write("c.pem", first().pem));
  CHECK_EQ(files.words(), at_cert + cert.string() +
                              " holds a private key, not a certificate\n"
                              "    are cert and key swapped?\n" +
                              at_key + key.string() +
                              " holds a certificate, not a private key\n"
                              "    are cert and key swapped?\n");
}

TEST_CASE("an encrypted key without its password is told with the key that helps") {
  for (const std::string head :
       {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGj\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
        "DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\nMIGj\n"
        "-----END EC PRIVATE KEY-----\n"}) {
    Files files(false);
    files.cert(files.write("c.pem", first().pem));
    const std::string key = files.key(files.write("c.key", head)).string();
    CHECK_EQ(files.words(),
             at_key + "the key in " + key +
                 " is encrypted, and its password is not there\n    key_password_file = \"...\" "
                 "names the file that holds it\n");
  }
}

TEST_CASE("files that hold nothing of use are told as such") {
  const auto words_for = [](const std::string& content) {
    Files files(false);
    const std::string cert = files.cert(files.write("c.pem", content)).string();
    files.key(files.write("c.key", first().key->pem()));
    return files.words().substr((at_cert + cert).size());
  };
  const std::string needed = "\n    it must be PEM, with -----BEGIN CERTIFICATE-----, or DER\n";
  CHECK_EQ(words_for(""), " is empty" + needed);
  CHECK_EQ(words_for("hello\n"), " holds no certificate that can be read" + needed);
  for (const std::string content :
       {"-----BEGIN CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"}) {
    Files files(false);
    const std::string cert = files.cert(files.write("c.pem", content)).string();
    files.key(files.write("c.key", first().key->pem()));
    CHECK(files.words().starts_with(at_cert + "the certificate in " + cert + " is damaged"));
  }
  Files files(false);
  files.cert(files.write("c.pem", first().pem));
  const fs::path key = files.key(files.write("c.key", "hello\n"));
  CHECK(files.words().starts_with(at_key + key.string() + " holds no private key that can be "));
}

TEST_CASE("a chain that is too large for a message is a mistake") {
  Files files(false);
  std::string chain = first().pem;
  for (int i = 0; i < 60; ++i) chain += second().pem;
  const std::string cert = files.cert(files.write("c.pem", chain)).string();
  files.key(files.write("c.key", first().key->pem()));
  CHECK(files.words().starts_with(at_cert + "the certificates in " + cert +
                                  " are too large to be sent: they need "));
}

TEST_CASE("a damaged authority is a mistake, and one of an unknown kind is passed over") {
  std::string damaged = second().pem;
  damaged[damaged.size() / 2] = '!';
  const std::string cut = second().pem.substr(0, second().pem.size() / 2);
  for (const std::string& bad : {damaged, cut}) {
    Files files(true);
    const std::string ca = files.ca(files.write("ca.pem", first().pem + bad)).string();
    CHECK_EQ(files.words(), at_ca + "1 of the certificates in " + ca +
                                " cannot be read\n    get the file again; each must be whole, from "
                                "its -----BEGIN line to its -----END line\n");
  }
  Files files(true);
  files.ca(files.write("ca.pem", first().pem + std::string(test::ed25519_certificate)));
  CHECK_EQ(files.words(), "");
}

TEST_CASE("a chain with one certificate that cannot be read is refused") {
  Files files(false);
  std::string damaged = second().pem;
  damaged[damaged.size() / 2] = '!';
  const fs::path cert = files.cert(files.write("c.pem", first().pem + damaged));
  files.key(files.write("c.key", first().key->pem()));
  CHECK_EQ(files.words(),
           at_cert + "1 of the certificates in " + cert.string() +
               " cannot be read\n    the file must hold the leaf first, then the chain, in PEM\n");
}

TEST_CASE("authorities come from files and folders, among other things that are passed over") {
  Files files(true);
  files.ca(files.write("one.pem", "some words first\n" + first().pem));
  CHECK_EQ(files.words(), "");
  const fs::path folder = files.folder.path() / "certs";
  fs::create_directory(folder);
  fs::create_directory(folder / "deeper");
  files.write("certs/README", "no certificate");
  files.write("certs/two.pem", second().pem);
  files.ca(folder);
  CHECK_EQ(files.words(), "");
}

TEST_CASE("a folder without a certificate is refused") {
  Files files(true);
  const fs::path folder = files.folder.path() / "certs";
  fs::create_directory(folder);
  files.ca(folder);
  const std::string words = at_ca + "no file in the folder " + folder.string() +
                            " holds a certificate\n    put the authority's PEM file there\n";
  CHECK_EQ(files.words(), words);
  files.write("certs/README", "no certificate");
  CHECK_EQ(files.words(), words);
}

TEST_CASE("a file of authorities without one is refused, and so is each of several") {
  Files files(true);
  const std::string empty = files.ca(files.write("a.pem", "")).string();
  const std::string key = files.ca(files.write("b.pem", first().key->pem())).string();
  const std::string missing = files.ca(files.folder.path() / "c.pem").string();
  CHECK_EQ(files.words(),
           at_ca + empty +
               " is empty\n    it must be PEM, with -----BEGIN CERTIFICATE-----, or DER\n"
               "t.toml:5:6: service \"vnc\": ca: " +
               key +
               " holds a private key, not a certificate\n    name the file of the certificate\n"
               "t.toml:6:6: service \"vnc\": ca: there is no file " +
               missing + "\n    put it there, or name another\n");
}

TEST_CASE("mistakes of authority, certificate and key come together") {
  Files files(true);
  files.ca(files.write("a.pem", ""));
  files.cert(files.write("c.pem", ""));
  files.key(files.write("c.key", ""));
  config::Mistakes mistakes;
  CHECK(make_context(files.service, mistakes) == nullptr);
  CHECK_EQ(mistakes.size(), 3);
}

TEST_CASE("a certificate that is for clients only makes no server") {
  // mbedTLS would refuse every connection of it, as if there were no suite in common
  const Certificate for_clients =
      make_certificate({.names = {"relay.example"}, .usage = test::Wish::Usage::clients});
  Files server(false);
  server.cert(server.write("c.pem", for_clients.pem));
  server.key(server.write("c.key", for_clients.key->pem()));
  CHECK_NE(server.words(), "");
  Files client(true);
  client.ca(client.write("ca.pem", first().pem));
  client.cert(client.write("c.pem", for_clients.pem));
  client.key(client.write("c.key", for_clients.key->pem()));
  CHECK_EQ(client.words(), "");
}

TEST_CASE("an earlier mistake of another service does not stand in the way") {
  Files files(false);
  files.cert(files.write("c.pem", first().pem));
  files.key(files.write("c.key", first().key->pem()));
  config::Mistakes mistakes = {{{"t.toml", 9, 9}, "", "", "something else", ""}};
  CHECK(make_context(files.service, mistakes) != nullptr);
  CHECK_EQ(mistakes.size(), 1);
}

}  // namespace
}  // namespace tunnel
