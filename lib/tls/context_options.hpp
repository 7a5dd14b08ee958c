// What a TLS context is made of: this end's identity, whom it trusts, and the versions it speaks.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/name_pattern.hpp"
#include "base/wording.hpp"
#include "os/file/file_view.hpp"
#include "tls/protocol_version.hpp"

namespace tunnel::tls {

// How a client verifies servers. chain: chain and name, and the pins too where there are any. pin:
// the key is one of the pins. first_use: the key is remembered, and a different one refused.
enum class Verify { chain, pin, first_use, none };

struct Options {
  bool client = false;
  Version min_version = Version::tls12;
  Version max_version = Version::tls13;
  bool resume = true;

  // This end's identity: certificate and key together, or neither in a client.
  std::optional<std::filesystem::path> certificate;
  std::optional<std::filesystem::path> key;
  std::optional<std::filesystem::path> key_password;  // file whose first line decrypts the key

  // The peer. A server asks for certificates where there are authorities or pins; a peer has to
  // meet every kind of condition that is there.
  Verify verify = Verify::chain;   // a client's
  bool any_key = false;            // beside Verify::pin: only to look at the certificate
  bool system_authorities = true;  // a client's
  std::vector<std::filesystem::path> authorities;  // files and folders
  std::vector<std::string> pins;                   // as parse_pin() gives them
  std::vector<NamePattern> names;                  // a server's, with authorities
  std::optional<std::filesystem::path> revocation_lists;

  os::FileView files;                      // where the files above are read from
  std::shared_ptr<const Wording> wording;  // of what messages advise; never null

  // Whether peers have to show a certificate, or a server's key has to be the right one.
  bool verifies() const {
    return client ? verify != Verify::none : !(authorities.empty() && pins.empty());
  }
};

// What is wrong with one option.
struct OptionError {
  enum class Field {
    none,  // none in particular
    verify,
    system_authorities,
    authorities,
    certificate,
    key,
    key_password,
    revocation_lists,
  };

  Field field = Field::none;
  std::size_t index = 0;  // among the authorities
  Error error;
};

}  // namespace tunnel::tls
