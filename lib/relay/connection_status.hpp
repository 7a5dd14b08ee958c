// The status of one connection, as values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tunnel {

// Up is from the client to the target. Texts of peers are escaped.
struct ConnectionStatus {
  std::string service;
  std::uint64_t id = 0;  // as in the log
  std::string peer;
  std::string client;            // the name in its certificate, where one is required
  std::string upstream;          // as configured; empty before it is chosen
  std::string upstream_address;  // as dialled
  bool open = false;             // bytes can flow; before that, it does a handshake or dials
  std::chrono::duration<double> age{};
  std::uint64_t up = 0;
  std::uint64_t down = 0;
};

}  // namespace tunnel
