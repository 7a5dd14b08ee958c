// The log as one service uses it: each line carries the service's name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "log/log.hpp"

namespace tunnel {

// Safe to use from every thread. The log outlives it.
class ServiceLog {
 public:
  ServiceLog(Log& log, std::string service, std::uint64_t connection = 0)
      : log_(log), service_(std::move(service)), connection_(connection) {}

  // The same for one connection of the service.
  ServiceLog of_connection(std::uint64_t id) const { return {log_, service_, id}; }

  void error(std::string_view event, std::string message, LogFields fields = {}) const {
    write(LogLevel::error, event, std::move(message), std::move(fields));
  }
  void warn(std::string_view event, std::string message, LogFields fields = {}) const {
    write(LogLevel::warn, event, std::move(message), std::move(fields));
  }
  void info(std::string_view event, std::string message, LogFields fields = {}) const {
    write(LogLevel::info, event, std::move(message), std::move(fields));
  }
  void debug(std::string_view event, std::string message, LogFields fields = {}) const {
    write(LogLevel::debug, event, std::move(message), std::move(fields));
  }
  void write(LogLevel level, std::string_view event, std::string message,
             LogFields fields = {}) const {
    log_.write({level, event, service_, connection_, std::move(message), std::move(fields)});
  }

  // The log of the whole program.
  Log& log() const { return log_; }

 private:
  Log& log_;
  const std::string service_;
  const std::uint64_t connection_;
};

}  // namespace tunnel
