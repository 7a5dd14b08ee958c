// Offers of relays: what is read, what is refused, and what they change in a service.
#include "config/relay_offer.hpp"

#include <doctest/doctest.h>

#include <string>

#include "support/configuration.hpp"

using namespace tunnel;
using config::relay_offer;
using config::WallTime;
using std::chrono::milliseconds;

namespace {

const WallTime now{milliseconds(1'800'000'000'000)};

config::RelayOffer read(std::string_view text) {
  auto offer = relay_offer(text, now);
  INFO(text);
  REQUIRE(offer);
  return *offer;
}

std::string refusal(std::string_view text) {
  const auto offer = relay_offer(text, now);
  return offer ? "read: " + offer->target.text() : offer.error().message();
}

// The configuration with that offer for its only service.
config::Validated with(std::string_view offer_text, std::string_view keys) {
  const auto wall = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  auto offer = relay_offer(offer_text, wall);
  REQUIRE(offer);
  return test::validated("[service.vnc]\n" + std::string(keys),
                         {{"--connect", "connect", "-", *offer}});
}

std::string in_an_hour() {
  const auto wall = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  return std::to_string((wall + std::chrono::hours(1)).time_since_epoch().count());
}

}  // namespace

TEST_CASE("one line is a host and a port") {
  CHECK(read("relay.example:41234\n").target.text() == "relay.example:41234");
  CHECK(read("  [2001:db8::1]:443  \r\n").target.text() == "[2001:db8::1]:443");
  CHECK(read("\xef\xbb\xbfrelay.example:1").target.text() == "relay.example:1");
  CHECK(!read("relay.example:1").tls);
  CHECK(!read("relay.example:1").expires);
}

TEST_CASE("the answer of an API gives the name, whether TLS is on, and the end") {
  const auto offer = read(R"({"hostname": "203-0-113-7.relay.example", "ipAddress": "203.0.113.7",
    "port": 41234, "endpoint": "203-0-113-7.relay.example:41234", "duration": 1800,
    "expiredTime": 1800001800000, "tlsRequired": true, "source": {"ipRanges": ["192.0.2.0/24"]}})");
  CHECK(offer.target.text() == "203-0-113-7.relay.example:41234");
  CHECK(offer.tls == true);
  CHECK(offer.expires == WallTime(milliseconds(1'800'001'800'000)));
}

TEST_CASE("what is left out is found elsewhere, and the name goes before the address") {
  CHECK(read(R"({"endpoint": "relay.example:1"})").target.text() == "relay.example:1");
  CHECK(read(R"({"ipAddress": "192.0.2.1", "port": 2})").target.text() == "192.0.2.1:2");
  CHECK(read(R"({"ipAddress": "192.0.2.1", "port": 2, "endpoint": "relay.example:2"})")
            .target.text() == "relay.example:2");
  CHECK(read(R"({"hostname": "relay.example", "port": 2, "endpoint": "192.0.2.1:2"})")
            .target.text() == "relay.example:2");
  CHECK(read(R"({"hostname": "relay.example", "endpoint": "192.0.2.1:7"})").target.text() ==
        "relay.example:7");
  CHECK(read(R"([{"hostname": "relay.example", "port": 2, "tlsRequired": null}])").target.text() ==
        "relay.example:2");
  CHECK(read(R"({"hostname": "relay.example", "port": 2, "duration": 60})").expires ==
        now + std::chrono::seconds(60));
  CHECK(read(R"({"hostname": "relay.example", "port": 2, "tlsRequired": false})").tls == false);
}

TEST_CASE("what is no offer is refused in words") {
  struct Row {
    std::string text, reason;
  };
  for (const Row& row : {
           Row{"", "nothing came"},
           {" \n\t\n", "nothing came"},
           {"relay.example", "has no port"},
           {"{\"hostname\": ", "this is no JSON"},
           {"{\"hostname\": \"relay.example\", \"port\": 1} extra", "this is no JSON"},
           {"{}", "names no relay"},
           {R"({"hostname": "relay.example"})", "has no \"port\""},
           {R"({"hostname": "relay.example", "port": "1"})", "\"port\" in the JSON is not a whole"},
           {R"({"hostname": "relay.example", "port": 65536})",
            "\"port\" in the JSON is not a whole"},
           {R"({"hostname": "relay.example", "port": -1})", "\"port\" in the JSON is not a whole"},
           {R"({"hostname": "relay.example", "port": 1.5})", "\"port\" in the JSON is not a whole"},
           {R"({"hostname": "relay.example", "port": 0})", "port \"0\" is not a number"},
           {R"({"hostname": 7, "port": 1})", "\"hostname\" in the JSON is not a string"},
           {R"({"hostname": "a b", "port": 1})", "the JSON's relay"},
           {R"({"hostname": "", "port": 1})", "the JSON's relay"},
           {R"({"endpoint": "relay.example"})", "\"endpoint\" in the JSON"},
           {R"({"hostname": "a", "port": 1, "tlsRequired": "yes"})", "is not true or false"},
           {R"({"hostname": "a", "port": 1, "expiredTime": "soon"})", "\"expiredTime\""},
           {R"({"hostname": "a", "port": 1, "duration": 1e300})", "\"duration\""},
           {"[]", "the list of relays is empty"},
           {"[{}, {}]", "2 relays came, where one is wanted"},
           {"[[7]]", "a list, but not one of relays"},
           {"[7]", "no IPv6 address"},
           {std::string("\xff\xfe{\0", 4), "UTF-16"},
           {std::string(config::longest_offer + 1, 'a'), "longer than"},
       }) {
    CAPTURE(row.text);
    CHECK(refusal(row.text).find(row.reason) != std::string::npos);
    CHECK(refusal(row.text).find("read:") == std::string::npos);
  }
  // deep nesting costs no stack
  CHECK(refusal(std::string(60000, '[')).find("this is no JSON") != std::string::npos);
  CHECK(refusal(std::string(30000, '[') + std::string(30000, ']')).find("not one of relays") !=
        std::string::npos);
}

TEST_CASE("an API that made no relay is quoted") {
  struct Row {
    std::string answer, message;
  };
  for (const Row& row : {
           Row{R"({"code": "AUM0003", "message": "the token has expired"})",
               "it says: the token has expired (AUM0003)"},
           {R"({"Message": "no such SIM"})", "it says: no such SIM"},
           {R"({"error": "invalid_token", "error_description": "the token is over"})",
            "it says: invalid_token: the token is over"},
           {R"({"error": {"code": 403, "message": "not allowed"}})", "it says: not allowed (403)"},
           {R"({"type": "about:blank", "title": "Forbidden", "status": 403,
                "detail": "the SIM is not yours"})",
            "it says: Forbidden: the SIM is not yours (403)"},
           {R"({"errors": ["no port", {"detail": "no SIM"}]})", "it says: no port; no SIM"},
           {R"([{"message": "the limit is reached"}])", "it says: the limit is reached"},
           {R"({"hostname": null, "errorMessage": "two\nlines"})", "it says: two lines"},
           {R"({"message": "\u001b[31mred"})", "it says: \\x1b[31mred"},
       }) {
    CAPTURE(row.answer);
    CHECK(refusal(row.answer).find(row.message) != std::string::npos);
  }
  CHECK(refusal(R"({"message": ""})").find("names no relay") != std::string::npos);
  CHECK(refusal(R"({"message": ")" + std::string(5000, 'a') + "\"}").size() < 500);
  // a relay may have a description of its own
  CHECK(read(R"({"hostname": "a", "port": 7, "description": "the VNC one"})").target.port == 7);
}

TEST_CASE("a line that is no relay is quoted, and never made one") {
  for (const std::string line : {"Error: the token has expired", "error:timeout", "Unauthorized",
                                 "null", "usage: relay create", "<html><title>403</title></html>",
                                 "Error: 401\nthe token has expired"}) {
    CAPTURE(line);
    CHECK(refusal(line).find("no relay came, but this: ") != std::string::npos);
    CHECK(refusal(line).find(":443") == std::string::npos);
  }
  CHECK(refusal("Error: 401\nthe token has expired\n").find("Error: 401 the token has expired") !=
        std::string::npos);
  CHECK(refusal("Fehler: \xc3\xbc\xff").find("Fehler: \\xc3\\xbc\\xff") != std::string::npos);
  CHECK(refusal("relay.example").find("; a relay is one line host:port") != std::string::npos);
  CHECK(refusal("https://relay.example:7/").find("; relay.example:7") != std::string::npos);
}

TEST_CASE("of several relays the error shows each") {
  const std::string two = R"({"hostname": "a.example", "port": 1, "destination": {"port": 22}})";
  const std::string three =
      R"({"hostname": "b.example", "port": 2, "destination": {"port": 5900},
          "expiredTime": 1800000060000})";
  const std::string shown =
      "2 relays came, where one is wanted: a.example:1 (device port 22) and b.example:2 "
      "(device port 5900, until 2027-01-15T08:01:00Z)";
  CHECK(refusal("[" + two + "," + three + "]").find(shown) != std::string::npos);
  CHECK(refusal("{\"items\": [" + two + "," + three + "]}").find(shown) != std::string::npos);
  CHECK(refusal(two + "\n" + three + "\n").find(shown) != std::string::npos);
  CHECK(refusal("a.example:1\n\nb.example:2\n")
            .find("2 relays came, where one is wanted: a.example:1 and b.example:2") !=
        std::string::npos);
  CHECK(refusal(R"([{"hostname": "a", "port": 1, "expiredTime": 1}, {}])")
            .find("a:1 (expired at 1970-01-01T00:00:00Z) and one without an address") !=
        std::string::npos);
  std::string many;
  for (int i = 0; i < 30; ++i) many += "a.example:1\n";
  CHECK(refusal(many).find("and 20 more") != std::string::npos);
  // none, and a list of one
  for (const char* none : {"[]", "[ ]\n", R"({"items": []})"})
    CHECK(refusal(none).find("make one") != std::string::npos);
  CHECK(read("[" + two + "]").target.text() == "a.example:1");
  CHECK(read("{\"items\": [" + two + "]}").target.text() == "a.example:1");
  CHECK(read("[\"a.example:1\"]").target.text() == "a.example:1");
  CHECK(read("\"a.example:1\"\n").target.text() == "a.example:1");
}

TEST_CASE("an offer is whole at the end of its line, or of its JSON") {
  CHECK(!config::is_whole_offer(""));
  CHECK(!config::is_whole_offer("\n"));
  CHECK(!config::is_whole_offer("relay.example:1"));
  CHECK(config::is_whole_offer("relay.example:1\n"));
  CHECK(config::is_whole_offer("[2001:db8::1]:1\n"));
  CHECK(!config::is_whole_offer("{\n\"port\": 1\n"));
  CHECK(config::is_whole_offer("{\n\"port\": 1\n}\n"));
}

TEST_CASE("an offer takes the place of connect, and closes the service with the relay") {
  const auto validated =
      with(R"({"hostname": "relay.example", "port": 7, "tlsRequired": true, "expiredTime": )" +
               in_an_hour() + "}",
           "client = true\naccept = 5999\nconnect = \"yesterday.example:1\"\n");
  CHECK(test::all_texts(validated) == "");
  const config::Service& service = validated.config.services.at(0);
  CHECK(service.connect.at(0).text() == "relay.example:7");
  CHECK(service.connects_tls());
  REQUIRE(service.until);
  CHECK(std::to_string(service.until->at.time_since_epoch().count()) <= in_an_hour());
  CHECK(service.until->text.ends_with("Z, when the relay's time is up"));
  CHECK(service.notice == "");
}

TEST_CASE("a service that closes earlier by itself stays with that") {
  const std::string offer = R"({"hostname": "a", "port": 7, "expiredTime": )" + in_an_hour() + "}";
  const std::string keys = "client = true\naccept = 5999\n";
  auto validated = with(offer, keys + "open_for = \"10m\"\n");
  CHECK(test::all_texts(validated) == "");
  CHECK(validated.config.services.at(0).open_for == std::chrono::minutes(10));
  CHECK(!validated.config.services.at(0).until);
  validated = with(offer, keys + "open_for = \"3h\"\n");
  CHECK(test::all_texts(validated) == "");
  CHECK(validated.config.services.at(0).until);
  validated = with(offer, keys + "until = 2999-01-01T00:00:00Z\n");
  CHECK(test::all_texts(validated) == "");
  CHECK(validated.config.services.at(0).until->at <
        WallTime(std::chrono::sys_days(std::chrono::year(2999) / 1 / 1)));
}

TEST_CASE(
    "a relay without TLS makes a plain relay, which is said, unless the service asks for TLS") {
  const std::string offer = R"({"hostname": "a", "port": 7, "tlsRequired": false})";
  const auto validated = with(offer, "client = true\naccept = 5999\n");
  CHECK(test::all_texts(validated) == "");
  CHECK(!validated.config.services.at(0).tls);
  CHECK(validated.config.services.at(0).notice.find("TLS option off") != std::string::npos);
  for (const std::string wish : {"tls = true", "server_name = \"a\"", "verify = \"full\"",
                                 "pin = \"sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""}) {
    CAPTURE(wish);
    const auto refused = with(offer, "client = true\naccept = 5999\n" + wish + "\n");
    CHECK(test::all_texts(refused).find("this service asks for TLS") != std::string::npos);
    CHECK(test::all_texts(refused).find("t.toml:4:1") != std::string::npos);
  }
  CHECK(test::all_texts(with(offer, "tls = false\naccept = 2222\n")) == "");
}

TEST_CASE("what the defaults ask for counts for a relay without TLS, too") {
  const std::string offer = R"({"hostname": "a", "port": 7, "tlsRequired": false})";
  for (const std::string wish :
       {"tls = true", "server_name = \"a\"", "verify = \"full\"", "min_version = \"1.3\"",
        "pin = \"sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""}) {
    CAPTURE(wish);
    const auto refused = with(offer, "client = true\naccept = 5999\n[defaults]\n" + wish + "\n");
    CHECK(test::all_texts(refused).find("this service asks for TLS") != std::string::npos);
    CHECK(test::all_texts(refused).find("t.toml:5:1") != std::string::npos);
  }
  // what the service says itself comes first
  const auto plain =
      with(offer, "client = true\ntls = false\naccept = 5999\n[defaults]\ntls = true\n");
  CHECK(test::all_texts(plain).find("asks for TLS") == std::string::npos);
  // the mode may come from there
  const auto as_client = with(offer, "accept = 5999\n[defaults]\nclient = true\n");
  CHECK(test::all_texts(as_client) == "");
  CHECK(!as_client.config.services.at(0).tls);
}

TEST_CASE("a relay with TLS and a service without it do not go together") {
  const std::string offer = R"({"hostname": "a", "port": 7, "tlsRequired": true})";
  CHECK(test::all_texts(with(offer, "tls = false\naccept = 2222\n")).find("SSH and RDP") !=
        std::string::npos);
  CHECK(test::all_texts(with(offer, "accept = 2222\n")).find("sends it plaintext") !=
        std::string::npos);
}

TEST_CASE("a relay whose time is up is said to be over") {
  const auto validated = with(R"({"hostname": "a", "port": 7, "expiredTime": 1700000000000})",
                              "client = true\naccept = 5999\n");
  CHECK(test::all_texts(validated).find("--connect -: service \"vnc\": the relay's time was up at "
                                        "2023-11-14T22:13:20Z") != std::string::npos);
}
