// The cause of a failed handshake, as one of a few that can be counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tunnel::tls {

struct Failure;

enum class FailureCause : std::uint8_t {
  timeout,
  closed,       // the peer ended the connection
  not_tls,      // the peer speaks another protocol
  unsupported,  // no version, suite or group in common
  certificate,  // the peer's was refused, or it showed none
  alert,        // the peer refused, and said so
  protocol,     // the peer broke the rules
  stopped,      // this end gave up: a limit, or the service closed
  internal,     // out of memory, for example
};
inline constexpr std::size_t failure_causes = 9;

// "not_tls"
std::string_view name_of(FailureCause cause);

// A failure without a code is a peer that ended the connection.
FailureCause cause_of(const Failure& failure);

}  // namespace tunnel::tls
