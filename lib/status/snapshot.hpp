// A running tunnel at one moment, as values: what the status shows. Nothing in it is secret.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "log/log.hpp"
#include "relay/connection_status.hpp"

namespace tunnel::status {

using Seconds = std::chrono::duration<double>;

struct Certificate {
  std::string subject;
  std::chrono::sys_seconds not_after;
};

struct Service {
  std::string name;
  std::string mode;   // client, server, plain
  std::string state;  // open, closed (at its time), leaving (out of the configuration)
  std::vector<std::string> listen;
  std::vector<std::string> connect;
  std::size_t max_connections = 0;
  std::uint64_t accepted = 0;
  std::uint64_t opened = 0;
  std::uint64_t failed = 0;
  std::uint64_t current = 0;  // accepted and not ended
  std::uint64_t open = 0;     // of them, those through which bytes can flow
  std::uint64_t up = 0;
  std::uint64_t down = 0;
  std::optional<Certificate> certificate;  // its own
};

struct Snapshot {
  std::string version;
  std::chrono::sys_time<std::chrono::milliseconds> now;
  std::chrono::sys_time<std::chrono::milliseconds> started;
  std::size_t workers = 0;
  bool draining = false;
  bool last_reload_good = true;
  std::chrono::sys_time<std::chrono::milliseconds> loaded;  // the configuration that it runs on
  std::vector<Service> services;
  std::vector<ConnectionStatus> connections;
  std::size_t not_shown = 0;  // further connections
  Log::Counts log;
  std::vector<LogRecord> recent;  // errors and warnings, the newest first
};

}  // namespace tunnel::status
