// Words for a peer that speaks something other than TLS in the handshake, or nothing.
#pragma once

#include <chrono>
#include <string_view>

#include "tls/tls_error.hpp"

namespace tunnel::tls {

// Whether these first bytes of a peer, which may be none, can be TLS.
bool may_be_tls(std::string_view first_bytes);

// Whether a peer that does not speak TLS has yet to say what it speaks, and its first line.
bool says_more(const Failure& failure);

// For a peer whose first bytes are not TLS: what was seen, what it means, what to change.
Error explain_protocol_mismatch(const Failure& failure);

// For a peer that ended the connection during the handshake.
Error explain_early_end(const Failure& failure);

// For a peer that did not finish the handshake within `limit`.
Error explain_overdue(const Failure& failure, std::chrono::milliseconds limit);

}  // namespace tunnel::tls
