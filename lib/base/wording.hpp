// How the user writes a setting: rooms below the configuration name settings in their messages, and
// know neither its keys nor the options of a command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tunnel {

// The settings that a message may name as its next step.
enum class Setting : std::uint8_t {
  authorities,         // of servers
  client_authorities,  // of clients
  client_names,
  client_pin,
  connect,  // value: "host:port"
  key_password_file,
  pin,
  plain,  // without TLS; has no value
  revocation_lists,
  server_name,
  first_use,  // verification by the key of the first use; has no value
};

class Wording {
 public:
  virtual ~Wording() = default;
  // The setting with its value as the user would write it: `pin = "sha256:..."`.
  virtual std::string line(Setting setting, std::string_view value = {}) const = 0;
  // What the user calls it: `client_pin`.
  virtual std::string name(Setting setting) const = 0;
};

}  // namespace tunnel
