// Tries guesses at the line where the parser stopped, and at those before it.
#include "config/toml_slips.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "config/file_kinds.hpp"
#include "config/known_keys.hpp"
#include "config/line_repair.hpp"
#include "config/toml_string.hpp"

namespace tunnel::config {

namespace {

// Larger files are not written by hand, and each guess parses the file anew.
constexpr std::size_t largest = 100'000;
// How far a bracket that isn't closed is looked for.
constexpr std::size_t lines_back = 30;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.push_back(line);
    if (end == text.npos) return out;
    text.remove_prefix(end + 1);
  }
}

std::string with_line(const std::vector<std::string_view>& lines, std::size_t at,
                      std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) out.append(i == at ? line : lines[i]).append("\n");
  return out;
}

// Lines of a suggestion stand under each other.
std::string indented(std::string text) {
  std::replace(text.begin(), text.end(), '\t', ' ');
  std::string out;
  for (const std::string_view line : lines_of(text))
    out += (out.empty() ? "" : "\n    ") + one_line(line);
  return out;
}

class Search {
 public:
  Search(std::string_view text, const TomlError& error, const ParseToml& parse)
      : error_(error),
        parse_(parse),
        // the parser takes a byte order mark at the start, which isn't the start of the file here
        is_toml_([&parse](std::string_view part) {
          return !part.starts_with("\xef\xbb\xbf") && !parse(part);
        }),
        lines_(lines_of(text)),
        at_(std::min<std::size_t>(std::max<std::uint32_t>(error.line, 1), lines_.size()) - 1) {}

  std::optional<TomlSlip> twice() const;
  std::optional<TomlSlip> repaired() const;

 private:
  std::optional<TomlSlip> repaired(std::size_t at) const;
  bool helps(std::size_t at, const std::string& line) const;
  TomlSlip slip(std::size_t at, std::string what, std::string line) const;
  std::optional<TomlSlip> section_twice() const;

  const TomlError& error_;
  const ParseToml& parse_;
  IsToml is_toml_;
  std::vector<std::string_view> lines_;
  std::size_t at_;
};

TomlSlip Search::slip(std::size_t at, std::string what, std::string line) const {
  const bool here = at == at_ && error_.line == at_ + 1;
  const std::size_t first = std::min(lines_[at].find_first_not_of(" \t"), lines_[at].size());
  return {static_cast<std::uint32_t>(at + 1),
          here ? error_.column : static_cast<std::uint32_t>(first + 1), std::move(what),
          indented(std::move(line))};
}

// Whether the file gets further with the line in place of that at `at`.
bool Search::helps(std::size_t at, const std::string& line) const {
  const auto further = parse_(with_line(lines_, at, line));
  const auto added = static_cast<std::size_t>(std::count(line.begin(), line.end(), '\n'));
  if (!further) return true;
  return further->line > std::max<std::size_t>(at_, at) + 1 + added &&
         further->line <= lines_.size() + added;
}

std::optional<TomlSlip> Search::repaired(std::size_t at) const {
  for (const LineRepair& repair : repairs_of(lines_[at], is_toml_)) {
    if (repair.line == trimmed(lines_[at])) continue;
    // another mistake of the same line, such as a key given twice, remains for the next time
    const bool alone = at == at_ && is_toml_(repair.line);
    if (helps(at, repair.line) || (alone && parse_(with_line(lines_, at, "")) == std::nullopt))
      return slip(at, repair.slip, repair.line);
  }
  return std::nullopt;
}

std::optional<TomlSlip> Search::repaired() const {
  for (std::size_t back = 0; back <= std::min(at_, lines_back); ++back) {
    const std::size_t at = at_ - back;
    // what is right by itself suffers from a line before it
    if (is_toml_(lines_[at])) continue;
    if (auto found = repaired(at)) return found;
    // a value of a list without its comma, before the one where parsing stopped
    const std::string_view line = lines_[at].substr(0, lines_[at].find(" #"));
    const std::string with_comma = std::string(trimmed(line)) + ",";
    if (back > 0 && helps(at, with_comma))
      return slip(at, "values in a list are separated by commas", with_comma);
  }
  return std::nullopt;
}

bool is_header(std::string_view line) { return trimmed(line).starts_with('['); }

std::optional<TomlSlip> Search::section_twice() const {
  std::string_view name = trimmed(lines_[at_]);
  name = name.substr(0, name.find(']') + 1);
  for (std::size_t i = 0; i < at_; ++i) {
    if (!trimmed(lines_[i]).starts_with(name)) continue;
    const std::string_view inner = name.substr(1, name.size() - 2);
    const bool is_service = inner.starts_with("service.");
    for (int number = 2; is_service && number < 100; ++number) {
      const std::string other = fmt::format("[{}-{}]", inner, number);
      if (helps(at_, other))
        return slip(at_,
                    fmt::format("{1} is in line {0} already: move its keys there, or give the "
                                "service another name",
                                i + 1, name),
                    other);
    }
    return slip(at_, fmt::format("{1} is in line {0} already: move its keys there", i + 1, name),
                fmt::format("# {}", name));
  }
  return std::nullopt;
}

std::optional<TomlSlip> Search::twice() const {
  if (error_.why.find("cannot redefine") == error_.why.npos) return std::nullopt;
  if (is_header(lines_[at_])) return section_twice();
  const WrittenSetting second = written_setting(lines_[at_]);
  if (second.key.empty()) return std::nullopt;
  for (std::size_t i = at_; i-- > 0 && !is_header(lines_[i]);) {
    const WrittenSetting first = written_setting(lines_[i]);
    if (first.key != second.key) continue;
    const KnownKey* known = known_key(second.key);
    const bool list = known != nullptr && known->list;
    const bool plain = !first.value.starts_with('[') && !second.value.starts_with('[');
    if (list && plain && first.value != second.value) {
      const std::string both = fmt::format("{} = [{}, {}]", second.key, first.value, second.value);
      if (is_toml_(both))
        return slip(at_,
                    fmt::format("{} is in line {} already: keep one of them, or write both as",
                                second.key, i + 1),
                    both);
    }
    return slip(
        at_, fmt::format("{} is in line {} already: keep one of them, such as", second.key, i + 1),
        fmt::format("{} = {}", second.key, second.value));
  }
  return std::nullopt;
}

}  // namespace

std::optional<TomlSlip> find_slip(std::string_view text, const TomlError& error,
                                  const ParseToml& parse) {
  if (auto kind = other_kind(text))
    return TomlSlip{error.line, error.column, std::move(kind->what), std::move(kind->suggestion)};
  if (text.size() > largest) return std::nullopt;
  const Search search(text, error, parse);
  if (auto found = search.twice()) return found;
  return search.repaired();
}

}  // namespace tunnel::config
