// Strict parsers for the values inside strings.
#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace tunnel::config {

namespace {

// Other programs' words for a choice of ours.
struct Synonym {
  std::string_view word;
  std::string_view choice;
};
constexpr Synonym synonyms[] = {
    {"notice", "info"},
    {"critical", "error"},
    {"fatal", "error"},
    {"emergency", "error"},
    {"alert", "error"},
    {"verbose", "debug"},
    {"all", "trace"},
    {"silent", "error"},
    {"quiet", "warn"},
    {"plain", "text"},
    {"vnc-server", "vnc"},
    {"rfb", "vnc"},
    {"https", "http"},
    {"no", "off"},
    {"false", "off"},
    {"none", "off"},
    {"never", "off"},
    {"rr", "round-robin"},
    {"prio", "order"},
    {"priority", "order"},
    {"first", "order"},
    {"failover", "order"},
    {"rst", "reset"},
    {"fin", "close"},
    {"yes", "full"},
    {"true", "full"},
    {"on", "full"},
    {"peer", "full"},
    {"require", "full"},
    {"required", "full"},
    {"chain", "full"},
    {"strict", "full"},
    {"system", "full"},
    {"ca", "full"},
    {"verify-full", "full"},
    {"verify-ca", "full"},
    {"2", "full"},
    {"3", "pin"},
    {"4", "pin"},
    {"0", "none"},
    {"1", "none"},
    {"no", "none"},
    {"false", "none"},
    {"off", "none"},
    {"skip", "none"},
    {"insecure", "none"},
    {"never", "none"},
    {"optional", "none"},
    {"tofu", "first-use"},
    {"accept-new", "first-use"},
    {"self-signed", "first-use"},
    {"fingerprint", "pin"},
};

// "TLSv1.2", "warning", "err".
bool contains_either(std::string_view a, std::string_view b) {
  const auto begins = [](std::string_view word, std::string_view start) {
    return start.size() >= 2 && (word.starts_with(start) || word.ends_with(start));
  };
  return begins(a, b) || begins(b, a);
}

}  // namespace

std::optional<bool> truth_of(std::string_view text) {
  const std::string word = lower_case(text);
  for (const std::string_view yes : {"true", "yes", "on", "1", "y", "enable", "enabled"})
    if (word == yes) return true;
  for (const std::string_view no : {"false", "no", "off", "0", "n", "disable", "disabled", "none"})
    if (word == no) return false;
  return std::nullopt;
}

std::string closest_choice(std::string_view text, const std::vector<std::string_view>& choices) {
  std::string word = lower_case(trimmed(text));
  std::replace(word.begin(), word.end(), '_', '-');
  for (const std::string_view choice : choices)
    if (word == choice) return std::string(choice);
  for (const Synonym& one : synonyms)
    if (one.word == word && std::find(choices.begin(), choices.end(), one.choice) != choices.end())
      return std::string(one.choice);
  for (const std::string_view choice : choices)
    if (contains_either(word, choice)) return std::string(choice);
  std::string meant = nearest(word, choices);
  return meant.empty() ? std::string(choices.front()) : meant;
}

Suggestion choice_line(std::string_view key, std::string_view choice) {
  // most people who turn verification off have a self-signed certificate
  const bool careless = key == "verify" && choice == "none";
  return Suggestion::string_setting(
      key, choice,
      careless ? "  # verifies nothing; \"first-use\" and \"pin\" take any issuer" : "");
}

Result<std::string> expand_variables(std::string_view text, const Environment& environment) {
  std::string out;
  for (;;) {
    const auto start = text.find("${");
    if (start == text.npos) return out.append(text);
    if (start > 0 && text[start - 1] == '$') {
      out.append(text.substr(0, start - 1)).append("${");
      text.remove_prefix(start + 2);
      continue;
    }
    out.append(text.substr(0, start));
    text.remove_prefix(start + 2);
    const auto end = text.find('}');
    if (end == text.npos)
      return Error{"\"${\" is not closed by \"}\"", "write $${ for a literal ${"};
    const std::string name(text.substr(0, end));
    const auto value = environment(name);
    if (!value)
      return Error{
          fmt::format("the environment variable {} is not set", quotable(name)),
          fmt::format("set {} before the start, or write the value itself", quotable(name))};
    out.append(*value);
    text.remove_prefix(end + 1);
  }
}

}  // namespace tunnel::config
