// Values as JSON (RFC 8259), for lines of the log and for reports: valid whatever the bytes are.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tunnel {

using JsonValue = std::variant<std::string, std::int64_t, double, std::vector<std::string>>;

// In quotes; bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

// Numbers with a fraction have three digits of it, so that times are whole microseconds where they
// are in milliseconds; what is no finite number is null.
std::string json_value(const JsonValue& value);

// An object, member by member in order. The names are written as they are.
class JsonObject {
 public:
  void add(std::string_view name, const JsonValue& value) { add_json(name, json_value(value)); }
  // A literal of text would become a bool too readily.
  void add(std::string_view name, std::same_as<bool> auto value) {
    add_json(name, value ? "true" : "false");
  }
  // What is JSON already.
  void add_json(std::string_view name, std::string_view json);

  std::string text() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

// An array of what is JSON already.
std::string json_array(const std::vector<std::string>& elements);

}  // namespace tunnel
