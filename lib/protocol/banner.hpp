// What a server says before its client has said anything: which protocols begin so, and how a
// server refuses a client there.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace tunnel {

// A protocol in which the server speaks first.
struct BannerProtocol {
  std::string_view name;          // "VNC"
  std::chrono::seconds patience;  // a server that is silent for longer does not work
};

// By a customary port, or by a word in the name of a service, such as "vnc" or "office-ssh". Null
// if there is none: most servers wait for their client.
const BannerProtocol* banner_protocol_at(std::uint16_t port);
const BannerProtocol* banner_protocol_named(std::string_view service);
const BannerProtocol& vnc_banner();
const BannerProtocol& ssh_banner();

// The protocol at a customary port where the server waits for its client: "HTTP". Empty for others.
std::string_view client_first_protocol_at(std::uint16_t port);

// Whether these are the first bytes of such a server, a refusal included.
bool is_banner_of(const BannerProtocol& protocol, std::string_view bytes);

// The server's own reason, unescaped, if it refuses the client in place of a banner or right after
// it: "Too many security failures". Empty if it doesn't. `protocol` is the expected one, or null.
std::string refusal_in(std::string_view bytes, const BannerProtocol* protocol);

}  // namespace tunnel
