// A configuration file from the disk to a Config, with what the command line puts in its place.
#pragma once

#include <string>
#include <vector>

#include "config/relay_offer.hpp"
#include "config/validate.hpp"

namespace tunnel::config {

// `--connect [NAME=]VALUE` or `--accept [NAME=]VALUE`: replaces that key of the service, or of the
// only service where no name is given. With an offer, VALUE is "-", and the offer takes its place.
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
