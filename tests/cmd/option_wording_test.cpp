// Each setting as an option, and mistakes for the user of a command line.
#include "cmd/cli/option_wording.hpp"

#include <doctest/doctest.h>

#include <memory>

namespace tunnel {
namespace {

using config::Suggestion;

const OptionWording client("client", "5999", "relay.example:443");
const OptionWording server("server", "443", "127.0.0.1:5900");
const OptionWording run("run", "127.0.0.1:0", "relay.example:443");

TEST_CASE("each setting is an option with its value") {
  CHECK_EQ(client.line(Setting::authorities, "ca.pem"), "--ca ca.pem");
  CHECK_EQ(server.line(Setting::client_authorities, "ca.pem"), "--client-ca ca.pem");
  CHECK_EQ(server.line(Setting::client_names, "*.example"), "--set client_names=*.example");
  CHECK_EQ(server.line(Setting::client_pin, "sha256:A="), "--client-pin sha256:A=");
  CHECK_EQ(client.line(Setting::connect, "a:1"), "tunnel client 5999 a:1");
  CHECK_EQ(server.line(Setting::connect, "a:1"), "tunnel server 443 a:1");
  CHECK_EQ(run.line(Setting::connect, "a:1"), "tunnel run a:1 -- ...");
  CHECK_EQ(client.line(Setting::key_password_file, "..."), "--set key_password_file=...");
  CHECK_EQ(client.line(Setting::pin, "sha256:A="), "--pin sha256:A=");
  CHECK_EQ(client.line(Setting::plain), "--no-tls");
  CHECK_EQ(client.line(Setting::revocation_lists, "crl.pem"), "--set crl=crl.pem");
  CHECK_EQ(client.line(Setting::server_name, "a.example"), "--server-name a.example");
  CHECK_EQ(client.line(Setting::first_use), "--verify first-use");
}

TEST_CASE("each setting has the name of its option") {
  CHECK_EQ(client.name(Setting::authorities), "--ca");
  CHECK_EQ(client.name(Setting::client_authorities), "--client-ca");
  CHECK_EQ(client.name(Setting::client_names), "--set client_names");
  CHECK_EQ(client.name(Setting::client_pin), "--client-pin");
  CHECK_EQ(client.name(Setting::connect), "CONNECT");
  CHECK_EQ(client.name(Setting::key_password_file), "--set key_password_file");
  CHECK_EQ(client.name(Setting::pin), "--pin");
  CHECK_EQ(client.name(Setting::plain), "--no-tls");
  CHECK_EQ(client.name(Setting::revocation_lists), "--set crl");
  CHECK_EQ(client.name(Setting::server_name), "--server-name");
  CHECK_EQ(client.name(Setting::first_use), "--verify");
  CHECK_EQ(client.key_name("accept"), "ACCEPT");
  CHECK_EQ(run.key_name("accept"), "--accept");
  CHECK_EQ(client.key_name("client"), "tunnel client");
  CHECK_EQ(client.key_name("level"), "--log-level");
}

TEST_CASE("a suggestion is what to type") {
  CHECK_EQ(client.text(Suggestion::setting("accept", "6000")),
           "tunnel client 6000 relay.example:443");
  CHECK_EQ(run.text(Suggestion::setting("accept", "6000")), "--accept 6000");
  CHECK_EQ(server.text(Suggestion::setting("client", "true")), "tunnel client does that");
  CHECK_EQ(client.text(Suggestion::setting("tls", "true")), "leave --no-tls out");
  CHECK_EQ(client.text(Suggestion::string_setting("level", "warn")), "--log-level warn");
  CHECK_EQ(client.text(Suggestion::string_setting("open_for", "30m")), "--open-for 30m");
  CHECK_EQ(client.text(Suggestion::setting("warm", "2")), "--set warm=2");
  CHECK_EQ(client.text(Suggestion::string_setting("verify", "full", " checks both")),
           "--verify \"full\" checks both");
  CHECK_EQ(client.text("remove it"), "remove it");
}

TEST_CASE("a mistake names its option, and the key where that is another") {
  const auto wording = std::make_shared<const OptionWording>(client);
  const auto text = [&](const char* option, const char* key) {
    return config::Mistake{{option}, "service \"client\"", key, "no", "", {}, wording}.text();
  };
  CHECK_EQ(text("--ca", "ca"), "--ca: no");
  CHECK_EQ(text("--server-name", "server_name"), "--server-name: no");
  CHECK_EQ(text("--set warm", "warm"), "--set warm: no");
  CHECK_EQ(text("ACCEPT", "accept"), "ACCEPT: no");
  CHECK_EQ(text("ACCEPT", "connect"), "ACCEPT: connect: no");
  CHECK_EQ(text("--log-level", "level"), "--log-level: level: no");
  CHECK_EQ(text("tunnel client", ""), "tunnel client: no");
}

}  // namespace
}  // namespace tunnel
