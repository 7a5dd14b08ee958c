// Configurations without a mistake, and the exact values that they stand for.
#include <doctest/doctest.h>

#include "support/configuration.hpp"
#include "support/temporary_folder.hpp"

namespace tunnel::config {
namespace {

using namespace std::chrono_literals;
using test::all_texts;
using test::TemporaryFolder;
using test::validated;

TEST_CASE("the smallest client has the documented defaults") {
  const Validated result =
      validated("[service.vnc]\nclient = true\naccept = 5999\nconnect = \"relay.example:41234\"\n");
  REQUIRE_EQ(all_texts(result), "");
  REQUIRE_EQ(result.config.services.size(), 1);
  const Service& vnc = result.config.services[0];
  CHECK_EQ(vnc.name, "vnc");
  CHECK(vnc.client);
  CHECK(vnc.tls);
  CHECK(vnc.connects_tls());
  CHECK_FALSE(vnc.accepts_tls());
  CHECK(vnc.accept == test::addresses({{"", 5999}}));
  CHECK(vnc.connect == test::addresses({{"relay.example", 41234}}));
  CHECK_EQ(vnc.server_name, "");
  CHECK(vnc.verify == Verify::full);
  CHECK(vnc.system_ca);
  CHECK(vnc.ca.empty());
  CHECK_FALSE(vnc.cert.has_value());
  CHECK_FALSE(vnc.key.has_value());
  CHECK(vnc.min_version == TlsVersion::tls12);
  CHECK(vnc.max_version == TlsVersion::tls13);
  CHECK(vnc.unclean_end == UncleanEnd::reset);
  CHECK_EQ(vnc.max_connections, 10000);
  CHECK_EQ(vnc.max_per_source, 5000);
  CHECK(vnc.timeouts.connect == 10s);
  CHECK(vnc.timeouts.handshake == 10s);
  CHECK(vnc.timeouts.idle == 12h);
  CHECK(vnc.timeouts.close == 60s);
  CHECK(vnc.keepalive == 60s);
  CHECK(result.config.log.settings.level == LogLevel::info);
  CHECK(result.config.log.settings.format == LogFormat::text);
  CHECK_FALSE(result.config.log.settings.time);
  CHECK(result.config.log.settings.time_of_day);
  CHECK_FALSE(result.config.log.file.has_value());
  CHECK_EQ(result.config.process.workers, 0);
  CHECK(result.config.process.drain_timeout == 30s);
  CHECK(result.config.process.watch);
}

TEST_CASE("several targets are tried in order, by turns or at random") {
  const std::string start =
      "[service.a]\ntls = false\naccept = 1\nconnect = [\"a.example:1\", \"b.example:2\"]\n";
  struct Row {
    std::string keys;
    Balance balance;
  };
  for (const Row& row : {
           Row{"", Balance::order},
           Row{"balance = \"order\"", Balance::order},
           Row{"balance = \"round-robin\"", Balance::round_robin},
           Row{"balance = \"random\"", Balance::random},
           Row{"[defaults]\nbalance = \"random\"", Balance::random},
       }) {
    CAPTURE(row.keys);
    const Validated result = validated(start + row.keys);
    REQUIRE_EQ(all_texts(result), "");
    const Service& service = result.config.services.at(0);
    CHECK(service.balance == row.balance);
    CHECK(service.connect == test::addresses({{"a.example", 1}, {"b.example", 2}}));
  }
  // today's only target on the command line is no mistake in the file
  const Validated result =
      validated(start + "balance = \"random\"", {{"--connect", "connect", "c.example:3"}});
  CHECK_EQ(all_texts(result), "");
}

TEST_CASE("a client is explained to in VNC at VNC's ports, or in what the file says") {
  struct Row {
    std::string keys;
    Explain explain;
  };
  for (const Row& row : {
           Row{"client = true\naccept = 5900", Explain::vnc},
           Row{"client = true\naccept = 5999", Explain::vnc},
           Row{"client = true\naccept = [\"127.0.0.1:5901\", 5902]", Explain::vnc},
           Row{"client = true\naccept = [5901, 8080]", Explain::off},
           Row{"client = true\naccept = 5899", Explain::off},
           Row{"client = true\naccept = 6000", Explain::off},
           Row{"client = true\naccept = 0", Explain::off},
           Row{"tls = false\naccept = 5900", Explain::off},
           Row{"client = true\naccept = 5900\nexplain = \"off\"", Explain::off},
           Row{"client = true\naccept = 5900\nexplain = \"http\"", Explain::http},
           Row{"client = true\naccept = 80\nexplain = \"vnc\"", Explain::vnc},
           Row{"client = true\naccept = 22\nexplain = \"ssh\"", Explain::ssh},
           Row{"tls = false\naccept = 22\nexplain = \"ssh\"", Explain::ssh},
           Row{"client = true\naccept = 80\n[defaults]\nexplain = \"http\"", Explain::http},
       }) {
    CAPTURE(row.keys);
    const Validated result =
        validated("[service.a]\nconnect = \"relay.example:1\"\n" + row.keys + "\n");
    REQUIRE_EQ(all_texts(result), "");
    CHECK(result.config.services.at(0).explain == row.explain);
  }
}

TEST_CASE("every key of a client reaches its value") {
  const TemporaryFolder folder;
  for (const char* name : {"ca.pem", "ca.crl", "own.pem", "own.key"}) folder.write(name, "");
  const Validated result = validated(
      "[service.vnc]\n"
      "client = true\n"
      "accept = [5999, \"192.0.2.1:6000\", \"[2001:db8::1]:0\"]\n"
      "connect = [\"${HOST}:${PORT}\", \"[2001:db8::2]:1\", \"10.0.0.1:65535\"]\n"
      "server_name = \"relay.example\"\n"
      "ca = [\"ca.pem\", \"system\", \".\"]\n"
      "crl = \"ca.crl\"\n"
      "cert = \"own.pem\"\n"
      "key = \"own.key\"\n"
      "min_version = \"1.3\"\n"
      "max_version = \"1.3\"\n"
      "resume = true\n"
      "explain = \"http\"\n"
      "unclean_end = \"close\"\n"
      "warm = 3\n"
      "max_connections = 7\n"
      "connect_timeout = \"500ms\"\n"
      "handshake_timeout = \"2s\"\n"
      "idle_timeout = \"0s\"\n"
      "close_timeout = \"1h30m\"\n"
      "keepalive = \"1d\"\n",
      {}, folder.path());
  REQUIRE_EQ(all_texts(result), "");
  const Service& vnc = result.config.services.at(0);
  CHECK(vnc.accept == test::addresses({{"", 5999}, {"192.0.2.1", 6000}, {"2001:db8::1", 0}}));
  CHECK(vnc.connect ==
        test::addresses({{"relay.example", 41234}, {"2001:db8::2", 1}, {"10.0.0.1", 65535}}));
  CHECK_EQ(vnc.server_name, "relay.example");
  CHECK(vnc.system_ca);
  REQUIRE_EQ(vnc.ca.size(), 2);
  CHECK_EQ(vnc.ca[0].path, folder.path() / "ca.pem");
  CHECK_EQ(vnc.ca[0].place.line, 6);
  CHECK_EQ(vnc.ca[0].place.column, 7);
  CHECK_EQ(vnc.ca[1].path, folder.path() / ".");
  REQUIRE(vnc.crl.has_value());
  CHECK_EQ(vnc.crl->path, folder.path() / "ca.crl");
  REQUIRE(vnc.cert.has_value());
  CHECK_EQ(vnc.cert->path, folder.path() / "own.pem");
  REQUIRE(vnc.key.has_value());
  CHECK_EQ(vnc.key->path, folder.path() / "own.key");
  CHECK(vnc.min_version == TlsVersion::tls13);
  CHECK(vnc.max_version == TlsVersion::tls13);
  CHECK(vnc.resume);
  CHECK(vnc.explain == Explain::http);
  CHECK(vnc.unclean_end == UncleanEnd::close);
  CHECK_EQ(vnc.warm, 3);
  CHECK_EQ(vnc.max_connections, 7);
  CHECK_EQ(vnc.max_per_source, 7);
  CHECK(vnc.timeouts.connect == 500ms);
  CHECK(vnc.timeouts.handshake == 2s);
  CHECK(vnc.timeouts.idle == 0s);
  CHECK(vnc.timeouts.close == 90min);
  CHECK(vnc.keepalive == 24h);
}

TEST_CASE("sessions are resumed by default, but not where a client shows a certificate") {
  const TemporaryFolder folder;
  for (const char* name : {"own.pem", "own.key"}) folder.write(name, "");
  const std::string client = "client = true\naccept = 0\nconnect = \"x:1\"\n";
  const std::string own = "cert = \"own.pem\"\nkey = \"own.key\"\n";
  const Validated result = validated("[service.a]\n" + client + "[service.b]\n" + client + own +
                                         "[service.c]\n" + client + "resume = false\n" +
                                         "[service.d]\naccept = 1\nconnect = \"x:1\"\n" + own,
                                     {}, folder.path());
  REQUIRE_EQ(all_texts(result), "");
  CHECK(result.config.services.at(0).resume);
  CHECK_EQ(result.config.services.at(0).warm, 0);
  CHECK_FALSE(result.config.services.at(1).resume);
  CHECK_FALSE(result.config.services.at(2).resume);
  CHECK(result.config.services.at(3).resume);
}

TEST_CASE("connections are kept ready only where a client dials TLS") {
  const TemporaryFolder folder;
  for (const char* name : {"own.pem", "own.key"}) folder.write(name, "");
  const Validated result = validated(
      "[defaults]\nwarm = 2\n"
      "[service.a]\nclient = true\naccept = 0\nconnect = \"x:1\"\n"
      "[service.b]\ntls = false\naccept = 0\nconnect = \"x:1\"\n"
      "[service.c]\naccept = 1\nconnect = \"x:1\"\ncert = \"own.pem\"\nkey = \"own.key\"\n",
      {}, folder.path());
  REQUIRE_EQ(all_texts(result), "");
  CHECK_EQ(result.config.services.at(0).warm, 2);
  CHECK_EQ(result.config.services.at(1).warm, 0);
  CHECK_EQ(result.config.services.at(2).warm, 0);
}

TEST_CASE("a named authority takes the place of the system's") {
  const TemporaryFolder folder;
  folder.write("ca.pem", "");
  const Validated result = validated(
      "[service.a]\nclient = true\naccept = 1\nconnect = \"x:1\"\nca = \"ca.pem\"\n"
      "[service.b]\nclient = true\naccept = 2\nconnect = \"x:1\"\nca = \"system\"\n"
      "[service.c]\nclient = true\naccept = 3\nconnect = \"x:1\"\nverify = \"none\"\n",
      {}, folder.path());
  REQUIRE_EQ(all_texts(result), "");
  CHECK_FALSE(result.config.services.at(0).system_ca);
  CHECK_EQ(result.config.services.at(0).ca.size(), 1);
  CHECK(result.config.services.at(1).system_ca);
  CHECK(result.config.services.at(1).ca.empty());
  CHECK(result.config.services.at(2).verify == Verify::none);
}

TEST_CASE("server mode and plain relays need no word about verification") {
  const TemporaryFolder folder;
  folder.write("relay.pem", "");
  folder.write("relay.key", "");
  const Validated result = validated(
      "[service.vnc]\naccept = 41234\nconnect = \"127.0.0.1:5900\"\ncert = \"relay.pem\"\n"
      "key = \"relay.key\"\n"
      "[service.ssh]\ntls = false\naccept = 41235\nconnect = \"127.0.0.1:22\"\n",
      {}, folder.path());
  REQUIRE_EQ(all_texts(result), "");
  CHECK(result.config.services.at(0).accepts_tls());
  CHECK_FALSE(result.config.services.at(0).connects_tls());
  CHECK_FALSE(result.config.services.at(1).accepts_tls());
  CHECK_FALSE(result.config.services.at(1).connects_tls());
}

TEST_CASE("services stand in the order of the file") {
  const Validated result = validated(
      "[service.z]\nclient = true\naccept = 1\nconnect = \"x:1\"\n"
      "[service.a]\nclient = true\naccept = 2\nconnect = \"x:1\"\n"
      "[service]\nm = { client = true, accept = 3, connect = \"x:1\" }\n");
  REQUIRE_EQ(all_texts(result), "");
  REQUIRE_EQ(result.config.services.size(), 3);
  CHECK_EQ(result.config.services[0].name, "z");
  CHECK_EQ(result.config.services[1].name, "a");
  CHECK_EQ(result.config.services[2].name, "m");
}

TEST_CASE("[defaults] is what a service does not say itself") {
  const Validated result = validated(
      "[defaults]\nclient = true\nidle_timeout = \"1h\"\nconnect = \"x:1\"\nverify = \"none\"\n"
      "[service.a]\naccept = 1\n"
      "[service.b]\naccept = 2\nidle_timeout = \"2h\"\nverify = \"full\"\nconnect = \"y:1\"\n");
  REQUIRE_EQ(all_texts(result), "");
  const Service& a = result.config.services.at(0);
  const Service& b = result.config.services.at(1);
  CHECK(a.client);
  CHECK(a.timeouts.idle == 1h);
  CHECK(a.connect == test::addresses({{"x", 1}}));
  CHECK(a.verify == Verify::none);
  CHECK(b.client);
  CHECK(b.timeouts.idle == 2h);
  CHECK(b.connect == test::addresses({{"y", 1}}));
  CHECK(b.verify == Verify::full);
}

TEST_CASE("[defaults] may hold keys that only some services can use") {
  const TemporaryFolder folder;
  folder.write("a.pem", "");
  const Validated result = validated(
      "[defaults]\ncert = \"a.pem\"\nkey = \"a.pem\"\nhandshake_timeout = \"3s\"\n"
      "ca = \"a.pem\"\nserver_name = \"relay.example\"\n"
      "[service.server]\naccept = 1\nconnect = \"127.0.0.1:9\"\n"
      "[service.client]\nclient = true\naccept = 2\nconnect = \"x:1\"\n"
      "[service.plain]\ntls = false\naccept = 3\nconnect = \"x:1\"\n",
      {}, folder.path());
  CHECK_EQ(all_texts(result), "");
}

TEST_CASE("who the program becomes, and how far it is confined") {
  const std::string service = "[service.a]\ntls = false\naccept = 1\nconnect = \"h:2\"\n";
  const auto none = test::validated(service);
  CHECK_EQ(none.config.process.user, "");
  CHECK_EQ(none.config.process.group, "");
  CHECK(none.config.process.sandbox == Sandbox::on);
  for (const auto& [text, value] :
       {std::pair{"true", Sandbox::on}, {"false", Sandbox::off}, {"\"strict\"", Sandbox::strict}}) {
    const auto read = test::validated(
        service + "[process]\nuser = \"tunnel\"\ngroup = \"relays\"\nsandbox = " + text);
    CHECK_EQ(test::all_texts(read), "");
    CHECK_EQ(read.config.process.user, "tunnel");
    CHECK_EQ(read.config.process.group, "relays");
    CHECK(read.config.process.sandbox == value);
  }
  const auto wrong = test::validated(service + "[process]\nsandbox = \"tight\"\n");
  CHECK_NE(test::all_texts(wrong).find("sandbox: \"tight\""), std::string::npos);
}

TEST_CASE("[log] and [process] reach their values") {
  const std::string service = "[service.a]\nclient = true\naccept = 1\nconnect = \"x:1\"\n";
  const Validated all =
      validated(service +
                    "[log]\nlevel = \"trace\"\nformat = \"json\"\nfile = \"t.log\"\n"
                    "time = false\n[process]\nworkers = 64\ndrain_timeout = \"0s\"\n"
                    "watch = false\n",
                {}, "folder");
  REQUIRE_EQ(all_texts(all), "");
  CHECK(all.config.log.settings.level == LogLevel::trace);
  CHECK(all.config.log.settings.format == LogFormat::json);
  CHECK_FALSE(all.config.log.settings.time);
  REQUIRE(all.config.log.file.has_value());
  CHECK_EQ(*all.config.log.file, std::filesystem::path("folder") / "t.log");
  CHECK_EQ(all.config.process.workers, 64);
  CHECK(all.config.process.drain_timeout == 0s);
  CHECK_FALSE(all.config.process.watch);
  // a line that nobody stamps shows the time itself
  CHECK(validated(service + "[log]\nformat = \"json\"\n").config.log.settings.time);
  CHECK(validated(service + "[log]\nfile = \"t.log\"\n").config.log.settings.time);
  CHECK(validated(service + "[log]\ntime = true\n").config.log.settings.time);
  CHECK_FALSE(validated(service + "[log]\ntime = false\n").config.log.settings.time_of_day);
}

const char* const one_service = "[service.vnc]\nclient = true\naccept = 5999\nconnect = \"a:1\"\n";
const char* const two_services =
    "[service.vnc]\nclient = true\naccept = 5999\nconnect = \"a:1\"\n"
    "[service.web]\nclient = true\naccept = 5998\nconnect = \"b:1\"\n";

Override connect(const char* text) { return {"--connect", "connect", text}; }
Override accept(const char* text) { return {"--accept", "accept", text}; }

TEST_CASE("the command line takes the place of the only service's addresses") {
  const Validated result = validated(one_service, {connect("relay.example:41234"), accept("6000")});
  REQUIRE_EQ(all_texts(result), "");
  CHECK(result.config.services.at(0).connect == test::addresses({{"relay.example", 41234}}));
  CHECK(result.config.services.at(0).accept == test::addresses({{"", 6000}}));
}

TEST_CASE("the command line names one of several services") {
  const Validated result =
      validated(two_services, {connect("web=[2001:db8::1]:7"), accept("vnc=0.0.0.0:0")});
  REQUIRE_EQ(all_texts(result), "");
  CHECK(result.config.services.at(0).connect == test::addresses({{"a", 1}}));
  CHECK(result.config.services.at(0).accept == test::addresses({{"0.0.0.0", 0}}));
  CHECK(result.config.services.at(1).connect == test::addresses({{"2001:db8::1", 7}}));
  CHECK(result.config.services.at(1).accept == test::addresses({{"", 5998}}));
}

TEST_CASE("the command line may give what the file leaves out") {
  const Validated result =
      validated("[service.vnc]\nclient = true\n", {connect("a:1"), accept("0")});
  REQUIRE_EQ(all_texts(result), "");
  CHECK(result.config.services.at(0).connect == test::addresses({{"a", 1}}));
}

TEST_CASE("two overrides of one key of one service are a mistake") {
  CHECK_EQ(all_texts(validated(one_service, {connect("b:2"), connect("vnc=c:3")})),
           "--connect: given twice for service \"vnc\"\n    give each service one\n");
  CHECK_EQ(all_texts(validated(two_services, {connect("vnc=b:2"), connect("web=c:3")})), "");
}

TEST_CASE("an override that means no service, or more than one, is a mistake") {
  CHECK_EQ(all_texts(validated(two_services, {connect("wep=c:3")})),
           "--connect: there is no service \"wep\" in the file\n    --connect web=c:3\n");
  CHECK_EQ(all_texts(validated(two_services, {connect("modbus=c:3")})),
           "--connect: there is no service \"modbus\" in the file\n");
  CHECK_EQ(all_texts(validated(two_services, {accept("6000")})),
           "--accept: the file has 2 services: say which one is meant\n    --accept vnc=6000\n");
}

TEST_CASE("a wrong value on the command line is told by the option's name") {
  CHECK_EQ(all_texts(validated(one_service, {connect("relay.example")})),
           "--connect: service \"vnc\": connect: \"relay.example\" has no port\n"
           "    connect = \"relay.example:443\"\n");
  CHECK_EQ(all_texts(validated(one_service, {connect("vnc=a:0")})),
           "--connect: service \"vnc\": connect: port \"0\" is not a number from 1 to 65535\n"
           "    connect = \"a:443\"\n");
  CHECK_EQ(all_texts(validated(one_service, {accept("70000")})),
           "--accept: service \"vnc\": accept: port 70000 is not a number from 0 to 65535\n"
           "    accept = 5999\n");
  CHECK_EQ(all_texts(validated(one_service, {accept("")})),
           "--accept: service \"vnc\": accept: \"\" has no host\n"
           "    accept = \"127.0.0.1:443\"\n");
}

TEST_CASE("the command line's mistakes come before the file's, and hide none of them") {
  CHECK_EQ(all_texts(validated("[service.vnc]\nclient = true\naccept = -1\nconnect = \"a:1\"\n",
                               {connect("web=b:1"), connect("b")})),
           "--connect: there is no service \"web\" in the file\n"
           "--connect: service \"vnc\": connect: \"b\" has no port\n    connect = \"b:443\"\n"
           "t.toml:3:10: service \"vnc\": accept: port -1 is not a number from 0 to 65535\n"
           "    accept = 5999\n");
}

TEST_CASE("an override hides what was wrong with the value that it replaces") {
  CHECK_EQ(all_texts(validated("[service.vnc]\nclient = true\naccept = 1\nconnect = 7\n",
                               {connect("a:1")})),
           "");
}

TEST_CASE("an address that the command line makes two services share is a mistake") {
  const Validated result = validated(two_services, {accept("web=5999")});
  REQUIRE_EQ(result.mistakes.size(), 1);
  CHECK_EQ(result.mistakes[0].place.file, "--accept");
  CHECK_EQ(result.mistakes[0].key, "accept");
  CHECK_EQ(result.mistakes[0].what.substr(0, 44), "port 5999 is already taken by service \"vnc\" ");
}

}  // namespace
}  // namespace tunnel::config
