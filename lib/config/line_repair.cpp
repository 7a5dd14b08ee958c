// Reads a line as people write them and writes it as TOML does.
#include "config/line_repair.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <regex>

#include "base/lookalike.hpp"
#include "base/text.hpp"
#include "config/known_keys.hpp"
#include "config/toml_string.hpp"

namespace tunnel::config {

namespace {

// Settings in one line up to which it is worth a guess.
constexpr int max_depth = 8;

class Repair {
 public:
  Repair(std::string_view line, const IsToml& is_toml, int depth = 0)
      : is_toml_(is_toml), depth_(depth) {
    text_ = with_plain_syntax(line);
  }

  std::string_view text() const { return text_; }
  const std::string& slip() const { return slip_; }

  std::string comment();
  std::string header();
  std::string setting();
  // A line within a list that spans several.
  std::string element();

 private:
  void slip(std::string what) {
    if (slip_.empty()) slip_ = std::move(what);
  }

  std::string with_plain_syntax(std::string_view line);
  std::string tail(std::string_view rest);

  const IsToml& is_toml_;
  int depth_;
  std::string text_;
  std::string slip_;
  ValueRepair values_{is_toml_, slip_};
};

// ASCII in place of what looks like it, outside of strings and comments.
std::string Repair::with_plain_syntax(std::string_view line) {
  std::string out;
  char open = 0;
  bool odd_quotes = false;  // the string was opened by a quote that is none in TOML
  for (std::size_t i = 0; i < line.size();) {
    const Character character = character_at(line, i);
    const std::string_view bytes = line.substr(i, character.size);
    const auto found = lookalike(character.code);
    i += character.size;
    if (open == 0 && bytes == "#") return out.append(line.substr(i - 1));
    if (open != 0) {
      if (!odd_quotes && open == '"' && bytes == "\\" && i < line.size()) {
        out.append(bytes).push_back(line[i++]);
        continue;
      }
      const bool odd_end = found && found->plain == std::string(1, open) &&
                           (odd_quotes || line.find(open, i) == line.npos);
      if (odd_end || (bytes.size() == 1 && bytes[0] == open)) {
        if (odd_end) slip(first_lookalike(bytes) + "; a string needs straight quotes");
        out += open;
        open = 0;
      } else {
        out += bytes;
      }
      continue;
    }
    const std::string plain = found ? found->plain : std::string(bytes);
    if (plain == "\"" || plain == "'") {
      open = plain[0];
      odd_quotes = found.has_value();
      if (found) slip(first_lookalike(bytes) + "; a string needs straight quotes");
    } else if (found && plain.empty()) {
      slip(first_lookalike(bytes) + "; delete it");
    } else if (found && plain == " ") {
      slip(first_lookalike(bytes) + "; use a plain space");
    } else if (found) {
      slip(first_lookalike(bytes) + fmt::format("; use {}", plain));
    }
    out += plain;
  }
  return out;
}

std::string Repair::comment() {
  const std::string_view line = trimmed(text_);
  if (line.empty()) return "#";
  if (line.starts_with('#')) return std::string(line);
  for (const std::string_view sign : {";", "//", "/*", "--", "%", "!", "'", "*", "REM ", "rem "})
    if (line.starts_with(sign)) {
      slip("a comment begins with #");
      std::string_view words = trimmed(line.substr(sign.size()));
      if (sign == "/*" && words.ends_with("*/")) words.remove_suffix(2);
      return fmt::format("# {}", trimmed(words));
    }
  slip("this is neither a key with a value nor a comment (#)");
  return fmt::format("# {}", line);
}

// A part of a section's name, of which a service's name may have letters, digits, -, _ and "."
// only.
std::string name_part(std::string_view part) {
  std::string out;
  for (const char c : trimmed(part)) {
    const bool good = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
    if (good)
      out += c;
    else if (!out.empty() && out.back() != '-' && c != '"' && c != '\'')
      out += '-';
  }
  while (out.ends_with('-')) out.pop_back();
  return out;
}

std::string Repair::header() {
  std::string_view line = trimmed(text_);
  std::string behind;
  const std::size_t close = line.find_first_of("])>}");
  if (std::min(line.find('='), line.find('#')) < close && close != line.npos) return "";
  if (close != line.npos) {
    behind = std::string(trimmed(line.substr(close + 1)));
    line = line.substr(0, close);
  } else if (const auto hash = line.find('#'); hash != line.npos) {
    behind = std::string(line.substr(hash));
    line = line.substr(0, hash);
  }
  while (!line.empty() && std::string_view("[(<{ ").find(line.front()) != line.npos)
    line.remove_prefix(1);
  while (!line.empty() && std::string_view("])>} :").find(line.back()) != line.npos)
    line.remove_suffix(1);
  if (line.find_first_of("=,{[") != line.npos) return "";
  // [service vnc], [service:vnc] and [service/vnc] name the table and the service, too
  const std::size_t end = line.find_first_of(" \t:/.\"'");
  std::string table = name_part(line.substr(0, end));
  std::string_view name = end == line.npos ? std::string_view() : line.substr(end + 1);
  if (table == "services" || table == "Service") table = "service";
  const bool plain_name = name.empty() || is_dotted_key(name);
  if (text_.find(']') == std::string::npos)
    slip("a section's name has no closing bracket");
  else if (end != line.npos && (line[end] != '.' || !plain_name))
    slip("a section is [service.NAME], and NAME has letters, digits, -, _ and . only");
  else
    slip("a section's name goes in one pair of brackets, on its own line");
  if (table.empty()) table = "service";
  std::string service = name_part(name);
  if (service.empty() && table == "service") service = "vnc";
  std::string out =
      service.empty() ? fmt::format("[{}]", table) : fmt::format("[{}.{}]", table, service);
  if (behind.empty() || behind == ":" || behind == ";" || behind == "," || behind == "]")
    return out;
  if (behind.starts_with('#')) return out + " " + behind;
  Repair rest(behind, is_toml_, depth_ + 1);
  if (const std::string own = rest.setting(); !own.empty()) {
    slip_ = "a section's name needs its own line";
    return out + "\n" + own;
  }
  slip("a comment begins with #");
  return out + " " + rest.comment();
}

std::string Repair::setting() {
  if (depth_ >= max_depth) return "";
  const std::string_view line = trimmed(text_);
  const std::size_t first = line.find_first_not_of("-$ ");
  const std::size_t word_end = line.find_first_of(" \t=:", first == line.npos ? 0 : first);
  const std::size_t at = line.find_first_of("=:");
  std::string name = at == line.npos ? "" : values_.key(line.substr(0, at));
  std::string_view rest;
  if (!name.empty()) {
    rest = line.substr(at);
    const std::size_t begin = rest.find_first_not_of("=:> \t");
    const std::string_view sign = trimmed(rest.substr(0, begin));
    if (sign.starts_with(':') && sign.size() == 1)
      slip("a key and its value are joined by =, not by :");
    else if (sign != "=")
      slip(fmt::format("a key and its value are joined by one =, not by {}", sign));
    rest = begin == rest.npos ? std::string_view() : rest.substr(begin);
  } else {
    name = std::string(line.substr(0, word_end));
    while (name.starts_with('-')) name.erase(0, 1);
    if (known_key(name) == nullptr || word_end == line.npos) return "";
    slip("a key and its value are joined by =");
    rest = trimmed(line.substr(word_end));
    if (rest.starts_with("->")) rest = trimmed(rest.substr(2));
  }
  if (rest.empty() || rest.starts_with('#')) {
    const KnownKey* known = known_key(name);
    slip_ = fmt::format("{} has no value: write it on the same line", name);
    return known == nullptr || known->example.empty()
               ? ""
               : fmt::format("{} = {}", name, known->example);
  }
  const std::string what = values_.values_to_the_end(name, rest);
  return fmt::format("{} = {}{}", name, what, tail(rest));
}

// What is left behind a value: a comment, further settings, or nothing.
std::string Repair::tail(std::string_view rest) {
  rest = trimmed(rest);
  if (rest.empty()) return "";
  if (rest.starts_with('#')) return fmt::format("  {}", rest);
  const std::string_view behind = trimmed(rest.substr(1));
  const bool is_sign = std::string_view(",;.)]}\"'").find(rest.front()) != rest.npos;
  if (is_sign && (behind.empty() || behind.starts_with('#'))) {
    slip(fmt::format("remove {} after the value", rest.front()));
    return behind.empty() ? "" : fmt::format("  {}", behind);
  }
  Repair next(is_sign ? behind : rest, is_toml_, depth_ + 1);
  if (const std::string own = next.setting(); !own.empty()) {
    slip("each key needs its own line");
    return "\n" + own;
  }
  slip("a comment begins with #");
  return "  " + next.comment();
}

std::string Repair::element() {
  std::string_view rest = trimmed(text_);
  if (rest.starts_with("- ")) {
    slip("values in a list are separated by commas, not marked by -");
    rest = trimmed(rest.substr(2));
  }
  std::vector<std::string> values;
  std::string end;
  while (!rest.empty() && !rest.starts_with('#')) {
    if (rest.starts_with(']')) {
      end = "]";
      rest = trimmed(rest.substr(1));
      break;
    }
    const std::size_t before = rest.size();
    values.push_back(values_.value("", rest, ",; ]"));
    if (rest.size() == before) return "";
    const std::size_t next = std::min(rest.find_first_not_of(" \t,;"), rest.size());
    rest.remove_prefix(next);
  }
  if (values.empty()) return "";
  slip("values in a list are separated by commas");
  std::string out = fmt::format("{}{}", fmt::join(values, ", "), end.empty() ? "," : end);
  return rest.empty() ? out : fmt::format("{}  {}", out, rest);
}

}  // namespace

WrittenSetting written_setting(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == line.npos) return {};
  const std::string_view key = trimmed(line.substr(0, equals));
  std::string_view value = trimmed(line.substr(equals + 1));
  if (!is_dotted_key(key) || value.empty()) return {};
  const bool string = value.front() == '"' || value.front() == '\'';
  const std::size_t end = string ? string_end(value, 0) : value.find('#');
  return {std::string(key), std::string(trimmed(value.substr(0, end)))};
}

std::vector<LineRepair> repairs_of(std::string_view line, const IsToml& is_toml) {
  std::vector<LineRepair> out;
  constexpr std::size_t longest = 2000;
  if (line.size() > longest) return out;
  const auto attempt = [&](std::string (Repair::*read)()) {
    Repair repair(line, is_toml);
    std::string text = (repair.*read)();
    if (!text.empty() && !repair.slip().empty()) out.push_back({repair.slip(), std::move(text)});
  };
  const Repair plain(line, is_toml);
  const std::string_view text = trimmed(plain.text());
  if (text.empty() || text.starts_with('#')) {
    attempt(&Repair::comment);
    return out;
  }
  const bool is_comment = text.starts_with(';') || text.starts_with("//") || text.starts_with("/*");
  const bool is_header = std::string_view("[<(").find(text.front()) != text.npos ||
                         (text.find('=') == text.npos && text.find_last_of("])>") != text.npos);
  if (is_comment) attempt(&Repair::comment);
  if (is_header) attempt(&Repair::header);
  attempt(&Repair::setting);
  attempt(&Repair::element);
  if (!is_comment && text.find_first_of("\"'=:[]{},") == text.npos &&
      std::isalpha(static_cast<unsigned char>(text.front())) != 0)
    attempt(&Repair::comment);
  const bool is_sign = std::string_view("-%!*'").find(text.front()) != text.npos ||
                       text.starts_with("REM ") || text.starts_with("rem ");
  if (is_sign) attempt(&Repair::comment);
  return out;
}

}  // namespace tunnel::config
