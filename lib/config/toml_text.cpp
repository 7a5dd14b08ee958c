// Values as TOML writes them.
#include "config/toml_text.hpp"

#include <fmt/format.h>

#include "config/toml_string.hpp"

namespace tunnel::config {

namespace {

std::string list_text(const RawList& list) {
  std::string out;
  for (const RawValue& value : list) out += (out.empty() ? "" : ", ") + toml_text(value);
  return fmt::format("[{}]", out);
}

}  // namespace

std::string toml_text(const RawValue& value) {
  struct Visitor {
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(std::int64_t n) const { return std::to_string(n); }
    std::string operator()(double d) const { return fmt::format("{}", d); }
    std::string operator()(const std::string& s) const { return toml_string(s); }
    std::string operator()(const RawList& list) const { return list_text(list); }
    std::string operator()(const RawTable&) const { return "\"...\""; }
    std::string operator()(const RawDateTime& time) const { return time.text; }
    std::string operator()(const RawOther& other) const { return other.text; }
  };
  return std::visit(Visitor{}, value.value);
}

}  // namespace tunnel::config
