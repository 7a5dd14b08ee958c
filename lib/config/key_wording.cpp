// Settings as keys of a file.
#include "config/key_wording.hpp"

#include <fmt/format.h>

namespace tunnel::config {

namespace {

// What stands in a file for a setting.
Suggestion setting_in_file(Setting setting, std::string_view value) {
  switch (setting) {
    case Setting::authorities:
      return Suggestion::string_setting("ca", value);
    case Setting::client_authorities:
      return Suggestion::string_setting("client_ca", value);
    case Setting::client_names:
      return Suggestion::string_setting("client_names", value);
    case Setting::client_pin:
      return Suggestion::string_setting("client_pin", value);
    case Setting::connect:
      return Suggestion::string_setting("connect", value);
    case Setting::key_password_file:
      return Suggestion::string_setting("key_password_file", value);
    case Setting::pin:
      return Suggestion::string_setting("pin", value);
    case Setting::plain:
      return Suggestion::setting("tls", "false");
    case Setting::revocation_lists:
      return Suggestion::string_setting("crl", value);
    case Setting::server_name:
      return Suggestion::string_setting("server_name", value);
    case Setting::first_use:
      return Suggestion::string_setting("verify", "first-use");
  }
  return {};
}

}  // namespace

std::string KeyWording::line(Setting setting, std::string_view value) const {
  return text(setting_in_file(setting, value));
}

std::string KeyWording::name(Setting setting) const {
  return key_name(setting_in_file(setting, {}).key);
}

std::string KeyWording::text(const Suggestion& suggestion) const {
  return suggestion.key.empty() ? suggestion.words
                                : key_line(suggestion.key, suggestion.toml, suggestion.words);
}

std::string KeyWording::key_line(std::string_view key, std::string_view toml,
                                 std::string_view words) const {
  return fmt::format("{} = {}{}", key, toml, words);
}

std::string KeyWording::key_name(std::string_view key) const { return std::string(key); }

std::string KeyWording::heading(const Place& place, std::string_view scope,
                                std::string_view key) const {
  std::string out = place.text() + ": ";
  for (const std::string_view part : {scope, key})
    if (!part.empty()) out.append(part).append(": ");
  return out;
}

const KeyWording& file_wording() {
  static const KeyWording wording;
  return wording;
}

const KeyWording& wording_or_file(const std::shared_ptr<const KeyWording>& wording) {
  return wording ? *wording : file_wording();
}

}  // namespace tunnel::config
