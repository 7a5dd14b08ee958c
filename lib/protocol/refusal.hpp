// What a waiting client is told in its own protocol when it cannot be served: the bytes of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tunnel {

// --- VNC: both say a version first, the server before the client (RFC 6143 section 7.1)

inline constexpr std::string_view vnc_version = "RFB 003.008\n";

// To a viewer that has answered `version`, of the same size: no way of security, and the reason.
// Nothing where that is no version of RFB.
std::optional<std::string> vnc_refusal(std::string_view version, const Error& why);

// --- HTTP: the client speaks first

// A request's head is read up to so many bytes.
inline constexpr std::size_t longest_http_head = 16 * 1024;

// Whether all of the head is there.
bool is_whole_http_head(std::string_view bytes);

// A 502 answer: a page where the request says that it wants one, else plain text; no body to HEAD.
std::string http_refusal(std::string_view head, const Error& why);

// --- SSH: both speak at once (RFC 4253 sections 4.2, 6 and 11.1)

// An identification and a disconnect message with the reason, before any key is exchanged.
std::string ssh_refusal(const Error& why);

}  // namespace tunnel
