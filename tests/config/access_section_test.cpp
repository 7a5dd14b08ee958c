// Who may come in, and for how long: what is read, and the mistakes that can be made there.
#include <doctest/doctest.h>

#include "config/local_time.hpp"
#include "support/configuration.hpp"

namespace tunnel::config {
namespace {

using namespace std::chrono_literals;
using test::all_texts;
using test::validated;

// A relay that lacks nothing; rows add a line 5.
const std::string relay = "[service.vnc]\ntls = false\naccept = 5999\nconnect = \"a:443\"\n";

Service good(const std::string& lines) {
  CAPTURE(lines);
  const Validated result = validated(relay + lines);
  REQUIRE_EQ(all_texts(result), "");
  return result.config.services.at(0);
}

std::string mistakes(const std::string& lines) { return all_texts(validated(relay + lines)); }

std::vector<std::string> texts(const std::vector<Range>& ranges) {
  std::vector<std::string> out;
  for (const Range& range : ranges) out.push_back(range.text());
  return out;
}

using Texts = std::vector<std::string>;

TEST_CASE("allow and deny take an address, a range, or a list of them") {
  CHECK_FALSE(good("").access.limited());
  CHECK(texts(good("allow = \"192.0.2.7\"").access.allow) == Texts{"192.0.2.7"});
  const Service both = good(
      "allow = [\"192.0.2.0/24\", \"2001:db8::/32\", \"::ffff:198.51.100.0/120\"]\n"
      "deny = \"192.0.2.128/25\"\n");
  CHECK(texts(both.access.allow) == Texts{"192.0.2.0/24", "2001:db8::/32", "198.51.100.0/24"});
  CHECK(texts(both.access.deny) == Texts{"192.0.2.128/25"});
  CHECK(texts(good("[defaults]\nallow = \"10.0.0.0/8\"\n").access.allow) == Texts{"10.0.0.0/8"});
}

TEST_CASE("a range that is none is told with one that would be right, where it stands") {
  CHECK_EQ(mistakes("allow = [\"10.0.0.0/8\", \"203.0.113.7/24\"]"),
           "t.toml:5:24: service \"vnc\": allow: \"203.0.113.7/24\" goes on behind its first 24 "
           "bits, which make the range\n    allow = \"203.0.113.0/24\"\n");
  CHECK_EQ(mistakes("deny = \"office.example\""),
           "t.toml:5:8: service \"vnc\": deny: \"office.example\" is neither an address nor a "
           "range of addresses\n    deny = \"192.0.2.0/24\"\n");
  CHECK_EQ(mistakes("allow = []"),
           "t.toml:5:9: service \"vnc\": allow: the list is empty\n"
           "    give it a value, or remove the key\n");
  CHECK_EQ(mistakes("allow = 10"),
           "t.toml:5:9: service \"vnc\": allow: a string is needed, not a whole number\n"
           "    allow = \"192.0.2.0/24\"\n");
}

TEST_CASE("an allow of which deny leaves nothing is a mistake") {
  CHECK_EQ(mistakes("allow = [\"192.0.2.0/24\", \"10.1.0.0/16\"]\ndeny = \"10.0.0.0/8\""),
           "t.toml:5:26: service \"vnc\": allow: \"10.1.0.0/16\" does nothing, since deny holds "
           "all of it and wins\n    remove it here, or from deny\n");
  CHECK_EQ(mistakes("allow = \"10.0.0.0/8\"\ndeny = [\"10.0.0.0/9\", \"10.128.0.0/9\"]"),
           "t.toml:5:9: service \"vnc\": allow: \"10.0.0.0/8\" does nothing, since deny holds "
           "all of it and wins\n    remove it here, or from deny\n");
  CHECK_EQ(mistakes("deny = [\"0.0.0.0/0\", \"::/0\"]"),
           "t.toml:5:9: service \"vnc\": deny: nobody is left who may come in\n"
           "    name those who may: allow = \"192.0.2.0/24\"\n");
  CHECK_EQ(mistakes("deny = \"::/0\""), "");
  CHECK_EQ(mistakes("allow = \"10.0.0.0/8\"\ndeny = \"10.0.0.0/9\""), "");
}

TEST_CASE("a deny that denies nobody who would get in is a mistake") {
  CHECK_EQ(mistakes("allow = \"192.0.2.0/24\"\ndeny = [\"10.0.0.0/8\", \"::/0\"]"),
           "t.toml:6:1: service \"vnc\": deny does nothing, since none of its addresses is among "
           "those of allow\n    remove it\n");
  // what [defaults] says is for those to whom it applies
  CHECK_EQ(mistakes("allow = \"192.0.2.0/24\"\n[defaults]\ndeny = \"10.0.0.0/8\"\n"), "");
}

TEST_CASE("a service closes after a while, or at a moment, or never") {
  CHECK_EQ(good("").open_for.count(), 0);
  CHECK_FALSE(good("").until.has_value());
  CHECK(good("open_for = \"30m\"").open_for == 30min);
  const Service timed = good("until = 2126-11-22T18:00:00+09:00");
  REQUIRE(timed.until.has_value());
  using namespace std::chrono;
  CHECK(timed.until->at == sys_days(year(2126) / 11 / 22) + 9h);
  CHECK_EQ(timed.until->text, "2126-11-22T18:00:00+09:00");
  CHECK(good("until = 2126-11-22 18:00:00.25Z").until->at ==
        sys_days(year(2126) / 11 / 22) + 18h + 250ms);
  CHECK(good("until = 2126-01-01T00:00:00-00:30").until->at ==
        sys_days(year(2126) / 1 / 1) + 30min);
  CHECK(good("until = 9999-12-31T23:59:59Z").until->at ==
        sys_days(year(9999) / 12 / 31) + 23h + 59min + 59s);
}

TEST_CASE("a closing time is a moment to come, the same everywhere") {
  CHECK_EQ(mistakes("until = 2001-01-01T00:00:00Z"),
           "t.toml:5:9: service \"vnc\": until: 2001-01-01T00:00:00Z has passed\n"
           "    give a time to come, or remove the service\n");
  CHECK_EQ(mistakes("until = 0000-01-01T00:00:00Z"),
           "t.toml:5:9: service \"vnc\": until: 0000-01-01T00:00:00Z has passed\n"
           "    give a time to come, or remove the service\n");
  CHECK_EQ(mistakes("until = 2126-11-22T18:00:00"),
           "t.toml:5:9: service \"vnc\": until: 2126-11-22T18:00:00 has no offset from UTC, so it "
           "is another moment elsewhere\n    until = " +
               with_local_offset("2126-11-22T18:00:00") + "\n");
  CHECK_EQ(mistakes("until = 2126-11-22"),
           "t.toml:5:9: service \"vnc\": until: a date and a time is needed, not a date\n"
           "    until = " +
               with_local_offset("2126-11-22T00:00:00") + "\n");
  CHECK_EQ(mistakes("until = 18:00:00"),
           "t.toml:5:9: service \"vnc\": until: a date and a time is needed, not a time\n"
           "    until = " +
               with_local_offset("2030-01-31T18:00:00") + "\n");
  CHECK_EQ(mistakes("until = \"2126-11-22T18:00:00Z\""),
           "t.toml:5:9: service \"vnc\": until: a date and a time is needed, not a string\n    "
           "until = 2126-11-22T18:00:00Z\n");
  CHECK_EQ(mistakes("open_for = 30"),
           "t.toml:5:12: service \"vnc\": open_for: 30 has no unit: ms, s, m, h or d\n"
           "    open_for = \"30s\"\n");
  CHECK_EQ(mistakes("open_for = 2126-11-22T18:00:00Z"),
           "t.toml:5:12: service \"vnc\": open_for: a duration is needed, not a date and a time\n  "
           "  open_for = \"30s\"\n");
}

TEST_CASE("one closing time is enough") {
  const std::string both = "until and open_for both say when the service closes\n";
  CHECK_EQ(mistakes("open_for = \"1h\"\nuntil = 2126-11-22T18:00:00Z"),
           "t.toml:6:1: service \"vnc\": " + both + "    keep one of them\n");
  CHECK_EQ(mistakes("[defaults]\nopen_for = \"1h\"\nuntil = 2126-11-22T18:00:00Z"),
           "t.toml:7:1: service \"vnc\": " + both + "    keep one of them\n");
  // the service's own wins over [defaults]
  const Service a = good("open_for = \"1h\"\n[defaults]\nuntil = 2126-11-22T18:00:00Z");
  CHECK(a.open_for == 1h);
  CHECK_FALSE(a.until.has_value());
  const Service b = good("until = 2126-11-22T18:00:00Z\n[defaults]\nopen_for = \"1h\"");
  CHECK_EQ(b.open_for.count(), 0);
  CHECK(b.until.has_value());
  const Service c = good("open_for = \"0s\"\n[defaults]\nuntil = 2126-11-22T18:00:00Z");
  CHECK_EQ(c.open_for.count(), 0);
  CHECK_FALSE(c.until.has_value());
}

}  // namespace
}  // namespace tunnel::config
