// What a check of a service has found out, step by step, as values: it is printed elsewhere.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "x509/certificate_summary.hpp"

namespace tunnel {

// In order of gravity. Skipped is what an earlier step made impossible or unsafe, or an address
// that the tunnel passes over since another one answers.
enum class Mark { ok, skipped, warning, failed };

std::string_view name_of(Mark mark);

// Texts that come from the far side are raw here, but for those of certificates.
struct Step {
  struct Identity {  // our own certificate
    std::vector<x509::CertificateSummary> chain;
  };
  struct Resolve {
    std::vector<std::string> addresses;
  };
  struct Connect {
    std::string address;  // "203.0.113.7:443"; empty where there was nothing to connect to
  };
  struct Handshake {
    std::string version, suite, group;
  };
  struct Chain {
    std::vector<x509::CertificateSummary> path;  // as in x509::PeerCertificates
    bool verified = true;                        // the configuration wants it so
  };
  struct Name {
    std::string expected;
    std::vector<std::string> names;
  };
  struct Greeting {
    std::string bytes;     // their beginning; empty where the far side waits for its client
    std::string protocol;  // "SSH"; empty where it is not known
  };

  std::variant<Identity, Resolve, Connect, Handshake, Chain, Name, Greeting> facts;
  Mark mark = Mark::ok;
  std::optional<std::chrono::nanoseconds> took = {};
  Error problem = {};  // of what failed or is a warning; of what was skipped, why
};

// "resolve", "connect", ...: names that scripts may rely on.
std::string_view name_of(const Step& step);

// One sentence about the whole, with the next step.
struct Verdict {
  Mark mark = Mark::ok;
  std::string what;
  std::string next = {};  // may be empty
  bool partly = false;    // something fails, but not all

  bool works() const { return mark != Mark::failed; }
};

struct TargetReport {
  std::string target;  // "relay.example:443"
  std::vector<Step> steps;
};

struct ServiceReport {
  std::string service;
  std::string mode;            // "client", "server", "plain"
  std::vector<Step> identity;  // of a service with a certificate of its own
  std::vector<TargetReport> targets;
};

// A certificate that ends sooner than this is a warning.
inline constexpr std::chrono::days soon{30};

// Of these certificates the first to end, where that is soon: what to say of it.
std::optional<Error> ends_soon(const std::vector<x509::CertificateSummary>& certificates,
                               std::chrono::sys_seconds now);

Verdict verdict_of(const TargetReport& target);
// Fails where any target does: a target that is there for bad days should work before them.
Verdict verdict_of(const ServiceReport& service);

}  // namespace tunnel
