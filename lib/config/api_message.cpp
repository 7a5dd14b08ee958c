// Finds the message among the names that APIs have for it.
#include "config/api_message.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.hpp"

namespace tunnel::config {

namespace {

using nlohmann::json;

// In the order in which they are shown, in lower case and without "_" and "-".
constexpr std::array<std::string_view, 13> message_names = {
    "title",       "error",  "message", "errormessage", "errordescription", "detail", "details",
    "description", "reason", "errors",  "fault",        "faultstring",      "msg"};
constexpr std::array<std::string_view, 4> code_names = {"code", "errorcode", "status",
                                                        "statuscode"};
constexpr int deepest = 4;
constexpr std::size_t most_messages = 5;

std::string plain_name(std::string_view name) {
  std::string out = lower_case(name);
  std::erase_if(out, [](char c) { return c == '_' || c == '-'; });
  return out;
}

const json* find(const json& object, std::string_view plain) {
  for (const auto& [name, value] : object.items())
    if (plain_name(name) == plain) return &value;
  return nullptr;
}

std::string code_of(const json& object) {
  for (const std::string_view name : code_names) {
    const json* code = find(object, name);
    if (code != nullptr && code->is_string()) return code->get<std::string>();
    if (code != nullptr && code->is_number_integer()) return code->dump();
  }
  return {};
}

std::string message_in(const json& value, int depth);

void add(std::vector<std::string>& parts, std::string text) {
  const bool is_new =
      std::ranges::none_of(parts, [&](const auto& part) { return part.find(text) != part.npos; });
  if (!text.empty() && is_new && parts.size() < most_messages) parts.push_back(std::move(text));
}

std::string message_of_list(const json& list, int depth) {
  std::vector<std::string> parts;
  for (const json& element : list) add(parts, message_in(element, depth));
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string message_of_object(const json& object, int depth) {
  std::vector<std::string> parts;
  for (const std::string_view name : message_names)
    if (const json* value = find(object, name)) add(parts, message_in(*value, depth));
  if (parts.empty()) return {};
  const std::string message = fmt::format("{}", fmt::join(parts, ": "));
  const std::string code = code_of(object);
  return code.empty() || message.find(code) != message.npos ? message
                                                            : fmt::format("{} ({})", message, code);
}

std::string message_in(const json& value, int depth) {
  if (value.is_string()) return value.get<std::string>();
  if (depth == deepest) return {};
  if (value.is_array()) return message_of_list(value, depth + 1);
  return value.is_object() ? message_of_object(value, depth + 1) : std::string();
}

}  // namespace

std::optional<std::string> api_message(const json& answer) {
  const std::string message = excerpt(message_in(answer, 0));
  return message.empty() ? std::nullopt : std::optional(message);
}

std::string excerpt(std::string_view text) {
  constexpr std::size_t longest = 300;
  std::string out;
  bool blank = false;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      blank = !out.empty();
      continue;
    }
    if (blank) out += ' ';
    blank = false;
    out += c;
  }
  if (out.size() > longest) {
    std::size_t end = longest;
    // not within a character
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0) == 0x80) --end;
    out = out.substr(0, end) + "...";
  }
  return first_invalid_utf8(out) ? escaped(out, longest) : one_line(out);
}

}  // namespace tunnel::config
