// Counters of a service's handshakes and targets. Their size doesn't depend on what clients do:
// its labels are suites and groups that this program has, causes, and configured targets.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "net/io.hpp"
#include "relay/duration_histogram.hpp"
#include "relay/handshake.hpp"
#include "tls/failure_cause.hpp"
#include "x509/peer_certificate.hpp"

namespace tunnel {

// The parameters that a handshake negotiated.
struct HandshakeKind {
  std::string version;  // "TLS 1.3"
  std::string suite;    // the IANA name
  std::string group;    // empty if it is not known
  bool resumed = false;

  bool operator<(const HandshakeKind& other) const;
};

struct HandshakeStats {
  std::map<HandshakeKind, std::uint64_t> done;
  std::array<std::uint64_t, tls::failure_causes> failures{};
  DurationHistogram times;  // of those that are done

  void add(const tls::Engine& engine, const HandshakeEnd& end);
  void add_failure(tls::FailureCause cause) { ++failures[static_cast<std::size_t>(cause)]; }
  HandshakeStats& operator+=(const HandshakeStats& other);
};

enum class TargetFailure : std::uint8_t {
  timeout,
  refused,
  unreachable,
  unresolved,
  handshake,  // it was reached, but TLS failed
  other,
};
inline constexpr std::size_t target_failures = 6;

std::string_view name_of(TargetFailure failure);
// `error` is the dialer's.
TargetFailure target_failure(const net::ErrorCode& error);

struct TargetStats {
  std::string target;  // as configured
  std::uint64_t connects = 0;
  std::array<std::uint64_t, target_failures> failures{};
  // The last that it proved to be its own; null if none is known. A resumed session shows none.
  std::shared_ptr<const x509::PeerCertificate> certificate = {};
  std::chrono::steady_clock::time_point certificate_seen = {};

  void add(TargetFailure failure) { ++failures[static_cast<std::size_t>(failure)]; }
  TargetStats& operator+=(const TargetStats& other);
};

// One worker's share, used on its thread alone, or a sum.
struct ServiceStats {
  HandshakeStats handshakes;
  DurationHistogram connect_times;  // of those that succeeded, with the name's resolution
  std::vector<TargetStats> targets;

  // Adds it if it is missing; forgets those that `service` doesn't have.
  TargetStats& target(const std::string& name, const config::Service& service);
  ServiceStats& operator+=(const ServiceStats& other);
};

}  // namespace tunnel
