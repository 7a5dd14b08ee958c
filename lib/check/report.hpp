// The result of a check, step by step, as values.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "x509/certificate_summary.hpp"

namespace tunnel::check {

// In order of severity. Skipped: an earlier step made this one impossible or unsafe, or the tunnel
// would skip this address because another one answers.
enum class StepStatus { ok, skipped, warning, failed };

std::string_view name_of(StepStatus status);

// Text from the far side is not escaped here, except that of certificates.
struct Step {
  struct OwnCertificate {
    std::vector<x509::CertificateSummary> chain;
  };
  struct Resolve {
    std::vector<std::string> addresses;
  };
  struct Connect {
    std::string address;  // "203.0.113.7:443"; empty if there was no address to connect to
  };
  struct Handshake {
    std::string version, suite, group;
  };
  struct Chain {
    std::vector<x509::CertificateSummary> path;  // as in x509::PeerCertificates
    bool verified = true;                        // false: by nothing, or not yet
    bool first_use = false;                      // no key of this server is known yet
  };
  struct Name {
    std::string expected;
    std::vector<std::string> names;
  };
  struct Banner {
    std::string bytes;  // the beginning; empty if the far side waits for its client to speak first
    std::string protocol;   // "SSH"; empty if unknown
    std::string note = {};  // what the user should know about checking this protocol
  };

  std::variant<OwnCertificate, Resolve, Connect, Handshake, Chain, Name, Banner> facts;
  StepStatus status = StepStatus::ok;
  std::optional<std::chrono::nanoseconds> took = {};
  Error problem = {};  // why the step failed, warns or was skipped
};

// "resolve", "connect", ...: stable names for scripts.
std::string_view name_of(const Step& step);

// The result in one sentence, with the next step.
struct Verdict {
  StepStatus status = StepStatus::ok;
  std::string what;
  std::string next = {};  // may be empty
  bool partly = false;    // some targets fail, but not all

  bool works() const { return status != StepStatus::failed; }
};

struct TargetReport {
  std::string target;  // "relay.example:443"
  std::vector<Step> steps;
};

struct ServiceReport {
  std::string service;
  std::string mode;                   // "client", "server", "plain"
  std::vector<Step> own_certificate;  // empty if the service has none
  std::vector<TargetReport> targets;
};

// A certificate that expires sooner is a warning.
inline constexpr std::chrono::days soon{30};

// A warning about the first of these certificates to expire, if it expires soon.
std::optional<Error> ends_soon(const std::vector<x509::CertificateSummary>& certificates,
                               std::chrono::sys_seconds now);

Verdict verdict_of(const TargetReport& target);
// Fails if any target fails: a spare target must work before it is needed.
Verdict verdict_of(const ServiceReport& service);

}  // namespace tunnel::check
