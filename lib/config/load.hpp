// From a configuration file to a Config, with overrides from the command line.
#pragma once

#include <string>
#include <vector>

#include "config/relay_offer.hpp"
#include "config/validate.hpp"

namespace tunnel::config {

// `--connect [NAME=]VALUE` or `--accept [NAME=]VALUE`: replaces that key of the service; without a
// name, of the only service. With an offer, VALUE is "-", and the offer replaces it.
struct Override {
  std::string option;  // "--connect"
  std::string key;     // "connect"
  std::string text;    // "[NAME=]VALUE"
  std::optional<RelayOffer> offer = {};
};

// Reads, applies the overrides and validates. A file that can't be read is one mistake.
Validated load(const std::string& file, const std::vector<Override>& overrides,
               const Environment& environment);

// The same from text, for tests and fuzzing.
Validated load_text(std::string_view text, const std::string& file,
                    const std::filesystem::path& folder, const std::vector<Override>& overrides,
                    const Environment& environment);

}  // namespace tunnel::config
