// How the user writes what the configuration knows by a key. This is the wording of a file; others
// derive from it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/wording.hpp"
#include "config/mistake.hpp"

namespace tunnel::config {

class KeyWording : public Wording {
 public:
  std::string line(Setting setting, std::string_view value = {}) const final;
  std::string name(Setting setting) const final;
  std::string text(const Suggestion& suggestion) const;

  // The key with its value as TOML writes it (`pin = "..."`), then the rest of the sentence.
  virtual std::string key_line(std::string_view key, std::string_view toml,
                               std::string_view words) const;
  virtual std::string key_name(std::string_view key) const;
  // How a message about a key begins: `vnc.toml:4:11: service "vnc": ca: `. The key is left out
  // where it is empty, or where the place names it already.
  virtual std::string heading(const Place& place, std::string_view scope,
                              std::string_view key) const;
};

// The wording of a file.
const KeyWording& file_wording();

// `wording`, or where it is null the file's.
const KeyWording& wording_or_file(const std::shared_ptr<const KeyWording>& wording);

}  // namespace tunnel::config
