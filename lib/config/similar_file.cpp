// Looks through one folder.
#include "config/similar_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/path.hpp"
#include "base/text.hpp"

namespace tunnel::config {

namespace {

namespace fs = std::filesystem;

// Larger folders aren't read to their end.
constexpr std::size_t most_files = 5000;

struct Name {
  std::string stem;
  std::string ending;
};

Name split(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  if (dot == name.npos || dot == 0) return {name, ""};
  return {name.substr(0, dot), name.substr(dot)};
}

// Endings of the same kind of file.
bool are_alike(std::string_view a, std::string_view b) {
  constexpr std::array<std::string_view, 3> groups = {". .toml .tml .tom .conf .cfg .ini .txt ",
                                                      ". .pem .crt .cer .der ", ". .key .pem "};
  return std::any_of(groups.begin(), groups.end(), [&](std::string_view group) {
    const auto has = [&](std::string_view ending) {
      return group.find(" " + std::string(ending) + " ") != group.npos ||
             (ending.empty() && group == groups[0]);
    };
    return has(a) && has(b);
  });
}

std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code error;
  fs::directory_iterator entry(folder.empty() ? fs::path(".") : folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (out.size() == most_files) break;
    std::error_code ignored;
    if (entry->is_regular_file(ignored)) out.push_back(text_of(entry->path().filename()));
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::string similar_file(const fs::path& missing) {
  const std::string wanted = text_of(missing.filename());
  if (wanted.empty() || first_invalid_utf8(wanted)) return "";
  const std::vector<std::string> files = files_in(missing.parent_path());
  const auto first = [&](const auto& is_meant) {
    const auto found = std::find_if(files.begin(), files.end(), is_meant);
    return found == files.end() ? std::string() : *found;
  };
  const std::string lower = lower_case(wanted);
  std::string out = first([&](const std::string& name) { return lower_case(name) == lower; });
  if (out.empty())
    out = first([&](const std::string& name) { return lower_case(name) == lower + ".txt"; });
  if (!out.empty()) return out;
  const Name name = split(lower);
  out = first([&](const std::string& other) {
    const Name parts = split(lower_case(other));
    return parts.stem == name.stem && are_alike(parts.ending, name.ending);
  });
  if (!out.empty() || name.stem.size() < 3) return out;
  // a letter wrong in the name proper; a.pem and b.pem are two files
  std::vector<std::string_view> same_kind;
  for (const std::string& other : files)
    if (are_alike(split(lower_case(other)).ending, name.ending) && split(other).stem.size() >= 3)
      same_kind.push_back(other);
  const std::string best = nearest(wanted, same_kind);
  if (best.empty() || nearest(split(wanted).stem, {split(best).stem}).empty()) return "";
  return best;
}

std::string but_there_is(const std::string& what, const std::string& similar) {
  if (similar.empty()) return what;
  return fmt::format("{}, but {} is there", what, one_line(similar));
}

}  // namespace tunnel::config
