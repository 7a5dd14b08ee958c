// A check's report as text, column for column, and as JSON, byte for byte.
#include <doctest/doctest.h>

#include "cmd/report/report_json.hpp"
#include "cmd/report/report_text.hpp"
#include "support/reports.hpp"

namespace tunnel::cmd {
namespace {

using namespace test;
using check::ServiceReport;
using check::Step;
using check::StepStatus;
using check::TargetReport;

constexpr ReportStyle style{false, noon};

std::string text(const TargetReport& target) {
  std::string out;
  for (const Step& step : target.steps) out += step_text(step, style);
  return out;
}

TEST_CASE("a target that works") {
  CHECK_EQ(text(good_target()),
           R"(  ok      lookup    12 ms  203.0.113.7
  ok      tcp       34 ms  203.0.113.7:41234
  ok      tls       61 ms  TLS 1.3, AES-256-GCM, X25519
  ok      chain            CN=*.napter.example
                             until 2027-01-31, 70 days left, P-256
                             sha256:mV3VUO0pWtCvNhQZ1cP1LJ9b1LSPRlF0NpTc8bQzLk4=
                             issued by CN=Example CA, O=Example
                           CN=Example CA, O=Example
                             until 2036-11-19, 3650 days left, P-256
  ok      name             a.napter.example: the certificate is for
                           *.napter.example
  ok      greeting   3 ms  VNC, "RFB 003.008\n"
)");
}

TEST_CASE("each step that is not ok says why") {
  const std::vector<std::pair<Step, std::string>> table = {
      {{Step::Resolve{}, StepStatus::failed, 5s, {"the name a.example cannot be resolved", "h"}},
       "  failed  lookup    5.0 s  the name a.example cannot be resolved\n"},
      {refused("[::1]:443", StepStatus::failed),
       "  failed  tcp        1 ms  [::1]:443 refuses the connection\n"},
      {refused("[::1]:443", StepStatus::skipped),
       "  skipped tcp        1 ms  [::1]:443 refuses the connection: passed over\n"},
      {{Step::Connect{"192.0.2.1:443"},
        StepStatus::warning,
        10s,
        {"192.0.2.1:443 does not answer within 10 s", "h"}},
       "  warn    tcp        10 s  192.0.2.1:443 does not answer within 10 s: each\n"
       "                           connection waits for it first\n"},
      {{Step::Handshake{}, StepStatus::failed, 5ms, {"a.example answered \"SSH-2.0-x\"", "h"}},
       "  failed  tls        5 ms  a.example answered \"SSH-2.0-x\"\n"},
      {{Step::Chain{}, StepStatus::failed, {}, {"it is not trusted", "h"}},
       "  failed  chain            it is not trusted\n"},
      {{Step::Name{"a.example", {"b.example"}},
        StepStatus::failed,
        {},
        {"it is for b.example", "h"}},
       "  failed  name             it is for b.example\n"},
      {{Step::Banner{}, StepStatus::skipped, {}, {"nothing is taken", ""}},
       "  skipped greeting         nothing is taken\n"},
      {{Step::Banner{}, StepStatus::failed, 2ms, {"a.example reset the connection", "h"}},
       "  failed  greeting   2 ms  a.example reset the connection\n"},
  };
  for (const auto& [step, expected] : table) CHECK_EQ(step_text(step, style), expected);
}

TEST_CASE("a certificate that is not of this time says what the clock here says") {
  x509::CertificateSummary one = certificate("CN=a", "CN=a", std::chrono::days(-2));
  CHECK_EQ(step_text({Step::Chain{{one}}, StepStatus::failed, {}, {"expired"}}, style),
           R"(  failed  chain            expired
                           CN=a
                             expired on 2026-11-20 13:00:00 UTC; the clock here
                             says 2026-11-22 12:00:00 UTC, P-256
                             sha256:mV3VUO0pWtCvNhQZ1cP1LJ9b1LSPRlF0NpTc8bQzLk4=
                             self-signed
)");
  one.not_before = noon + 24h;
  one.not_after = noon + 48h;
  one.pin.clear();
  CHECK_EQ(step_text({Step::OwnCertificate{{one}}}, style),
           R"(  ok      cert             CN=a
                             valid from 2026-11-23 12:00:00 UTC until
                             2026-11-24; the clock here says 2026-11-22 12:00:00
                             UTC, P-256
                             self-signed
)");
}

TEST_CASE("what was greeted with is escaped, and silence is no failure") {
  CHECK_EQ(step_text(greeted("\x1b[31m\"\xff\r\n", ""), style),
           "  ok      greeting   3 ms  \"\\x1b[31m\\\"\\xff\\r\\n\"\n");
  CHECK_EQ(step_text(greeted("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", "SSH"), style),
           "  ok      greeting   3 ms  SSH, \"SSH-2.0-OpenSSH_9.2p1 "
           "Debian-2+deb12u3\\r\\n\"\n");
  const std::string long_one = step_text(greeted(std::string(200, '\x01'), ""), style);
  CHECK_LE(long_one.size(), 81);
  CHECK(long_one.ends_with("\\x01...\"\n"));
  CHECK_EQ(step_text({Step::Banner{}}, style),
           "  ok      greeting         none: it waits for its client to speak first, as HTTP\n"
           "                           and Modbus do\n");
}

TEST_CASE("many names are cut short") {
  Step::Name name{"a.example", {}};
  for (char c = 'a'; c < 'k'; ++c) name.names.push_back(std::string(1, c) + ".example");
  CHECK_EQ(step_text({name}, style),
           "  ok      name             a.example: the certificate is for a.example,\n"
           "                           b.example, c.example, d.example, e.example, f.example\n"
           "                           and 4 more names\n");
}

TEST_CASE("a step ends where its sentence ends, whatever the certificate leaves out") {
  CHECK_EQ(step_text({Step::Name{"a.example", {}}}, style),
           "  ok      name             a.example: the certificate names nobody\n");
  CHECK_EQ(
      step_text({Step::Name{"a.example", {}}, StepStatus::skipped, {}, {"not checked"}}, style),
      "  skipped name             not checked\n");
  x509::CertificateSummary nameless = certificate("", "");
  nameless.issuer = "";
  nameless.subject = "CN=a";
  CHECK_NE(step_text({Step::Chain{{nameless}}}, style).find("issued by nobody named\n"),
           std::string::npos);
  CHECK_EQ(step_text({Step::Handshake{}, StepStatus::skipped, 5ms, {"broken off"}}, style),
           "  skipped tls        5 ms  broken off\n");
}

TEST_CASE("a note stands below the greeting") {
  Step step = greeted("RFB 003.008\n", "VNC");
  std::get<Step::Banner>(step.facts).note = "a login";
  CHECK_EQ(step_text(step, style),
           "  ok      greeting   3 ms  VNC, \"RFB 003.008\\n\"\n"
           "                           a login\n");
  ServiceReport service{"vnc", "client", {}, {{"a:1", {step}}}};
  CHECK_NE(report_json({service}, noon).find(R"("protocol":"VNC","note":"a login"})"),
           std::string::npos);
  service.targets[0].steps[0] = {Step::Chain{{}, false, true}};
  CHECK_NE(report_json({service}, noon).find(R"("verified":false,"first_use":true)"),
           std::string::npos);
}

TEST_CASE("headings and verdicts") {
  CHECK_EQ(heading_text("vnc", "a.example:1", style), "vnc: a.example:1\n");
  CHECK_EQ(heading_text("a.example:1", "a.example:1", style), "a.example:1\n");
  CHECK_EQ(heading_text("relay", "", style), "relay\n");
  CHECK_EQ(verdict_text("vnc", {StepStatus::ok, "VNC answers"}, style),
           "vnc: it works: VNC answers\n");
  CHECK_EQ(
      verdict_text("vnc", {StepStatus::warning, "VNC answers; but it ends soon", "renew"}, style),
      "vnc: it works: VNC answers; but it ends soon\n  next: renew\n");
  CHECK_EQ(
      verdict_text("vnc", {StepStatus::failed, "1 of its 2 targets fails: no", "h", true}, style),
      "vnc: it works in part: 1 of its 2 targets fails: no\n  next: h\n");
  CHECK_EQ(verdict_text(
               "vnc",
               {StepStatus::failed, "the certificate is for *.napter.example, not for 203.0.113.7",
                "connect = \"203-0-113-7.napter.example:41234\" or something longer than that"},
               style),
           "vnc: it does not work: the certificate is for *.napter.example, not for\n"
           "  203.0.113.7\n"
           "  next: connect = \"203-0-113-7.napter.example:41234\" or something longer than\n"
           "        that\n");
}

TEST_CASE("no line is wider than 80 columns unless a word is") {
  std::string problem;
  for (std::size_t i = 1; i < 40; ++i) problem += std::string(i % 13 + 1, 'w') + " ";
  const std::string all = step_text({Step::Chain{}, StepStatus::failed, {}, {problem}}, style) +
                          verdict_text("a-service", {StepStatus::failed, problem, problem}, style);
  std::size_t lines = 0;
  for (std::size_t at = 0; at < all.size(); ++lines) {
    const std::size_t end = all.find('\n', at);
    CHECK_LE(end - at, 80);
    CHECK_NE(all[end - 1], ' ');
    at = end + 1;
  }
  CHECK_GT(lines, 10);
}

TEST_CASE("colours are around words, and nowhere else") {
  const ReportStyle coloured{true, noon};
  CHECK_EQ(step_text(connected("192.0.2.1:1"), coloured),
           "  \x1b[32mok\x1b[0m      tcp       34 ms  192.0.2.1:1\n");
  CHECK_EQ(step_text({Step::Banner{}, StepStatus::failed, 2ms, {"gone"}}, coloured),
           "  \x1b[31mfailed\x1b[0m  greeting   2 ms  gone\n");
  CHECK_EQ(verdict_text("vnc", {StepStatus::ok, "VNC answers"}, coloured),
           "vnc: \x1b[32mit works\x1b[0m: VNC answers\n");
  CHECK_EQ(heading_text("vnc", "a:1", coloured), "\x1b[1mvnc: a:1\x1b[0m\n");
}

TEST_CASE("as JSON, every fact has its name") {
  ServiceReport service{"vnc", "client", {}, {good_target()}};
  service.targets[0].steps[3] = {Step::Chain{{chain()[0]}}};
  service.targets[0].steps.back() = greeted("a\x1b\xff\n", "");
  CHECK_EQ(
      report_json({service}, noon),
      R"({"checked":"2026-11-22T12:00:00Z","works":true,"services":[{"service":"vnc",)"
      R"("mode":"client","works":true,"status":"ok",)"
      R"("verdict":"a.napter.example:41234 answers over verified TLS 1.3","next":"","steps":[],)"
      R"("targets":[{"target":"a.napter.example:41234","works":true,"status":"ok",)"
      R"("verdict":"a.napter.example:41234 answers over verified TLS 1.3","next":"","steps":[)"
      R"({"step":"resolve","status":"ok","ms":12.000,"addresses":["203.0.113.7"]},)"
      R"({"step":"connect","status":"ok","ms":34.000,"address":"203.0.113.7:41234"},)"
      R"({"step":"handshake","status":"ok","ms":61.000,"tls":"TLS 1.3",)"
      R"("suite":"TLS_AES_256_GCM_SHA384","group":"X25519"},)"
      R"({"step":"chain","status":"ok","verified":true,"certificates":[)"
      R"({"subject":"CN=*.napter.example","issuer":"CN=Example CA, O=Example",)"
      R"("names":["*.napter.example"],"not_before":"2026-11-12T12:00:00Z",)"
      R"("not_after":"2027-01-31T13:00:00Z","days_left":70,"key":"P-256",)"
      R"("pin":"sha256:mV3VUO0pWtCvNhQZ1cP1LJ9b1LSPRlF0NpTc8bQzLk4="}]},)"
      R"({"step":"name","status":"ok","expected":"a.napter.example",)"
      R"("names":["*.napter.example"]},)"
      R"({"step":"greeting","status":"ok","ms":3.000,"greeting":"a\\x1b\\xff\\n",)"
      R"("protocol":""}]}]}]})"
      "\n");
}

TEST_CASE("as JSON, what fails says why and what next") {
  const ServiceReport service{
      "relay",
      "server",
      {{Step::OwnCertificate{}, StepStatus::failed, {}, {"it expired", "renew it"}}},
      {{"a:1", {refused("192.0.2.1:1", StepStatus::failed)}}}};
  CHECK_EQ(report_json({service}, noon),
           R"({"checked":"2026-11-22T12:00:00Z","works":false,"services":[{"service":"relay",)"
           R"("mode":"server","works":false,"status":"failed","verdict":"it expired",)"
           R"("next":"renew it","steps":[{"step":"certificate","status":"failed",)"
           R"("certificates":[],"problem":"it expired","next":"renew it"}],)"
           R"("targets":[{"target":"a:1","works":false,"status":"failed",)"
           R"("verdict":"192.0.2.1:1 refuses the connection","next":"is the port right?",)"
           R"("steps":[{"step":"connect","status":"failed","ms":1.000,"address":"192.0.2.1:1",)"
           R"("problem":"192.0.2.1:1 refuses the connection","next":"is the port right?"}]}]}]})"
           "\n");
}

}  // namespace
}  // namespace tunnel::cmd
