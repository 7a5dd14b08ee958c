// Guesses at strings, lists, tables and bare words.
#include "config/value_repair.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <regex>
#include <vector>

#include "base/text.hpp"
#include "config/known_keys.hpp"
#include "config/toml_string.hpp"

namespace tunnel::config {

namespace {

// Lists and tables in each other up to which a value is worth a guess.
constexpr int max_depth = 8;

bool ends_value(std::string_view behind, std::string_view ends) {
  const bool blank_ends = ends.find(' ') != ends.npos;
  if (blank_ends && behind.starts_with(' ')) return true;
  behind = trimmed(behind);
  return behind.empty() || std::string_view(",;#]}").find(behind.front()) != behind.npos ||
         behind.starts_with("//") || ends.find(behind.front()) != ends.npos;
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

}  // namespace

std::string ValueRepair::key(std::string_view written) {
  std::string name(trimmed(written));
  if (name.size() > 1 && (name.front() == '"' || name.front() == '\'') &&
      name.back() == name.front())
    name = name.substr(1, name.size() - 2);
  for (const std::string_view before : {"--", "- ", "-", "$", "export ", "set ", "let ", "var "})
    if (name.starts_with(before)) {
      slip(fmt::format("a key has no {} in front", trimmed(before)));
      name.erase(0, before.size());
      break;
    }
  name = trimmed(name);
  if (is_dotted_key(name)) return name;
  std::string joined = name;
  std::replace_if(
      joined.begin(), joined.end(), [](char c) { return c == ' ' || c == '\t'; }, '_');
  if (is_dotted_key(joined) && known_key(joined) != nullptr) {
    slip("a key has no blanks");
    return joined;
  }
  return "";
}

std::string ValueRepair::values_to_the_end(std::string_view key, std::string_view& rest) {
  std::vector<std::string> values;
  const KnownKey* known = known_key(key);
  const bool many = known != nullptr && known->list;
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
  slip("several values go in brackets");
  return fmt::format("[{}]", fmt::join(values, ", "));
}

std::string ValueRepair::value(std::string_view key, std::string_view& rest,
                               std::string_view ends) {
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

std::string ValueRepair::quoted(std::string_view& rest, std::string_view ends) {
  const char quote = rest.front();
  const std::string three(3, quote);
  if (rest.starts_with(three)) {
    const std::size_t close = rest.find(three, 3);
    const std::string_view inner = rest.substr(3, close == rest.npos ? close : close - 3);
    rest = close == rest.npos ? std::string_view() : rest.substr(close + 3);
    slip("three quotes open a string over several lines, and nothing closes it");
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
           : rest[last] != quote ? "the string begins and ends with different quotes"
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

std::string ValueRepair::list(std::string_view key, std::string_view& rest) {
  rest.remove_prefix(1);
  std::vector<std::string> values;
  for (;;) {
    const std::size_t next = rest.find_first_not_of(" \t,;");
    const std::string_view between = rest.substr(0, next);
    const auto commas = std::count(between.begin(), between.end(), ',');
    if (commas > 1 || (commas > 0 && values.empty())) slip("there is a comma without a value");
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

std::string ValueRepair::inline_table(std::string_view& rest) {
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

std::string ValueRepair::bare(std::string_view key, std::string_view& rest, std::string_view ends) {
  std::size_t stop =
      std::min({rest.find(" #"), rest.find("\t#"), rest.find(" //"), rest.find(" ;"), rest.size()});
  if (!ends.empty()) stop = std::min(stop, rest.find_first_of(ends));
  std::string_view text = trimmed(rest.substr(0, stop));
  rest.remove_prefix(stop);
  while (text.size() > 1 && std::string_view(",;\"'").find(text.back()) != text.npos) {
    if (text.back() == ',' || text.back() == ';')
      slip(fmt::format("remove {} after the value", text.back()));
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

std::string ValueRepair::word(std::string_view key, std::string_view word) {
  const std::string lower = lower_case(word);
  const bool is_switch = key != "explain" && key != "balance" && key != "verify";
  for (const auto& [names, toml] : {std::pair{" true yes on enabled enable y ", "true"},
                                    {" false no off disabled disable n ", "false"}}) {
    const bool named = std::string_view(names).find(" " + lower + " ") != std::string_view::npos;
    if (!named || !is_switch || word == toml) continue;
    slip(fmt::format("TOML has true and false, not {}", word));
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

}  // namespace tunnel::config
