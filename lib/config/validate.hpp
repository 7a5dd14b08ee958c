// Raw values to a Config, or every mistake in them.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "config/raw.hpp"
#include "config/reader.hpp"

namespace tunnel::config {

// What was understood, and every mistake. With mistakes, the config only serves to find those in
// the files that it names (certificates, keys).
struct Validated {
  Config config;
  Mistakes mistakes;
};

// Relative paths are relative to `folder`. `file` is the place of mistakes about the file as a
// whole. Mistakes and services get `wording`; null: a file's.
Validated validate(const RawTable& root, const std::string& file,
                   const std::filesystem::path& folder, const Environment& environment,
                   const std::shared_ptr<const KeyWording>& wording = nullptr);

}  // namespace tunnel::config
