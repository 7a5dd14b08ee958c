// The verdict over what a check has found, for each way that it can come out.
#include "check/report.hpp"

#include <doctest/doctest.h>

#include "support/reports.hpp"

namespace tunnel::check {
namespace {

using namespace test;

std::string text(const Verdict& verdict) {
  return std::string(name_of(verdict.status)) + ": " + verdict.what +
         (verdict.next.empty() ? "" : " / " + verdict.next);
}

TEST_CASE("what works says what answers, and how it is reached") {
  TargetReport target = good_target();
  CHECK_EQ(text(verdict_of(target)),
           "ok: VNC answers at a.napter.example:41234 over verified TLS 1.3");
  target.steps.back() = greeted("hello\n", "");
  CHECK_EQ(text(verdict_of(target)), "ok: a.napter.example:41234 answers over verified TLS 1.3");
  target.steps.back() = {Step::Banner{}};
  CHECK_EQ(text(verdict_of(target)),
           "ok: a.napter.example:41234 is reached over verified TLS 1.3, and waits for its client "
           "to speak first");
  const TargetReport plain{"device:22",
                           {resolved({"192.0.2.1"}), connected("192.0.2.1:22"),
                            greeted("SSH-2.0-OpenSSH_9.2\r\n", "SSH")}};
  CHECK_EQ(text(verdict_of(plain)), "ok: SSH answers at device:22");
}

TEST_CASE("an address that is passed over changes nothing, one that is waited for does") {
  TargetReport target = good_target();
  target.steps.insert(target.steps.begin() + 1, refused("[::1]:41234", StepStatus::skipped));
  CHECK_EQ(verdict_of(target).status, StepStatus::ok);
  target.steps[1].status = StepStatus::warning;
  CHECK_EQ(text(verdict_of(target)),
           "warning: VNC answers at a.napter.example:41234 over verified TLS 1.3; but [::1]:41234 "
           "refuses the connection / is the port right?");
}

TEST_CASE("what nobody verifies is called so") {
  TargetReport target = good_target();
  target.steps[3] = {Step::Chain{chain(), false}, StepStatus::warning, {}, {"nobody knows", "do"}};
  CHECK_EQ(text(verdict_of(target)),
           "warning: VNC answers at a.napter.example:41234 over unverified TLS 1.3; but nobody "
           "knows / do");
}

TEST_CASE("a key at its first use is not verified yet") {
  TargetReport target = good_target();
  target.steps[3] = {
      Step::Chain{chain(), false, true}, StepStatus::warning, {}, {"no key is known", "compare"}};
  CHECK_EQ(text(verdict_of(target)),
           "warning: VNC answers at a.napter.example:41234 over TLS 1.3, not verified yet; but no "
           "key is known / compare");
}

TEST_CASE("a device that must speak first and is silent is the cause") {
  TargetReport target = good_target();
  target.steps.back() = {Step::Banner{}, StepStatus::failed, 10s, {"nothing came", "is it on?"}};
  CHECK_EQ(text(verdict_of(target)), "failed: nothing came / is it on?");
}

TEST_CASE("the first step that fails is the cause") {
  const TargetReport unknown{
      "no.example:1", {{Step::Resolve{}, StepStatus::failed, 1ms, {"no such name", "spell it"}}}};
  CHECK_EQ(text(verdict_of(unknown)), "failed: no such name / spell it");

  // of several addresses the last one, as in the log
  const TargetReport nobody{"a.example:1",
                            {resolved({"::1", "127.0.0.1"}), refused("[::1]:1", StepStatus::failed),
                             refused("127.0.0.1:1", StepStatus::failed)}};
  CHECK_EQ(text(verdict_of(nobody)),
           "failed: 127.0.0.1:1 refuses the connection / is the port right?");
}

TEST_CASE("a handshake that was ended for the certificate is explained by the certificate") {
  TargetReport target = good_target();
  target.steps[2] = {Step::Handshake{}, StepStatus::skipped, 1ms, {"broken off"}};
  target.steps[4].status = StepStatus::failed;
  target.steps[4].problem = {"wrong name", "right name"};
  target.steps.back() = {Step::Banner{}, StepStatus::skipped, {}, {"not verified"}};
  CHECK_EQ(text(verdict_of(target)), "failed: wrong name / right name");
  target.steps[3].status = StepStatus::failed;
  target.steps[3].problem = {"not trusted", "ca"};
  CHECK_EQ(text(verdict_of(target)), "failed: not trusted / ca");

  target.steps.resize(3);
  target.steps[2].status = StepStatus::failed;
  target.steps[2].problem = {"no suite in common"};
  CHECK_EQ(text(verdict_of(target)), "failed: no suite in common");
}

TEST_CASE("a service works where all of its targets do") {
  ServiceReport service{"vnc", "client", {}, {good_target()}};
  CHECK_EQ(text(verdict_of(service)), text(verdict_of(good_target())));
  service.targets.push_back(good_target("b.napter.example:41234"));
  CHECK_EQ(text(verdict_of(service)), "ok: all of its 2 targets answer");
  service.targets.push_back({"c.example:1", {refused("192.0.2.1:1", StepStatus::failed)}});
  CHECK_EQ(text(verdict_of(service)),
           "failed: 1 of its 3 targets fails: 192.0.2.1:1 refuses the connection / is the port "
           "right?");
  service.targets.erase(service.targets.begin(), service.targets.begin() + 2);
  service.targets.push_back(service.targets.front());
  CHECK_EQ(text(verdict_of(service)),
           "failed: none of its 2 targets works: 192.0.2.1:1 refuses the connection / is the port "
           "right?");
}

TEST_CASE("an own certificate that is out of time comes before the targets") {
  ServiceReport service{"relay", "server", {{Step::OwnCertificate{chain()}}}, {good_target()}};
  CHECK_EQ(verdict_of(service).status, StepStatus::ok);
  service.own_certificate[0].status = StepStatus::warning;
  service.own_certificate[0].problem = {"it ends soon", "renew it"};
  CHECK_EQ(text(verdict_of(service)),
           "warning: VNC answers at a.napter.example:41234 over verified TLS 1.3; but it ends soon "
           "/ renew it");
  service.own_certificate[0].status = StepStatus::failed;
  CHECK_EQ(text(verdict_of(service)), "failed: it ends soon / renew it");
}

TEST_CASE("a certificate that ends within 30 days is told, the first of them by name") {
  using std::chrono::days;
  const auto warning = [](std::vector<x509::CertificateSummary> certificates) {
    const auto found = ends_soon(certificates, noon);
    return found ? found->what : "";
  };
  CHECK_EQ(warning({}), "");
  CHECK_EQ(warning(chain()), "");
  CHECK_EQ(warning({certificate("CN=a", "CN=b", days(30))}), "");
  CHECK_EQ(warning({certificate("CN=a", "CN=b", days(29))}),
           "the certificate \"CN=a\" ends on 2026-12-21, in 29 days");
  CHECK_EQ(warning({certificate("CN=a", "CN=b", days(29)), certificate("CN=b", "CN=b", days(1))}),
           "the certificate \"CN=b\" ends on 2026-11-23, in a day");
  CHECK_EQ(warning({certificate("CN=a", "CN=b", days(0))}),
           "the certificate \"CN=a\" ends on 2026-11-22, in less than a day");
}

}  // namespace
}  // namespace tunnel::check
