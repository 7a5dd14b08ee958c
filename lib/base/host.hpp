// Host names and IP addresses as text and as bytes; nothing here asks DNS.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tunnel {

// Letters, digits, hyphens and underscores in labels of 1 to 63, 253 in all, without a dot at the
// end (RFC 1123 section 2.1, and the underscore that real networks use). Names in other scripts are
// A-labels ("xn--") on the wire.
bool is_host_name(std::string_view text);

// A name, which may end in the dot of the root, or an address without brackets. A name of digits
// and dots alone would be taken for an address, and is none.
bool is_host(std::string_view text);

// What to say of a name with letters beyond ASCII: that its A-labels are wanted, and where to get
// them; empty for any other text.
std::string international_name_advice(std::string_view name);

// The 4 or 16 bytes of an IPv4 or IPv6 address, in network order; nothing for anything else. The
// zone of "fe80::1%eth0" is not part of the address.
std::optional<std::vector<std::uint8_t>> address_bytes(std::string_view host);

bool is_ipv4(std::string_view host);
bool is_ipv6(std::string_view host);
// localhost, 127.0.0.0/8 or ::1.
bool is_loopback_host(std::string_view host);
inline bool is_address(std::string_view host) { return is_ipv4(host) || is_ipv6(host); }

// "relay.example:443", with brackets around an IPv6 address.
std::string with_port(std::string_view host, std::string_view port);

// "192.0.2.7", "2001:db8::7" (RFC 5952); other lengths than 4 and 16 bytes as hexadecimal digits.
std::string address_text(std::string_view bytes);

}  // namespace tunnel
