// Quantities, foreign bytes and likeness as people read them.
#include "base/text.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace tunnel {
namespace {

using namespace std::chrono_literals;

TEST_CASE("days and times are those of UTC") {
  using namespace std::chrono;
  const sys_seconds time = sys_days(year(2026) / 1 / 31) + 12h + 4min + 5s;
  CHECK_EQ(date_text(time), "2026-01-31");
  CHECK_EQ(time_text(time), "2026-01-31 12:04:05 UTC");
  CHECK_EQ(time_text(sys_days(year(9999) / 12 / 31) + 23h + 59min + 59s),
           "9999-12-31 23:59:59 UTC");
  CHECK_EQ(time_text(sys_seconds(-1s)), "1969-12-31 23:59:59 UTC");
}

TEST_CASE("a time in RFC 3339 has milliseconds if there are any, or always") {
  using namespace std::chrono;
  const sys_seconds time = sys_days(year(2026) / 1 / 31) + 12h + 4min + 5s;
  CHECK_EQ(rfc3339(time), "2026-01-31T12:04:05Z");
  CHECK_EQ(rfc3339(time + 7ms), "2026-01-31T12:04:05.007Z");
  CHECK_EQ(rfc3339(sys_days(year(2026) / 1 / 31) + 12h), "2026-01-31T12:00:00Z");
  CHECK_EQ(rfc3339(sys_seconds()), "1970-01-01T00:00:00Z");
  CHECK_EQ(rfc3339_milliseconds(time), "2026-01-31T12:04:05.000Z");
  CHECK_EQ(rfc3339_milliseconds(time + 7ms), "2026-01-31T12:04:05.007Z");
  CHECK_EQ(rfc3339(sys_time<milliseconds>(-1ms)), "1969-12-31T23:59:59.999Z");
}

TEST_CASE("a rate is bytes in each second, and none without time") {
  using namespace std::chrono_literals;
  CHECK_EQ(rate_text(3000, 2s), "1.5 kB/s");
  CHECK_EQ(rate_text(500, 500ms), "1.0 kB/s");
  CHECK_EQ(rate_text(3000, 0s), "0 B/s");
}

TEST_CASE("durations have two digits of what matters") {
  struct Row {
    std::chrono::nanoseconds value;
    std::string text;
  };
  for (const Row& row :
       {Row{0ns, "0 ms"}, Row{999us, "0 ms"}, Row{84ms, "84 ms"}, Row{999ms, "999 ms"},
        Row{1s, "1.0 s"}, Row{6'499ms, "6.4 s"}, Row{9'999ms, "9.9 s"}, Row{10s, "10 s"},
        Row{59'999ms, "59 s"}, Row{60s, "1m00s"}, Row{388s, "6m28s"}, Row{3'599s, "59m59s"},
        Row{1h, "1h00m"}, Row{125min, "2h05m"}, Row{12h, "12h00m"}, Row{86'399s, "23h59m"},
        Row{24h, "1d00h"}, Row{76h, "3d04h"}, Row{24h * 1000, "1000d00h"}}) {
    CHECK_EQ(duration_text(row.value), row.text);
  }
}

TEST_CASE("byte counts go by thousands") {
  struct Row {
    std::uint64_t value;
    std::string text;
  };
  for (const Row& row :
       {Row{0, "0 B"}, Row{512, "512 B"}, Row{999, "999 B"}, Row{1000, "1.0 kB"},
        Row{1234, "1.2 kB"}, Row{48'100'000, "48.1 MB"}, Row{999'949, "999.9 kB"},
        Row{999'950, "1.0 MB"}, Row{999'999'999, "1.0 GB"}, Row{2'000'000'000'000, "2.0 TB"},
        Row{std::numeric_limits<std::uint64_t>::max(), "18446.7 PB"}}) {
    CHECK_EQ(bytes_text(row.value), row.text);
  }
}

TEST_CASE("foreign bytes are harmless in a line of a log") {
  CHECK_EQ(escaped(""), "");
  CHECK_EQ(escaped("SSH-2.0-OpenSSH_9.2"), "SSH-2.0-OpenSSH_9.2");
  CHECK_EQ(escaped("a\r\n\tb"), "a\\r\\n\\tb");
  CHECK_EQ(escaped("\"\\"), "\\\"\\\\");
  CHECK_EQ(escaped("\x1b[31m"), "\\x1b[31m");
  CHECK_EQ(escaped(std::string_view("\0\x7f\x80\xff", 4)), "\\x00\\x7f\\x80\\xff");
  CHECK_EQ(escaped("\xc3\xbc"), "\\xc3\\xbc");
}

TEST_CASE("escaping leaves only printable ASCII, whatever comes in") {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  for (const char c : escaped(all, 1000)) {
    CHECK_GE(c, 0x20);
    CHECK_LT(c, 0x7f);
  }
}

TEST_CASE("the user's own text keeps its letters") {
  CHECK_EQ(one_line("gr\u00fc\u00df \u5de5\u5834 \"\\"), "gr\u00fc\u00df \u5de5\u5834 \"\\");
  CHECK_EQ(one_line("a\n\x1b\x7f"), "a\\n\\x1b\\x7f");
  CHECK_EQ(one_line("\u0085\u202e\u2028\u2066"), "\\u0085\\u202e\\u2028\\u2066");
  CHECK_EQ(one_line("\xff\xc3"), "\\xff\\xc3");
  CHECK_EQ(quotable("\u5de5\"\\"), "\u5de5\\\"\\\\");
  CHECK_EQ(quotable("ab\u5de5", 4), "ab...");
  CHECK_EQ(quotable("ab\u5de5", 5), "ab\u5de5");
}

TEST_CASE("long foreign bytes are cut") {
  CHECK_EQ(escaped("abcde", 5), "abcde");
  CHECK_EQ(escaped("abcdef", 5), "abcde...");
  CHECK_EQ(escaped("\n\n\n", 2), "\\n\\n...");
  CHECK_EQ(escaped(std::string(80, 'a')), std::string(80, 'a'));
  CHECK_EQ(escaped(std::string(81, 'a')), std::string(80, 'a') + "...");
}

TEST_CASE("text is no markup") {
  CHECK_EQ(in_markup(""), "");
  CHECK_EQ(in_markup("<a href=\"x\">R&D</a>"), "&lt;a href=&quot;x&quot;&gt;R&amp;D&lt;/a&gt;");
  CHECK_EQ(in_markup("\xc3\xbc '"), "\xc3\xbc '");
}

TEST_CASE("lists are joined as in a sentence") {
  CHECK_EQ(joined_with_and({}), "");
  CHECK_EQ(joined_with_and({"a"}), "a");
  CHECK_EQ(joined_with_and({"a", "b"}), "a and b");
  CHECK_EQ(joined_with_and({"a", "b", "c"}), "a, b and c");
}

TEST_CASE("well-formed UTF-8 is told from everything else") {
  for (const std::string text :
       {"", "plain", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "gr\xc3\xbc\xc3\x9f"}) {
    CAPTURE(text);
    CHECK_FALSE(first_invalid_utf8(text).has_value());
  }
  CHECK_FALSE(first_invalid_utf8(std::string_view("\0", 1)).has_value());
  for (const std::string text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe",
        // cut short
        "\xc3", "\xe2\x82", "\xf0\x9f\x92",
        // a letter where the sequence goes on
        "\xc3x", "\xe2\x82x", "\xf0\x9f\x92x", "\xe2x\x82"}) {
    CAPTURE(text);
    CHECK_EQ(first_invalid_utf8(text), 0);
    CHECK_EQ(first_invalid_utf8("ab\xc3\xbc" + text), 4);
  }
}

TEST_CASE("what was probably meant is found, and nothing is invented") {
  const std::vector<std::string_view> keys = {"accept", "connect", "client", "cert",
                                              "ca",     "verify",  "tls"};
  CHECK_EQ(nearest("acept", keys), "accept");
  CHECK_EQ(nearest("accepts", keys), "accept");
  CHECK_EQ(nearest("conect", keys), "connect");
  CHECK_EQ(nearest("conenct", keys), "connect");
  CHECK_EQ(nearest("verfiy", keys), "verify");
  CHECK_EQ(nearest("clinet", keys), "client");
  CHECK_EQ(nearest("certs", keys), "cert");
  CHECK_EQ(nearest("verify", keys), "verify");
  CHECK_EQ(nearest("password", keys), "");
  CHECK_EQ(nearest("colour", keys), "");
  CHECK_EQ(nearest("accept", {}), "");
  CHECK_EQ(nearest("", keys), "");
  // a third of the letters, not all of them
  CHECK_EQ(nearest("x", {"y"}), "");
}

}  // namespace
}  // namespace tunnel
