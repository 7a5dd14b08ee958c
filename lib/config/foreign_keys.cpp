// The line that stands here for a setting of another program.
#include "config/foreign_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/host.hpp"
#include "base/text.hpp"
#include "config/foreign_names.hpp"
#include "config/known_keys.hpp"
#include "config/socket_address.hpp"
#include "config/toml_string.hpp"
#include "config/toml_text.hpp"
#include "config/values.hpp"

namespace tunnel::config {

namespace {

bool is_client(const RawTable& table) {
  const RawEntry* entry = find(table, "client");
  const bool* value = entry != nullptr ? std::get_if<bool>(&entry->value.value) : nullptr;
  return value != nullptr && *value;
}

const std::string* string_of(const RawValue& value) {
  return std::get_if<std::string>(&value.value);
}

// The number or the digits of a value; empty for others.
std::string digits_of(const RawValue& value) {
  if (const auto* n = std::get_if<std::int64_t>(&value.value)) return std::to_string(*n);
  const std::string* text = string_of(value);
  return text != nullptr && is_digits(*text) ? *text : "";
}

// A string or a list as it is, a number as a string, and the example in place of anything else.
std::string text_or(const RawValue& value, std::string_view example) {
  if (const auto* n = std::get_if<std::int64_t>(&value.value))
    return toml_string(std::to_string(*n));
  const bool fits = string_of(value) != nullptr || std::holds_alternative<RawList>(value.value);
  return fits ? toml_text(value) : std::string(example);
}

std::string copied(const ForeignName& one, const RawValue& value) {
  return text_or(value, one.detail.empty() ? known_key(one.key)->example : one.detail);
}

std::string address_text(const std::string& text, bool listening) {
  if (text.find("${") != text.npos) return toml_string(text);
  auto address = read_address(text, {}, listening);
  return toml_string(address ? text : address.error().hint);
}

Suggestion address_line(const RawValue& value, bool listening) {
  const std::string_view key = listening ? "accept" : "connect";
  if (const std::string port = digits_of(value); !port.empty())
    return Suggestion::setting(key, listening ? port : toml_string("127.0.0.1:" + port));
  if (const std::string* text = string_of(value))
    return Suggestion::setting(key, address_text(*text, listening));
  if (std::holds_alternative<RawList>(value.value))
    return Suggestion::setting(key, toml_text(value));
  return Suggestion::setting(key, listening ? "5999" : "\"relay.example:443\"");
}

// The value of the table's first key of that kind that is a number, or is none.
const RawValue* sibling(const RawTable& table, Kind kind, bool number) {
  for (const RawEntry& entry : table) {
    const ForeignName* one = find_foreign(entry.key);
    if (one != nullptr && one->kind == kind && digits_of(entry.value).empty() != number)
      return &entry.value;
  }
  return nullptr;
}

// Host and port in two keys are one value here.
Suggestion joined_line(const RawTable& table, Kind kind, bool listening) {
  const std::string_view key = listening ? "accept" : "connect";
  const RawValue* host = sibling(table, kind, false);
  const RawValue* port = sibling(table, kind, true);
  if (host == nullptr && port != nullptr) {
    const std::string digits = digits_of(*port);
    return Suggestion::setting(key, listening ? digits : toml_string("relay.example:" + digits));
  }
  const std::string* name = host != nullptr ? string_of(*host) : nullptr;
  if (name == nullptr)
    return Suggestion::setting(key, listening ? "5999" : "\"relay.example:443\"");
  if (port == nullptr) return Suggestion::setting(key, address_text(*name, listening));
  return Suggestion::setting(key, address_text(with_port(*name, digits_of(*port)), listening));
}

Suggestion duration_line(std::string_view key, const RawValue& value) {
  if (const std::string digits = digits_of(value); !digits.empty())
    return Suggestion::string_setting(key, digits + "s");
  const std::string* text = string_of(value);
  if (text == nullptr) return Suggestion::string_setting(key, "30s");
  const auto read = duration(*text);
  return Suggestion::string_setting(key, read ? *text : read.error().hint);
}

std::optional<bool> truth(const RawValue& value) {
  if (const bool* b = std::get_if<bool>(&value.value)) return *b;
  if (const auto* n = std::get_if<std::int64_t>(&value.value)) return *n != 0;
  const std::string* text = string_of(value);
  return text != nullptr ? truth_of(*text) : std::nullopt;
}

Suggestion verification_line(const RawValue& value) {
  return choice_line("verify", truth(value).value_or(true) ? "full" : "none");
}

std::string target_of(const RawTable& table) {
  const RawEntry* connect = find(table, "connect");
  const std::string* text = connect != nullptr ? string_of(connect->value) : nullptr;
  return text != nullptr && host_port(*text, false) ? *text : "HOST:PORT";
}

Suggestion pinned_line(const RawTable& table) {
  if (!is_client(table))
    return "client_pin names the keys of admitted clients: tunnel pin FILE.pem shows the line";
  return fmt::format("pin trusts exactly that server: tunnel pin {} shows the line",
                     target_of(table));
}

Suggestion chain_line(const RawTable& table, const RawValue& value) {
  if (is_client(table)) return verification_line(value);
  return Suggestion::string_setting("client_ca", "ca.pem");
}

// "TLSv1.2", "tlsv1_3" and lists of such.
Suggestion version_line(std::string_view key, const RawValue& value) {
  std::string text = toml_text(value);
  std::replace(text.begin(), text.end(), '_', '.');
  const bool has_12 = text.find("1.2") != text.npos;
  const bool has_13 = text.find("1.3") != text.npos;
  if (key.empty()) key = has_12 && !has_13 ? "max_version" : "min_version";  // exactly that one
  return Suggestion::string_setting(key, has_13 && !has_12 ? "1.3" : "1.2");
}

Suggestion log_level_line(const RawValue& value) {
  std::string level = "debug";
  if (const std::string digits = digits_of(value); digits.size() == 1) {
    static constexpr std::array<std::string_view, 10> by_number = {
        "error", "error", "error", "error", "warn", "info", "info", "debug", "debug", "debug"};
    level = by_number[static_cast<std::size_t>(digits[0] - '0')];
  } else if (const std::string* text = string_of(value)) {
    level = closest_choice(*text, {"error", "warn", "info", "debug", "trace"});
  }
  return below_header("log", fmt::format("level = \"{}\"", level));
}

Suggestion host_or_port_line(const RawTable& table, const RawEntry& entry) {
  const bool port = !digits_of(entry.value).empty();
  if (find(table, "connect") != nullptr) {
    if (find(table, "accept") == nullptr) return joined_line(table, Kind::host_or_port, true);
    return port ? Suggestion("remove it: the ports belong to accept and connect")
                : Suggestion::setting("server_name", text_or(entry.value, "\"relay.example\""));
  }
  return joined_line(table, Kind::host_or_port, false);
}

Suggestion fixed_line(const ForeignName& one, const RawValue& value) {
  if (!truth(value).value_or(true)) return "remove it: that is so already";
  if (one.key == "verify") return choice_line(one.key, one.detail);
  const std::string* text = string_of(value);
  const bool by_turns = one.key == "balance" && text != nullptr && text->starts_with("r");
  return Suggestion::setting(one.key, by_turns ? "\"round-robin\"" : one.detail);
}

// A key of another table stands below its header.
Suggestion placed(std::string_view key, const std::string& toml) {
  const std::string_view table = known_key(key)->table;
  return table == "service" ? Suggestion::setting(key, toml)
                            : below_header(table, fmt::format("{} = {}", key, toml));
}

Suggestion count_line(std::string_view key, const RawValue& value) {
  const std::string digits = digits_of(value);
  return placed(key,
                digits.empty() || digits == "0" ? std::string(known_key(key)->example) : digits);
}

Suggestion line_for(const ForeignName& one, const RawEntry& entry, const RawTable& table) {
  const RawValue& value = entry.value;
  switch (one.kind) {
    case Kind::copied:
      return placed(one.key, copied(one, value));
    case Kind::authorities:
      return Suggestion::setting(is_client(table) ? "ca" : "client_ca",
                                 text_or(value, known_key("ca")->example));
    case Kind::listener:
      return address_line(value, true);
    case Kind::target:
      return address_line(value, false);
    case Kind::listener_part:
      return joined_line(table, one.kind, true);
    case Kind::target_part:
      return joined_line(table, one.kind, false);
    case Kind::host_or_port:
      return host_or_port_line(table, entry);
    case Kind::duration:
      return duration_line(one.key, value);
    case Kind::count:
      return count_line(one.key, value);
    case Kind::yes_or_no:
      return Suggestion::setting(one.key, truth(value).value_or(true) ? "true" : "false");
    case Kind::verification:
      return verification_line(value);
    case Kind::chain:
      return chain_line(table, value);
    case Kind::pinned:
      return pinned_line(table);
    case Kind::version:
      return version_line(one.key, value);
    case Kind::fixed:
      return fixed_line(one, value);
    case Kind::log_level:
      return log_level_line(value);
    case Kind::words:
      return std::string(one.detail);
  }
  return {};
}

}  // namespace

std::optional<Suggestion> foreign_key(const RawEntry& entry, const RawTable& table) {
  const ForeignName* one = find_foreign(entry.key);
  if (one == nullptr) return std::nullopt;
  return line_for(*one, entry, table);
}

std::string_view foreign_meaning(std::string_view key, const RawTable& table) {
  const RawEntry* entry = find(table, key);
  const ForeignName* one = find_foreign(key);
  if (entry == nullptr || one == nullptr) return {};
  // the keys whose absence is a mistake
  const std::string meant = line_for(*one, *entry, table).key;
  for (const std::string_view required : {"accept", "connect", "cert", "key"})
    if (meant == required) return required;
  return {};
}

std::string_view home_of(std::string_view key) {
  const KnownKey* known = known_key(key);
  // others call accept so, and mean that
  return known == nullptr || find_foreign(key) != nullptr ? std::string_view() : known->table;
}

Suggestion below_header(std::string_view header, std::string_view line) {
  return fmt::format("[{}]\n    {}", header, line);
}

}  // namespace tunnel::config
