// How the log describes a service and its connections.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace tunnel {

// "3 connections".
std::string connections_text(std::uint64_t n);

// "listening on 127.0.0.1:5999, tunnels to relay.example:443 over verified TLS".
std::string listening_text(const config::Service& settings, const std::vector<std::string>& listen,
                           const std::vector<std::string>& connect);

}  // namespace tunnel
