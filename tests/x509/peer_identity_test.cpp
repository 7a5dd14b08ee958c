// Pins, first use and client certificates between two engines, in both versions of TLS.
#include <doctest/doctest.h>

#include <cstdlib>
#include <functional>

#include "support/engine_pair.hpp"
#include "support/tls_context.hpp"
#include "x509/known_servers.hpp"
#include "x509/peer_certificate.hpp"

namespace tunnel::x509 {
namespace {

namespace fs = std::filesystem;
using test::Certificate;
using test::make_certificate;
using test::Pair;
using test::TemporaryFolder;
using test::Wish;
using tls::Context;
using tls::Engine;
using tls::Version;

using Change = std::function<void(tls::Options&)>;

std::string pin_of(const Certificate& certificate) {
  mbedtls_x509_crt parsed;
  mbedtls_x509_crt_init(&parsed);
  test::require_zero(mbedtls_x509_crt_parse(
                         &parsed, reinterpret_cast<const unsigned char*>(certificate.pem.c_str()),
                         certificate.pem.size() + 1),
                     "parse");
  const std::string pin = describe(parsed).pin;
  mbedtls_x509_crt_free(&parsed);
  return pin;
}

// The context of a service with this identity, if any, after `change`.
std::shared_ptr<const Context> context(const TemporaryFolder& folder, bool client,
                                       const Certificate* own, Version version,
                                       const Change& change) {
  tls::Options options;
  options.client = client;
  options.system_authorities = false;
  options.resume = false;
  options.min_version = options.max_version = version;
  options.wording = test::wording();
  const std::string stem = client ? "client" : "server";
  if (own != nullptr) {
    options.certificate = folder.write(stem + ".pem", own->pem);
    options.key = folder.write(stem + ".key", own->key->pem());
  }
  change(options);
  std::vector<tls::OptionError> errors;
  auto out = Context::make(options, errors, test::tuning());
  REQUIRE_MESSAGE(out, (errors.empty() ? std::string("no error") : errors[0].error.message()));
  return out;
}

struct Said {
  std::string client;  // why it failed; empty where it is content
  std::string server;
};

// Both versions must agree, but for what `compare` says.
Said meet(const Change& client, const Change& server, const Certificate* own,
          const Certificate& leaf, Version version, std::function<void(Pair&)> look = {}) {
  const TemporaryFolder folder;
  Pair pair(context(folder, true, own, version, client),
            context(folder, false, &leaf, version, server),
            {"relay.example", false, "relay.example:443"});
  pair.shake();
  Said said;
  if (pair.client.status == Engine::Status::ok && !pair.client.inbox.empty())
    pair.client.read_all();
  if (pair.server.status == Engine::Status::ok && !pair.server.inbox.empty())
    pair.server.read_all();
  if (pair.client.status == Engine::Status::failed)
    said.client = pair.client.engine.failure().message();
  if (pair.server.status == Engine::Status::failed)
    said.server = pair.server.engine.failure().message();
  if (look) look(pair);
  return said;
}

constexpr Version versions[] = {Version::tls12, Version::tls13};

const Certificate& relay() {
  static const Certificate certificate = make_certificate({.names = {"relay.example"}});
  return certificate;
}

Change pinned(std::vector<std::string> pins) {
  return [pins](tls::Options& options) {
    options.verify = tls::Verify::pin;
    options.pins = pins;
  };
}

void nothing(tls::Options&) {}

const std::string other_pin = "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

TEST_CASE("with a pin alone only the key counts") {
  const Certificate wrong = make_certificate({.subject = "CN=old",
                                              .names = {"other.example"},
                                              .from = "20200101000000",
                                              .until = "20200102000000"});
  for (const Version version : versions) {
    CHECK_EQ(meet(pinned({other_pin, pin_of(wrong)}), nothing, nullptr, wrong, version).client, "");
    const Said refused = meet(pinned({other_pin}), nothing, nullptr, wrong, version);
    CHECK_EQ(refused.client,
             "the certificate of relay.example:443 is not the pinned one: its key is " +
                 pin_of(wrong) +
                 ", which is none of pin; somebody may be in between; if its owner says that this "
                 "is the key, write pin = \"" +
                 pin_of(wrong) + "\"");
    CHECK_EQ(
        refused.server,
        "192.0.2.1:50000 refused the handshake: certificate not accepted; it does not accept this "
        "end's certificate: is it for the name that is connected to, and its issuer trusted "
        "there?");
    // no list is no leave
    CHECK_NE(meet(pinned({}), nothing, nullptr, wrong, version).client, "");
  }
}

TEST_CASE("chain and pin together must both be right") {
  const Certificate ca = make_certificate({.subject = "CN=Authority", .authority = true});
  const Certificate good = make_certificate({.names = {"relay.example"}}, &ca);
  const Certificate misnamed = make_certificate({.names = {"other.example"}}, &ca);
  const TemporaryFolder folder;
  const fs::path trusted = folder.write("ca.pem", ca.pem);
  const auto both = [&](const std::string& pin) {
    return [&trusted, pin](tls::Options& options) {
      options.verify = tls::Verify::chain;
      options.authorities.push_back(trusted);
      options.pins = {pin};
    };
  };
  for (const Version version : versions) {
    CHECK_EQ(meet(both(pin_of(good)), nothing, nullptr, good, version).client, "");
    const std::string unpinned = meet(both(other_pin), nothing, nullptr, good, version).client;
    CHECK_EQ(unpinned.substr(0, 70),
             "the certificate of relay.example:443 is not the pinned one: its key is");
    CHECK_NE(meet(both(pin_of(misnamed)), nothing, nullptr, misnamed, version)
                 .client.find("other.example"),
             std::string::npos);
    CHECK_NE(meet(both(pin_of(relay())), nothing, nullptr, relay(), version).client, "");
    // the authority's own key is not the leaf's
    CHECK_NE(meet(both(pin_of(ca)), nothing, nullptr, good, version).client, "");
  }
}

// --- first use

struct State {
  State() {
#ifdef _WIN32
    _putenv_s("LOCALAPPDATA", folder.path().string().c_str());
    file = folder.path() / "tunnel" / "known_servers";
#else
    setenv("XDG_STATE_HOME", folder.path().c_str(), 1);
    setenv("HOME", folder.path().c_str(), 1);
    file = (*KnownServers::of_this_user())->file();
#endif
  }
  std::string known() const {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  TemporaryFolder folder;
  fs::path file;
};

void first_use(tls::Options& options) { options.verify = tls::Verify::first_use; }

TEST_CASE("a first key is remembered after the handshake, known then, and another refused") {
  for (const Version version : versions) {
    const State state;
    const Certificate other = make_certificate({.names = {"relay.example"}});
    const std::string line = "relay.example:443 " + pin_of(relay()) + "\n";
    std::string notice;
    CHECK_EQ(meet(first_use, nothing, nullptr, relay(), version,
                  [&](Pair& pair) { notice = pair.client.engine.take_notice(); })
                 .client,
             "");
    CHECK_EQ(state.known(), line);
    CHECK_EQ(notice.substr(0, 34 + 51),
             "first use of relay.example:443: its key is " + pin_of(relay()).substr(0, 42));
    CHECK_EQ(meet(first_use, nothing, nullptr, relay(), version,
                  [&](Pair& pair) { notice = pair.client.engine.take_notice(); })
                 .client,
             "");
    CHECK_EQ(notice, "");
    CHECK_EQ(meet(first_use, nothing, nullptr, other, version).client,
             "the key of relay.example:443 has changed: it was " + pin_of(relay()) +
                 " at the first use, and is " + pin_of(other) +
                 " now; somebody may be in between; if its owner says that the key is new, remove "
                 "line 1 of " +
                 state.file.string());
    CHECK_EQ(state.known(), line);
  }
}

// Until the server's first flight lies before the client.
void say_hello(Pair& pair) {
  pair.client.step(0);
  pair.server.step(0);
  pair.deliver();
  pair.server.step(100'000);
  pair.deliver();
  REQUIRE_GT(pair.client.inbox.size(), 100);
}

TEST_CASE("whoever does not prove the key is not remembered") {
  for (const Version version : versions) {
    const State state;
    const TemporaryFolder folder;
    Pair pair(context(folder, true, nullptr, version, first_use),
              context(folder, false, &relay(), version, nothing),
              {"relay.example", false, "relay.example:443"});
    say_hello(pair);
    // the last byte of the Finished, or of the signature before an empty ServerHelloDone
    constexpr std::size_t hello_done = 9;
    const std::size_t behind = version == Version::tls13 ? 1 : hello_done + 1;
    pair.client.inbox[pair.client.inbox.size() - behind] ^= std::byte{1};
    pair.client.step(100'000);
    CHECK(pair.client.status != Engine::Status::ok);
    CHECK_EQ(state.known(), "");
  }
}

TEST_CASE("of two first connections with different keys the second to finish is refused") {
  const State state;
  const Certificate other = make_certificate({.names = {"relay.example"}});
  const TemporaryFolder folder;
  const ServerName name{"relay.example", false, "relay.example:443"};
  const auto client = context(folder, true, nullptr, Version::tls13, first_use);
  Pair one(client, context(folder, false, &relay(), Version::tls13, nothing), name);
  Pair two(client, context(folder, false, &other, Version::tls13, nothing), name);
  // both have decided that the server is new before either is done: only the Finished is missing
  for (Pair* pair : {&one, &two}) {
    say_hello(*pair);
    pair->client.step(pair->client.inbox.size() - 1);
    REQUIRE(pair->client.status == Engine::Status::starved);
  }
  CHECK_EQ(state.known(), "");
  one.client.step(1);
  two.client.step(1);
  CHECK(one.client.status == Engine::Status::ok);
  CHECK(two.client.status == Engine::Status::failed);
  CHECK_EQ(two.client.engine.failure().what.substr(0, 40),
           "the key of relay.example:443 has changed");
  CHECK_FALSE(two.client.engine.output().empty());  // and the server is told
  CHECK_EQ(state.known(), "relay.example:443 " + pin_of(relay()) + "\n");
}

TEST_CASE("a damaged file refuses everybody, at the start and later") {
  const State state;
  const TemporaryFolder folder;
  const auto client = context(folder, true, nullptr, Version::tls13, first_use);
  fs::create_directories(state.file.parent_path());
  std::ofstream(state.file, std::ios::binary) << "nonsense\n";
  Pair pair(client, context(folder, false, &relay(), Version::tls13, nothing),
            {"relay.example", false, "relay.example:443"});
  CHECK_FALSE(pair.shake());
  CHECK_EQ(pair.client.engine.failure().what,
           state.file.string() +
               ":1: \"nonsense\" is not a host:port and its pin, with a space between");

  tls::Options options;
  options.client = true;
  options.verify = tls::Verify::first_use;
  options.wording = test::wording();
  std::vector<tls::OptionError> errors;
  CHECK_FALSE(Context::make(options, errors));
  REQUIRE_EQ(errors.size(), 1);
  CHECK_EQ(errors[0].field, tls::OptionError::Field::verify);
  CHECK_NE(errors[0].error.what.find("nonsense"), std::string::npos);
  CHECK_EQ(state.known(), "nonsense\n");
}

// --- clients

struct Clients {
  Certificate ca = make_certificate({.subject = "CN=Clients", .authority = true});
  Certificate viewer = make_certificate(
      {.subject = "CN=a viewer", .names = {"viewer.example"}, .usage = Wish::Usage::clients}, &ca);
  Certificate stranger = make_certificate(
      {.subject = "CN=a stranger", .names = {"viewer.example"}, .usage = Wish::Usage::clients});
  Certificate expired = make_certificate({.names = {"viewer.example"},
                                          .from = "20200101000000",
                                          .until = "20200102000000",
                                          .usage = Wish::Usage::clients},
                                         &ca);
  Certificate for_servers =
      make_certificate({.names = {"viewer.example"}, .usage = Wish::Usage::servers}, &ca);
  TemporaryFolder folder;

  Change by(bool chain, std::vector<std::string> pins, std::vector<std::string> names = {}) const {
    return [=, this](tls::Options& options) {
      if (chain) options.authorities.push_back(folder.write("ca.pem", ca.pem));
      options.pins = pins;
      for (const std::string& name : names) options.names.push_back(*NamePattern::parse(name));
    };
  }
};

void trusting(tls::Options& options) {
  options.verify = tls::Verify::pin;
  options.pins = {pin_of(relay())};
}

const std::string from = "192.0.2.1:50000";

TEST_CASE("a client comes in by its chain") {
  const Clients clients;
  for (const Version version : versions) {
    CAPTURE(static_cast<int>(version));
    const Change server = clients.by(true, {});
    std::string name;
    const Said good = meet(trusting, server, &clients.viewer, relay(), version, [&](Pair& pair) {
      if (const auto certificate = pair.server.engine.take_certificate()) name = certificate->name;
    });
    CHECK_EQ(good.server, "");
    CHECK_EQ(good.client, "");
    CHECK_EQ(name, "viewer.example");

    const Said strange = meet(trusting, server, &clients.stranger, relay(), version);
    CHECK_NE(strange.server.find("self-signed"), std::string::npos);
    CHECK_NE(strange.server.find("it showed that of \"viewer.example\" (" +
                                 pin_of(clients.stranger) + ")"),
             std::string::npos);
    CHECK_NE(strange.server.find("client_pin = \"" + pin_of(clients.stranger) + "\""),
             std::string::npos);
    CHECK_NE(strange.client.find("unknown authority"), std::string::npos);

    const Said late = meet(trusting, server, &clients.expired, relay(), version);
    CHECK_NE(late.server.find("expired on 2020-01-02"), std::string::npos);
    CHECK_NE(late.client.find("certificate expired"), std::string::npos);

    const Said none = meet(trusting, server, nullptr, relay(), version);
    CHECK_EQ(none.server, from +
                              " showed no certificate, and only clients with one are let in; give "
                              "it cert and key; tunnel keygen makes a pair");
    CHECK_NE(
        none.client.find(version == Version::tls13 ? "certificate required" : "handshake failure"),
        std::string::npos);
  }
}

TEST_CASE("a client comes in by its key alone") {
  const Clients clients;
  const Change server = clients.by(false, {other_pin, pin_of(clients.stranger)});
  for (const Version version : versions) {
    CAPTURE(static_cast<int>(version));
    const Said good = meet(trusting, server, &clients.stranger, relay(), version);
    CHECK_EQ(good.server, "");
    CHECK_EQ(good.client, "");

    const Said refused = meet(trusting, server, &clients.viewer, relay(), version);
    CHECK_EQ(refused.server, from + " showed the certificate of \"viewer.example\" (" +
                                 pin_of(clients.viewer) +
                                 "), and is not let in: its key is none of client_pin; if it may "
                                 "come in, add client_pin = \"" +
                                 pin_of(clients.viewer) + "\"");
    CHECK_NE(refused.client.find("access denied"), std::string::npos);
    CHECK_NE(meet(trusting, server, nullptr, relay(), version).server, "");
  }
}

TEST_CASE("chain and key together must both be right") {
  const Clients clients;
  for (const Version version : versions) {
    const Change both = clients.by(true, {pin_of(clients.viewer)});
    CHECK_EQ(meet(trusting, both, &clients.viewer, relay(), version).server, "");
    CHECK_NE(meet(trusting, clients.by(true, {other_pin}), &clients.viewer, relay(), version)
                 .server.find("none of client_pin"),
             std::string::npos);
    CHECK_NE(meet(trusting, clients.by(true, {pin_of(clients.stranger)}), &clients.stranger,
                  relay(), version)
                 .server.find("self-signed"),
             std::string::npos);
  }
}

TEST_CASE("a client comes in by its name") {
  const Clients clients;
  for (const Version version : versions) {
    CHECK_EQ(
        meet(trusting, clients.by(true, {}, {"x", "*.example"}), &clients.viewer, relay(), version)
            .server,
        "");
    // the common name does not count where there are others
    const Said refused =
        meet(trusting, clients.by(true, {}, {"a viewer"}), &clients.viewer, relay(), version);
    CHECK_EQ(refused.server, from + " showed the certificate of \"viewer.example\" (" +
                                 pin_of(clients.viewer) +
                                 "), and is not let in: none of its names is let in by "
                                 "client_names; if it may come in, add \"viewer.example\" to "
                                 "client_names");
    CHECK_NE(refused.client.find("access denied"), std::string::npos);
  }
}

TEST_CASE("what a client is called is escaped") {
  const Certificate rude = make_certificate(
      {.subject = "CN=x", .names = {"a\n\x1b[31m\"b"}, .usage = Wish::Usage::clients});
  const Clients clients;
  const Said refused =
      meet(trusting, clients.by(false, {other_pin}), &rude, relay(), Version::tls13);
  CHECK_NE(refused.server.find("\"a\\n\\x1b[31m\\\"b\""), std::string::npos);
}

TEST_CASE("who looks lets every server be, and sees it") {
  const TemporaryFolder folder;
  const Certificate odd = make_certificate({.subject = "CN=odd,O=Somebody",
                                            .names = {"relay.example", "b.example"},
                                            .addresses = {{192, 0, 2, 7}}});
  const Change look_only = [](tls::Options& options) {
    options.verify = tls::Verify::pin;
    options.any_key = true;
  };
  Pair pair(context(folder, true, nullptr, Version::tls13, look_only),
            context(folder, false, &odd, Version::tls13, nothing), {"else.example", false, ""});
  REQUIRE(pair.shake());
  const auto seen = pair.client.engine.take_certificate();
  REQUIRE(seen);
  CHECK_EQ(seen->pin, pin_of(odd));
  CHECK_EQ(seen->key, "EC P-256");
  CHECK_EQ(seen->subject, "CN=odd, O=Somebody");
  CHECK(seen->self_signed);
  CHECK_EQ(seen->not_after, "2099-12-31 23:59:59 UTC");
  const std::vector<std::string> names = {"relay.example", "b.example", "192.0.2.7"};
  CHECK(seen->names == names);
  CHECK_EQ(pair.client.engine.take_certificate(), nullptr);
}

}  // namespace
}  // namespace tunnel::x509
