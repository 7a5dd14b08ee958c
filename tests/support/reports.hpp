// Steps and certificates of a check, as they would be found.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "check/report.hpp"

namespace tunnel::test {

using namespace std::chrono_literals;
using check::Step;
using check::StepStatus;
using check::TargetReport;

inline constexpr std::chrono::sys_seconds noon =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 12h;

inline x509::CertificateSummary certificate(const std::string& subject, const std::string& issuer,
                                            std::chrono::days left = std::chrono::days(70)) {
  return {subject,
          issuer,
          {"*.napter.example"},
          noon - 240h,
          noon + left + 1h,
          "P-256",
          "sha256:mV3VUO0pWtCvNhQZ1cP1LJ9b1LSPRlF0NpTc8bQzLk4="};
}

inline std::vector<x509::CertificateSummary> chain() {
  return {
      certificate("CN=*.napter.example", "CN=Example CA, O=Example"),
      certificate("CN=Example CA, O=Example", "CN=Example CA, O=Example", std::chrono::days(3650))};
}

inline Step resolved(std::vector<std::string> addresses) {
  return {Step::Resolve{std::move(addresses)}, StepStatus::ok, 12ms};
}
inline Step connected(const std::string& address) {
  return {Step::Connect{address}, StepStatus::ok, 34ms};
}
inline Step refused(const std::string& address, StepStatus status) {
  return {Step::Connect{address},
          status,
          1ms,
          {address + " refuses the connection", "is the port right?"}};
}
inline Step shaken() {
  return {Step::Handshake{"TLS 1.3", "TLS_AES_256_GCM_SHA384", "X25519"}, StepStatus::ok, 61ms};
}
inline Step trusted() { return {Step::Chain{chain()}}; }
inline Step named() { return {Step::Name{"a.napter.example", {"*.napter.example"}}}; }
inline Step greeted(const std::string& bytes, const std::string& protocol) {
  return {Step::Banner{bytes, protocol}, StepStatus::ok, 3ms};
}

inline TargetReport good_target(const std::string& target = "a.napter.example:41234") {
  return {target,
          {resolved({"203.0.113.7"}), connected("203.0.113.7:41234"), shaken(), trusted(), named(),
           greeted("RFB 003.008\n", "VNC")}};
}

}  // namespace tunnel::test
