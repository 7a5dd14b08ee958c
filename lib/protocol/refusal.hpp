// The bytes that tell a waiting client, in its own protocol, why it can't be served.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tunnel {

// --- VNC: both sides send a version, the server first (RFC 6143 section 7.1)

inline constexpr std::string_view vnc_version = "RFB 003.008\n";

// For a viewer that answered `version`, which is as long as vnc_version: no security type, and the
// reason. Nothing if that is not an RFB version.
std::optional<std::string> vnc_refusal(std::string_view version, const Error& why);

// --- HTTP: the client speaks first

// The caller reads at most this much of a request's head.
inline constexpr std::size_t longest_http_head = 16 * 1024;

// Whether the head is complete.
bool is_whole_http_head(std::string_view bytes);

// A 502 response: a page if the request accepts HTML, else plain text; without a body for HEAD.
std::string http_refusal(std::string_view head, const Error& why);

// --- SSH: both sides speak at once (RFC 4253 sections 4.2, 6 and 11.1)

// An identification and SSH_MSG_DISCONNECT with the reason, before the key exchange.
std::string ssh_refusal(const Error& why);

}  // namespace tunnel
