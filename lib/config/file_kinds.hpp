// Files of another kind than TOML that people give as a configuration.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tunnel::config {

struct FileKind {
  std::string what;        // what the file is
  std::string suggestion;  // the TOML for it, or the next step
};

// JSON, YAML, PEM or a web page, by how it begins; nothing for any other text.
std::optional<FileKind> other_kind(std::string_view text);

// Lines of a service, for files that have none.
extern const std::string_view example_service;

}  // namespace tunnel::config
