// TOML to raw values, by toml++.
#include "config/parse.hpp"

// toml++ 3.4 asserts that a table's name begins with a letter of a key, and that is for the file to
// decide: without the assertion, and without the assumption that it becomes in a release, its own
// check further down refuses what is wrong.
#undef NDEBUG
#define TOML_ASSERT(expression) static_cast<void>(0)
#include <toml++/toml.hpp>

#include <algorithm>
#include <cctype>

#include "base/text.hpp"

namespace tunnel::config {

namespace {

Place place_of(const toml::source_position& position, const std::string& file) {
  return {file, position.line, position.column};
}

RawValue raw_value(const toml::node& node, const std::string& file);

RawTable raw_table(const toml::table& table, const std::string& file) {
  RawTable out;
  for (const auto& [key, node] : table)
    out.push_back(
        {std::string(key.str()), place_of(key.source().begin, file), raw_value(node, file)});
  // toml++ sorts by key; mistakes are told in the order of the file
  std::stable_sort(out.begin(), out.end(), [](const RawEntry& a, const RawEntry& b) {
    return std::pair(a.key_place.line, a.key_place.column) <
           std::pair(b.key_place.line, b.key_place.column);
  });
  return out;
}

RawValue raw_value(const toml::node& node, const std::string& file) {
  RawValue out;
  out.place = place_of(node.source().begin, file);
  switch (node.type()) {
    case toml::node_type::boolean:
      out.value = node.as_boolean()->get();
      break;
    case toml::node_type::integer:
      out.value = node.as_integer()->get();
      break;
    case toml::node_type::floating_point:
      out.value = node.as_floating_point()->get();
      break;
    case toml::node_type::string:
      out.value = node.as_string()->get();
      break;
    case toml::node_type::table:
      out.value = raw_table(*node.as_table(), file);
      break;
    case toml::node_type::array: {
      RawList list;
      for (const auto& element : *node.as_array()) list.push_back(raw_value(element, file));
      out.value = std::move(list);
      break;
    }
    case toml::node_type::time:
      out.value = RawOther{"a time"};
      break;
    default:
      out.value = RawOther{"a date"};
      break;
  }
  return out;
}

}  // namespace

std::string_view RawValue::kind() const {
  struct Visitor {
    std::string_view operator()(bool) const { return "true or false"; }
    std::string_view operator()(std::int64_t) const { return "a whole number"; }
    std::string_view operator()(double) const { return "a fraction"; }
    std::string_view operator()(const std::string&) const { return "a string"; }
    std::string_view operator()(const RawList&) const { return "a list"; }
    std::string_view operator()(const RawTable&) const { return "a table"; }
    std::string_view operator()(const RawOther& other) const { return other.kind; }
  };
  return std::visit(Visitor{}, value);
}

std::variant<RawTable, Mistake> parse(std::string_view text, const std::string& file) {
  // toml++ bounds the depth of values, but follows a dotted key to any depth
  constexpr std::ptrdiff_t deepest = 1000;
  std::uint32_t number = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    ++number;
    if (std::count(line.begin(), line.end(), '.') > deepest)
      return Mistake{{file, number, 1}, "", "not TOML: a line with more than a thousand dots", ""};
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  try {
    return raw_table(toml::parse(text, file), file);
  } catch (const toml::parse_error& error) {
    // the library quotes the offending bytes: they may be anything
    std::string why = escaped(error.description(), 300);
    if (why.size() > 1 && std::islower(static_cast<unsigned char>(why[1])) != 0)
      why[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(why[0])));
    return Mistake{place_of(error.source().begin, file), "", "not TOML: " + why, ""};
  }
}

}  // namespace tunnel::config
