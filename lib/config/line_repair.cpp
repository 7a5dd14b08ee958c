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
#include "config/toml_string.hpp"

namespace tunnel::config {

namespace {

constexpr std::string_view blanks = " \t\r";

struct KnownKey {
  std::string_view name;
  std::string_view example;
  bool list = false;
};

// The keys that people write first, to tell them from other words and to show a value. Those that
// aren't here are still repaired.
constexpr std::array<KnownKey, 36> known_keys = {{
    {"accept", "5999", true},
    {"allow", "\"192.0.2.0/24\"", true},
    {"alpn", "\"http/1.1\"", true},
    {"balance", "\"order\""},
    {"ca", "\"ca.pem\"", true},
    {"cert", "\"relay.pem\"", true},
    {"client", "true"},
    {"client_ca", "\"our-clients.pem\"", true},
    {"client_names", "\"*.example\"", true},
    {"client_pin", "", true},
    {"close_timeout", "\"60s\""},
    {"connect", "\"relay.example:443\"", true},
    {"connect_timeout", "\"10s\""},
    {"crl", "\"crl.pem\""},
    {"deny", "\"192.0.2.0/24\"", true},
    {"drain_timeout", "\"30s\""},
    {"explain", "\"vnc\""},
    {"file", "\"tunnel.log\""},
    {"format", "\"text\""},
    {"group", "\"tunnel\""},
    {"handshake_timeout", "\"10s\""},
    {"idle_timeout", "\"12h\""},
    {"keepalive", "\"60s\""},
    {"key", "\"relay.key\"", true},
    {"level", "\"info\""},
    {"listen", "\"127.0.0.1:9090\""},
    {"max_connections", "10000"},
    {"max_version", "\"1.3\""},
    {"min_version", "\"1.2\""},
    {"open_for", "\"30m\""},
    {"pin", "", true},
    {"server_name", "\"relay.example\""},
    {"tls", "true"},
    {"user", "\"tunnel\""},
    {"verify", "\"full\""},
    {"workers", "4"},
}};

const KnownKey* known_key(std::string_view name) {
  const auto* found = std::find_if(known_keys.begin(), known_keys.end(),
                                   [&](const KnownKey& key) { return key.name == name; });
  return found == known_keys.end() ? nullptr : found;
}

std::string_view trimmed(std::string_view text) {
  const auto start = text.find_first_not_of(blanks);
  if (start == text.npos) return {};
  return text.substr(start, text.find_last_not_of(blanks) - start + 1);
}

bool is_bare_key(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
  });
}

// The end of the string that opens at `start`, behind its quote; npos if nothing closes it.
std::size_t string_end(std::string_view text, std::size_t start) {
  const char quote = text[start];
  for (std::size_t i = start + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\')
      ++i;
    else if (text[i] == quote)
      return i + 1;
  }
  return text.npos;
}

// Nesting, and settings in one line, up to which a line is worth a guess.
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
  std::string key(std::string_view written);
  std::string value(std::string_view key, std::string_view& rest, std::string_view ends);
  std::string quoted(std::string_view& rest, std::string_view ends);
  std::string list(std::string_view key, std::string_view& rest);
  std::string inline_table(std::string_view& rest);
  std::string bare(std::string_view key, std::string_view& rest, std::string_view ends);
  std::string word(std::string_view key, std::string_view word);
  std::string tail(std::string_view rest);
  std::string values_to_the_end(std::string_view key, std::string_view& rest);

  const IsToml& is_toml_;
  int depth_;
  std::string text_;
  std::string slip_;
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
        if (odd_end) slip(first_lookalike(bytes) + "; a string stands in straight quotes");
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
      if (found) slip(first_lookalike(bytes) + "; a string stands in straight quotes");
    } else if (found && plain.empty()) {
      slip(first_lookalike(bytes) + "; delete it");
    } else if (found && plain == " ") {
      slip(first_lookalike(bytes) + "; a plain space is wanted");
    } else if (found) {
      slip(first_lookalike(bytes) + fmt::format("; {} is wanted", plain));
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
  slip("this is neither a key with its value nor a comment, which begins with #");
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
  const bool plain_name = std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
  });
  if (text_.find(']') == std::string::npos)
    slip("a section's name has no closing bracket");
  else if (end != line.npos && (line[end] != '.' || !plain_name))
    slip("a section is [service.NAME], and NAME has letters, digits, -, _ and . only");
  else
    slip("a section's name stands in one pair of brackets, on a line of its own");
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
    slip_ = "a section's name stands on a line of its own";
    return out + "\n" + own;
  }
  slip("a comment begins with #");
  return out + " " + rest.comment();
}

std::string Repair::key(std::string_view written) {
  std::string name(trimmed(written));
  if (name.size() > 1 && (name.front() == '"' || name.front() == '\'') &&
      name.back() == name.front())
    name = name.substr(1, name.size() - 2);
  for (const std::string_view before : {"--", "- ", "-", "$", "export ", "set ", "let ", "var "})
    if (name.starts_with(before)) {
      slip(fmt::format("a key stands without {}", trimmed(before)));
      name.erase(0, before.size());
      break;
    }
  name = trimmed(name);
  if (is_bare_key(name)) return name;
  std::string joined = name;
  std::replace_if(
      joined.begin(), joined.end(), [](char c) { return c == ' ' || c == '\t'; }, '_');
  if (is_bare_key(joined) && known_key(joined) != nullptr) {
    slip("a key has no blanks");
    return joined;
  }
  return "";
}

std::string Repair::setting() {
  if (depth_ >= max_depth) return "";
  const std::string_view line = trimmed(text_);
  const std::size_t first = line.find_first_not_of("-$ ");
  const std::size_t word_end = line.find_first_of(" \t=:", first == line.npos ? 0 : first);
  const std::size_t at = line.find_first_of("=:");
  std::string name = at == line.npos ? "" : key(line.substr(0, at));
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
    slip_ = fmt::format("{} has no value: it stands on the line of its key", name);
    return known == nullptr || known->example.empty()
               ? ""
               : fmt::format("{} = {}", name, known->example);
  }
  const std::string what = values_to_the_end(name, rest);
  return fmt::format("{} = {}{}", name, what, tail(rest));
}

std::string Repair::values_to_the_end(std::string_view key, std::string_view& rest) {
  std::vector<std::string> values;
  const bool many = takes_list(key);
  for (;;) {
    values.push_back(value(key, rest, many ? "," : ""));
    rest = trimmed(rest);
    if (!many || !rest.starts_with(',')) break;
    const std::string_view next = trimmed(rest.substr(1));
    if (next.empty() || next.starts_with('#')) break;
    if (known_key(next.substr(0, next.find_first_of(" \t=:"))) != nullptr) break;
    rest = next;
  }
  if (values.size() == 1) return values.front();
  slip("several values stand in brackets");
  return fmt::format("[{}]", fmt::join(values, ", "));
}

// What is left behind a value: a comment, further settings, or nothing.
std::string Repair::tail(std::string_view rest) {
  rest = trimmed(rest);
  if (rest.empty()) return "";
  if (rest.starts_with('#')) return fmt::format("  {}", rest);
  const std::string_view behind = trimmed(rest.substr(1));
  const bool is_sign = std::string_view(",;.)]}\"'").find(rest.front()) != rest.npos;
  if (is_sign && (behind.empty() || behind.starts_with('#'))) {
    slip(fmt::format("{} stands behind the value", rest.front()));
    return behind.empty() ? "" : fmt::format("  {}", behind);
  }
  Repair next(is_sign ? behind : rest, is_toml_, depth_ + 1);
  if (const std::string own = next.setting(); !own.empty()) {
    slip("each key stands on a line of its own");
    return "\n" + own;
  }
  slip("a comment begins with #");
  return "  " + next.comment();
}

std::string Repair::value(std::string_view key, std::string_view& rest, std::string_view ends) {
  rest = trimmed(rest);
  if (rest.starts_with('"') || rest.starts_with('\'')) return quoted(rest, ends);
  const bool is_address = rest.starts_with('[') && rest.find("]:") != rest.npos;
  const bool nests = (rest.starts_with('[') && !is_address) || rest.starts_with('{');
  if (!nests || depth_ >= max_depth) return bare(key, rest, ends);
  ++depth_;
  std::string out = rest.starts_with('[') ? list(key, rest) : inline_table(rest);
  --depth_;
  return out;
}

bool ends_value(std::string_view behind, std::string_view ends) {
  const bool blank_ends = ends.find(' ') != ends.npos;
  if (blank_ends && behind.starts_with(' ')) return true;
  behind = trimmed(behind);
  return behind.empty() || std::string_view(",;#]}").find(behind.front()) != behind.npos ||
         behind.starts_with("//") || ends.find(behind.front()) != ends.npos;
}

std::string Repair::quoted(std::string_view& rest, std::string_view ends) {
  const char quote = rest.front();
  const std::string three(3, quote);
  if (rest.starts_with(three)) {
    const std::size_t close = rest.find(three, 3);
    const std::string_view inner = rest.substr(3, close == rest.npos ? close : close - 3);
    rest = close == rest.npos ? std::string_view() : rest.substr(close + 3);
    slip("three quotes open a string of several lines, and nothing closes it");
    return toml_string(trimmed(inner));
  }
  const std::size_t end = string_end(rest, 0);
  if (end != rest.npos && ends_value(rest.substr(end), ends)) {
    const std::string_view written = rest.substr(0, end);
    rest.remove_prefix(end);
    if (is_toml_(fmt::format("x = {}", written))) return std::string(written);
    slip("in double quotes a backslash begins an escape; single quotes keep it as it is");
    return toml_string(without_escapes(written.substr(1, written.size() - 2)));
  }
  // a backslash before the closing quote, quotes within quotes, or the other quote at the end
  const std::size_t last = rest.substr(0, rest.find(" #")).find_last_of("\"'");
  if (last > 0 && last != rest.npos && ends_value(rest.substr(last + 1), ends)) {
    const std::string_view inner = rest.substr(1, last - 1);
    const bool backslash = inner.ends_with('\\');
    if (inner.find(" = ") == inner.npos && inner.find("=\"") == inner.npos) {
      slip(backslash
               ? "in double quotes a backslash begins an escape; single quotes keep it as it is"
           : rest[last] != quote ? "the string ends in another quote than it begins with"
                                 : "there is a quote within the quotes of a string");
      rest.remove_prefix(last + 1);
      return toml_string(without_escapes(inner));
    }
  }
  slip("the string has no closing quote");
  std::size_t stop = std::min({rest.find(" #"), rest.find("\t#"), rest.size()});
  if (!ends.empty()) stop = std::min(stop, rest.find_first_of(ends));
  std::string_view inner = trimmed(rest.substr(1, stop - 1));
  while (inner.ends_with(',') || inner.ends_with(';')) inner.remove_suffix(1);
  rest.remove_prefix(stop);
  return inner.find('\\') == inner.npos ? toml_string(inner) : toml_string(without_escapes(inner));
}

std::string Repair::list(std::string_view key, std::string_view& rest) {
  rest.remove_prefix(1);
  std::vector<std::string> values;
  for (;;) {
    const std::size_t next = rest.find_first_not_of(" \t,;");
    const std::string_view between = rest.substr(0, next);
    const auto commas = std::count(between.begin(), between.end(), ',');
    if (commas > 1 || (commas > 0 && values.empty()))
      slip("a comma stands where a value is wanted");
    if (between.find(';') != between.npos) slip("values in a list are separated by commas");
    rest = next == rest.npos ? std::string_view() : rest.substr(next);
    if (rest.empty() || rest.starts_with('#') || rest.starts_with(')') || rest.starts_with('}')) {
      slip("the list has no closing bracket");
      if (rest.starts_with(')') || rest.starts_with('}')) rest.remove_prefix(1);
      break;
    }
    if (rest.starts_with(']')) {
      rest.remove_prefix(1);
      break;
    }
    if (commas == 0 && !values.empty()) slip("values in a list are separated by commas");
    const std::size_t before = rest.size();
    values.push_back(value(key, rest, ",; ]"));
    if (rest.size() == before) rest.remove_prefix(1);
  }
  return fmt::format("[{}]", fmt::join(values, ", "));
}

std::string Repair::inline_table(std::string_view& rest) {
  rest.remove_prefix(1);
  std::vector<std::string> settings;
  for (;;) {
    const std::size_t next = rest.find_first_not_of(" \t,;");
    rest = next == rest.npos ? std::string_view() : rest.substr(next);
    if (rest.empty() || rest.starts_with('#')) {
      slip("the table has no closing brace");
      break;
    }
    if (rest.starts_with('}')) {
      rest.remove_prefix(1);
      break;
    }
    const std::size_t at = rest.find_first_of("=:");
    const std::string name = at == rest.npos ? "" : key(rest.substr(0, at));
    if (name.empty()) {
      rest = {};
      break;
    }
    if (rest[at] == ':') slip("a key and its value are joined by =, not by :");
    rest.remove_prefix(at + 1);
    settings.push_back(fmt::format("{} = {}", name, value(name, rest, ",; }")));
  }
  return settings.empty() ? "{}" : fmt::format("{{ {} }}", fmt::join(settings, ", "));
}

std::string Repair::bare(std::string_view key, std::string_view& rest, std::string_view ends) {
  std::size_t stop =
      std::min({rest.find(" #"), rest.find("\t#"), rest.find(" //"), rest.find(" ;"), rest.size()});
  if (!ends.empty()) stop = std::min(stop, rest.find_first_of(ends));
  std::string_view text = trimmed(rest.substr(0, stop));
  rest.remove_prefix(stop);
  while (text.size() > 1 && std::string_view(",;\"'").find(text.back()) != text.npos) {
    if (text.back() == ',' || text.back() == ';')
      slip(fmt::format("{} stands behind the value", text.back()));
    else
      slip("the string has no opening quote");
    text = trimmed(text.substr(0, text.size() - 1));
  }
  // "client = true tls = false"
  if (const std::size_t blank = text.find_first_of(" \t"); blank != text.npos) {
    const std::string_view behind = trimmed(text.substr(blank));
    const std::string_view next = behind.substr(0, behind.find_first_of(" \t=:"));
    if (known_key(next) != nullptr && next.size() < behind.size()) {
      const auto length = static_cast<std::size_t>(behind.data() - text.data());
      rest = std::string_view(
          text.data() + length,
          static_cast<std::size_t>(rest.data() + rest.size() - text.data()) - length);
      text = trimmed(text.substr(0, length));
    }
  }
  return word(key, text);
}

// A date and a time as TOML has them, from one with a blank, a slash or without seconds.
std::string date_time(std::string_view text) {
  // longer text would be deep recursion in <regex>
  if (text.size() > 40) return "";
  static const std::regex pattern(
      R"((\d{4})[-/.](\d\d)[-/.](\d\d)[Tt ]+(\d\d:\d\d)(:\d\d)?(\.\d+)? *(Z|z|UTC|GMT|[+-]\d\d:?\d\d)?)");
  std::match_results<std::string_view::const_iterator> parts;
  if (!std::regex_match(text.begin(), text.end(), parts, pattern)) return "";
  std::string zone = parts[7].str();
  if (zone.size() == 5) zone.insert(3, ":");
  if (zone.find(':') == zone.npos) zone = "Z";
  return fmt::format("{}-{}-{}T{}{}{}", parts[1].str(), parts[2].str(), parts[3].str(),
                     parts[4].str(), parts[5].matched ? parts[5].str() : ":00", zone);
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

std::string Repair::word(std::string_view key, std::string_view word) {
  const std::string lower = lower_case(word);
  const bool is_switch = key != "explain" && key != "balance" && key != "verify";
  for (const auto& [names, toml] : {std::pair{" true yes on enabled enable y ", "true"},
                                    {" false no off disabled disable n ", "false"}}) {
    const bool named = std::string_view(names).find(" " + lower + " ") != std::string_view::npos;
    if (!named || !is_switch || word == toml) continue;
    slip(fmt::format("{} is no value in TOML, which has true and false", word));
    return toml;
  }
  if (is_toml_(fmt::format("x = {}", word))) return std::string(word);
  if (const std::string date = date_time(word); !date.empty()) {
    slip("a date and a time are written as in 2030-01-31T18:00:00+09:00");
    return date;
  }
  std::string_view digits = word.substr(word.starts_with(':') || word.starts_with('+') ? 1 : 0);
  if (is_digits(digits) && digits.size() <= 9) {
    slip("a number is written in digits, without a zero in front");
    while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
    return std::string(digits);
  }
  slip("a string needs quotes");
  std::string text(word);
  // "relay.example 443"
  const std::size_t blank = text.find_first_of(" \t");
  if ((key == "connect" || key == "accept") && blank != text.npos &&
      is_digits(trimmed(std::string_view(text).substr(blank))))
    text =
        fmt::format("{}:{}", text.substr(0, blank), trimmed(std::string_view(text).substr(blank)));
  return toml_string(text);
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
    values.push_back(value("", rest, ",; ]"));
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

std::string_view trimmed_line(std::string_view line) { return trimmed(line); }

bool takes_list(std::string_view key) {
  const KnownKey* known = known_key(key);
  return known != nullptr && known->list;
}

WrittenSetting written_setting(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == line.npos) return {};
  const std::string_view key = trimmed(line.substr(0, equals));
  std::string_view value = trimmed(line.substr(equals + 1));
  if (!is_bare_key(key) || value.empty()) return {};
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
