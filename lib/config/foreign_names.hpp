// The names that stunnel, HAProxy, nginx and everyday speech have for settings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tunnel::config {

enum class Kind : std::uint8_t {
  copied,         // a string, as it is
  authorities,    // ca, or client_ca in server mode
  listener,       // an address
  target,         // an address
  listener_part,  // the host or the port of one
  target_part,
  host_or_port,  // of the target, or of the listener where the target is given
  duration,
  count,
  yes_or_no,
  verification,  // a level, or true or false
  chain,         // true or false
  pinned,        // the peer's own certificate
  version,
  fixed,      // `detail` is the value as TOML, or the choice of `verify`
  log_level,  // a word, or syslog's number
  words,      // `detail` is the next step
};

struct ForeignName {
  Kind kind;
  std::string_view key;     // ours; empty where it follows from the kind
  std::string_view detail;  // by kind; with `copied`, an example in place of the key's own
  std::string_view names;   // as bare_name() has them, with a blank between
};

// Null if nobody calls a setting so.
const ForeignName* find_foreign(std::string_view name);

// Lower case, without "-" and "_": "ca-file" and "CAfile" are one name.
std::string bare_name(std::string_view key);

}  // namespace tunnel::config
