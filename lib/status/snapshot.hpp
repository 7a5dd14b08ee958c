// The status of a running tunnel at one moment, as values. None of them is secret.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "log/log.hpp"
#include "relay/connection_status.hpp"
#include "relay/service_stats.hpp"
#include "status/history.hpp"

namespace tunnel::status {

using Seconds = std::chrono::duration<double>;

struct CertificateStatus {
  std::string subject;
  std::string issuer;
  std::chrono::sys_seconds not_after;
};

struct TargetStatus {
  std::string name;  // as configured
  bool up = true;    // as far as the last attempt tells
  std::uint64_t connects = 0;
  std::array<std::uint64_t, target_failures> failures{};
  std::optional<CertificateStatus> certificate = {};  // the last that it has shown
};

struct ServiceStatus {
  std::string name;
  std::string mode;   // client, server, plain
  std::string state;  // open, closed (at its set time), leaving (removed, with connections left)
  std::vector<std::string> listen;
  std::vector<std::string> connect;
  bool reachable = true;  // some target, as far as the last attempts tell
  std::size_t max_connections = 0;
  std::uint64_t accepted = 0;
  std::uint64_t opened = 0;
  std::uint64_t failed = 0;
  std::uint64_t current = 0;  // accepted and not ended
  std::uint64_t open = 0;     // of the current ones, those that can carry bytes
  std::uint64_t up = 0;
  std::uint64_t down = 0;
  std::optional<std::chrono::seconds> closes_in;  // by open_for or until
  std::optional<CertificateStatus> certificate;   // of its own chain, the first to expire
  std::vector<TargetStatus> targets;              // as in `connect`
  HandshakeStats handshakes;                      // as a client or as a server, by the mode
  DurationHistogram connect_times;
};

struct Snapshot {
  std::string version;
  std::chrono::sys_time<std::chrono::milliseconds> now;
  std::chrono::sys_time<std::chrono::milliseconds> started;
  std::size_t workers = 0;
  bool draining = false;
  bool last_reload_good = true;
  std::chrono::sys_time<std::chrono::milliseconds> loaded;  // the current configuration
  std::vector<ServiceStatus> services;
  std::vector<ConnectionStatus> connections;
  std::size_t not_shown = 0;  // connections beyond those
  Log::Counts log;
  std::vector<LogRecord> recent;  // errors and warnings, newest first
  Samples history;
  std::chrono::steady_clock::time_point taken;  // `now` by the clock of the history
};

}  // namespace tunnel::status
