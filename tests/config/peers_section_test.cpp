// Who the other end must be: what the keys come to, and every contradiction among them.
#include <doctest/doctest.h>

#include "support/configuration.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::config {
namespace {

using test::all_texts;
using test::TemporaryFolder;
using test::validated;

#define PIN "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define OTHER_PIN "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

// Rows add lines 5 and following to a client, 6 and following to a server.
const std::string client =
    "[service.vnc]\nclient = true\naccept = 5999\nconnect = \"relay.example:443\"\n";
const std::string server =
    "[service.vnc]\naccept = 41234\nconnect = \"127.0.0.1:5900\"\ncert = \"a.pem\"\n"
    "key = \"a.key\"\n";

struct Files {
  Files() {
    for (const char* name : {"a.pem", "a.key", "clients.pem", "password"}) folder.write(name, "");
  }
  Validated validate(const std::string& text) const { return validated(text, {}, folder.path()); }
  Service accepted(const std::string& text) const {
    const Validated result = validate(text);
    REQUIRE_EQ(all_texts(result), "");
    return result.config.services.front();
  }
  TemporaryFolder folder;
};

TEST_CASE("a pin alone is all that counts, and both count where the chain is asked for too") {
  const Files files;
  const std::vector<std::string> one = {PIN};
  const std::vector<std::string> both = {PIN, OTHER_PIN};
  CHECK(files.accepted(client).verify == Verify::full);
  const Service alone = files.accepted(client + "pin = \"" PIN "\"\n");
  CHECK(alone.verify == Verify::pin);
  CHECK(alone.pins == one);
  const Service list = files.accepted(client + "pin = [\"" PIN "\", \"" OTHER_PIN "\"]\n");
  CHECK(list.pins == both);
  for (const std::string chain : {"ca = \"a.pem\"\n", "ca = \"system\"\n", "verify = \"full\"\n"}) {
    CAPTURE(chain);
    const Service service = files.accepted(client + chain + "pin = \"" PIN "\"\n");
    CHECK(service.verify == Verify::full);
    CHECK(service.pins == one);
  }
  CHECK(files.accepted(client + "verify = \"first-use\"\n").verify == Verify::first_use);
  CHECK(files.accepted(client + "verify = \"pin\"\npin = \"" PIN "\"\n").verify == Verify::pin);
}

TEST_CASE("who may come in") {
  const Files files;
  CHECK_FALSE(files.accepted(server).authenticates_clients());
  CHECK(files.accepted(server).resume);
  const Service by_chain = files.accepted(
      server + "client_ca = \"clients.pem\"\nclient_names = [\"*.example\", \"x\"]\n");
  CHECK(by_chain.authenticates_clients());
  CHECK_EQ(by_chain.client_ca.size(), 1);
  CHECK_EQ(by_chain.client_names.size(), 2);
  CHECK_FALSE(by_chain.resume);
  const Service by_key = files.accepted(server + "client_pin = [\"" PIN "\", \"" OTHER_PIN "\"]\n");
  CHECK(by_key.authenticates_clients());
  CHECK_EQ(by_key.client_pins.size(), 2);
  CHECK_FALSE(by_key.resume);
  CHECK(
      files.accepted(server + "key_password_file = \"password\"\n").key_password_file.has_value());
}

TEST_CASE("[defaults] speak to those that can") {
  const Files files;
  const Validated result = files.validate(
      "[defaults]\npin = \"" PIN "\"\nclient_pin = \"" OTHER_PIN
      "\"\nresume = true\n"
      "key_password_file = \"password\"\n"
      "[service.a]\nclient = true\naccept = 1\nconnect = \"x:1\"\n"
      "[service.b]\naccept = 2\nconnect = \"x:1\"\ncert = \"a.pem\"\nkey = \"a.key\"\n"
      "[service.c]\ntls = false\naccept = 3\nconnect = \"x:1\"\n"
      "[service.d]\nclient = true\naccept = 4\nconnect = \"x:1\"\nverify = \"first-use\"\n");
  REQUIRE_EQ(all_texts(result), "");
  const auto& services = result.config.services;
  CHECK(services.at(0).verify == Verify::pin);
  CHECK(services.at(0).client_pins.empty());
  CHECK_FALSE(services.at(0).key_password_file.has_value());
  CHECK(services.at(0).resume);
  CHECK_EQ(services.at(1).client_pins.size(), 1);
  CHECK(services.at(1).key_password_file.has_value());
  CHECK_FALSE(services.at(1).resume);
  CHECK(services.at(3).verify == Verify::first_use);
  CHECK(services.at(3).pins.empty());
}

struct Bad {
  std::string toml;
  std::string text;
};

void refuse_all(const std::vector<Bad>& rows) {
  const Files files;
  for (const Bad& row : rows) {
    CAPTURE(row.toml);
    CHECK_EQ(all_texts(files.validate(row.toml)), row.text);
  }
}

#define CLIENT_AT(place) "t.toml:" place ": service \"vnc\": "

TEST_CASE("a pin that is none") {
  refuse_all({
      {client + "pin = \"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"\n",
       CLIENT_AT("5:7") "pin: \"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\" is not "
                        "\"sha256:\" and 32 bytes in base64\n    pin = \"" PIN "\"\n"},
      {client + "pin = [\"" PIN "\", \"abc\"]\n",
       CLIENT_AT("5:63") "pin: \"abc\" is not \"sha256:\" and 32 bytes in base64\n"
                         "    tunnel pin relay.example:443 shows the right one\n"},
      {server + "client_pin = \"abc\"\n",
       CLIENT_AT("6:14") "client_pin: \"abc\" is not \"sha256:\" and 32 bytes in base64\n"
                         "    tunnel pin FILE.pem shows the right one\n"},
      {client + "pin = []\n",
       CLIENT_AT("5:7") "pin: the list is empty\n    give it a value, or remove the key\n"},
  });
}

TEST_CASE("keys that contradict each other in a client") {
  refuse_all({
      {client + "verify = \"pin\"\n",
       CLIENT_AT("5:10") "verify = \"pin\" needs a pin: the key to expect\n"
                         "    tunnel pin relay.example:443 shows it\n"},
      {client + "verify = \"none\"\npin = \"" PIN "\"\n",
       CLIENT_AT("6:1") "pin does nothing with verify = \"none\"\n    verify = \"pin\"\n"},
      {client + "verify = \"first-use\"\npin = \"" PIN "\"\n",
       CLIENT_AT("6:1") "pin does nothing with verify = \"first-use\", which finds the key by "
                        "itself\n    verify = \"pin\"\n"},
      {client + "verify = \"pin\"\npin = \"" PIN "\"\nca = \"system\"\n",
       CLIENT_AT("7:1") "ca does nothing with verify = \"pin\", where only the key counts\n"
                        "    verify = \"full\" checks both\n"},
      {client + "verify = \"pin\"\npin = \"" PIN "\"\ncrl = \"a.pem\"\n",
       CLIENT_AT("7:1") "crl does nothing with verify = \"pin\", where only the key counts\n"
                        "    verify = \"full\" checks both\n"},
      {client + "verify = \"first-use\"\nca = \"system\"\n",
       CLIENT_AT("6:1") "ca does nothing with verify = \"first-use\", where only the key counts\n"
                        "    verify = \"full\"\n"},
      {client + "verify = \"first-use\"\nserver_name = \"192.0.2.7\"\n",
       CLIENT_AT("6:1") "server_name does nothing: an address is never sent, and this verify does "
                        "not check it\n    remove it, or give a name\n"},
      {client + "client_ca = \"clients.pem\"\n",
       CLIENT_AT("5:1") "client_ca does nothing in client mode, where no client shows a "
                        "certificate\n    remove it, or remove client = true\n"},
      {client + "client_names = \"a\"\n",
       CLIENT_AT("5:1") "client_names does nothing in client mode, where no client shows a "
                        "certificate\n    remove it, or remove client = true\n"},
      {client + "key_password_file = \"password\"\n",
       CLIENT_AT("5:1") "key_password_file does nothing without a key\n    key = \"client.key\"\n"},
  });
}

TEST_CASE("keys that contradict each other in a server") {
  refuse_all({
      {server + "pin = \"" PIN "\"\n",
       CLIENT_AT("6:1") "pin does nothing in server mode, where the far side speaks plaintext\n"
                        "    client_pin says which clients may come in\n"},
      {server + "client_names = \"*.example\"\n",
       CLIENT_AT("6:1") "client_names does nothing without client_ca: a name proves nothing where "
                        "no authority vouches for it\n    client_ca = \"our-clients.pem\"\n"},
      {server + "client_pin = \"" PIN "\"\nclient_names = \"*.example\"\n",
       CLIENT_AT("7:1") "client_names does nothing without client_ca: a name proves nothing where "
                        "no authority vouches for it\n    client_ca = \"our-clients.pem\"\n"},
      {server + "crl = \"a.pem\"\n",
       CLIENT_AT(
           "6:1") "crl does nothing in server mode without client_ca: it is their authority "
                  "that revokes clients' certificates\n    client_ca = \"our-clients.pem\"\n"},
      {server + "client_ca = \"system\"\n",
       CLIENT_AT("6:13") "client_ca: \"system\" would let in anybody with a certificate from any "
                         "public authority\n    client_ca = \"our-clients.pem\"\n"},
      {server + "client_ca = \"clients.pem\"\nclient_names = \"*\"\n",
       CLIENT_AT("7:16") "client_names: \"*\" lets every name in\n    name the clients that may "
                         "connect, or give no pattern to let in any client with a trusted "
                         "certificate\n"},
      {server + "client_ca = \"clients.pem\"\nresume = true\n",
       CLIENT_AT("7:10") "resume: a client that goes on with a session shows no certificate, and "
                         "here each must show one\n    resume = false\n"},
      {server + "key_password_file = \"a\\u0000b\"\n",
       CLIENT_AT("6:21") "key_password_file: the string holds a NUL character\n"},
  });
}

TEST_CASE("a plain relay knows nobody") {
  const Files files;
  for (const std::string line :
       {"pin = \"" PIN "\"", "client_ca = \"clients.pem\"", "client_pin = \"" PIN "\"",
        "client_names = \"a\"", "key_password_file = \"password\""}) {
    const std::string key = line.substr(0, line.find(' '));
    CHECK_EQ(all_texts(files.validate(
                 "[service.vnc]\ntls = false\naccept = 1\nconnect = \"a:2\"\n" + line + "\n")),
             CLIENT_AT("5:1") + key +
                 " does nothing with tls = false\n    remove it, or remove tls = false\n");
  }
}

}  // namespace
}  // namespace tunnel::config
