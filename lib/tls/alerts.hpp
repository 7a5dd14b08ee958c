// Alerts that a peer sends, in words.
#pragma once

#include <string>

#include "tls/tls_error.hpp"

namespace tunnel::tls {

// The description of an alert in words (RFC 8446 section 6), e.g. "unknown authority".
std::string alert_text(unsigned description);

// What to change where the peer has asked for a renegotiation.
std::string_view renegotiation_hint(const Failure& failure);

// For a peer that refused by `failure.alert`: its words, and the next step where there is one.
Error explain_alert(const Failure& failure);

}  // namespace tunnel::tls
