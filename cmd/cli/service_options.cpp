// From options to the raw service that a file would have held.
#include "cmd/cli/service_options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <chrono>
#include <memory>
#include <optional>

#include "base/text.hpp"
#include "cmd/cli/environment_variables.hpp"
#include "cmd/cli/option_wording.hpp"
#include "config/parse.hpp"

namespace tunnel::cmd {

namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz_";

class Builder {
 public:
  explicit Builder(config::Mistakes& mistakes) : mistakes_(mistakes) {}

  void put(const std::string& key, const std::string& option, auto value) {
    const config::Place place{option, 0, 0};
    if (config::find(table_, key) != nullptr)
      mistakes_.push_back({place, "", "", fmt::format("{} is given twice", key), "give it once"});
    else
      table_.push_back({key, place, {place, std::move(value)}});
  }
  void put_text(const std::string& key, const std::optional<std::string>& value) {
    if (value) put(key, option_of(key), *value);
  }
  void put_texts(const std::string& key, const std::vector<std::string>& values) {
    if (values.empty()) return;
    config::RawList list;
    for (const std::string& value : values) list.push_back({{option_of(key), 0, 0}, value});
    put(key, option_of(key), std::move(list));
  }
  void put_accept(const std::string& accept) {
    if (accept.size() <= 9 && is_digits(accept))
      put("accept", "ACCEPT", std::int64_t{std::stoll(accept)});
    else
      put("accept", "ACCEPT", accept);
  }
  void put_set(const std::string& text);

  config::RawTable take() { return std::move(table_); }
  config::RawTable& table() { return table_; }

 private:
  config::RawTable table_;
  config::Mistakes& mistakes_;
};

// A value as TOML reads it where it is TOML, else the text itself: idle_timeout=8h, warm=2,
// deny=["192.0.2.0/24"].
config::RawValue value_of(const std::string& key, const std::string& text,
                          const config::Place& place) {
  auto parsed = config::parse(key + " = " + text, "--set");
  auto* table = std::get_if<config::RawTable>(&parsed);
  // no more than this value, and no version for a fraction
  const bool one = text.find_first_of("\r\n") == text.npos && table != nullptr &&
                   table->size() == 1 &&
                   !std::holds_alternative<double>(table->front().value.value);
  if (!one) return {place, text};
  config::RawValue value = std::move(table->front().value);
  value.place = place;
  if (auto* list = std::get_if<config::RawList>(&value.value))
    for (config::RawValue& element : *list) element.place = place;
  return value;
}

void Builder::put_set(const std::string& text) {
  const auto equals = text.find('=');
  const std::string key = text.substr(0, equals);
  if (equals == text.npos || key.empty() || key.find_first_not_of(letters) != key.npos) {
    mistakes_.push_back({{"--set", 0, 0},
                         "",
                         "",
                         "KEY=VALUE is wanted, with a key of a service in the file",
                         "--set idle_timeout=8h"});
    return;
  }
  const config::Place place{"--set " + key, 0, 0};
  put(key, place.file, value_of(key, text.substr(equals + 1), place).value);
}

config::RawEntry log_table(const std::string& level) {
  config::RawTable table;
  const config::Place place{"--log-level", 0, 0};
  table.push_back({"level", place, {place, level}});
  return {"log", place, {place, std::move(table)}};
}

CLI::Option* add_list(CLI::App& command, const char* name, std::vector<std::string>& values,
                      const char* help, const char* kind) {
  return command.add_option(name, values, help)
      ->type_name(kind)
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

config::Validated validate_options(const ServiceOptions& options,
                                   const std::optional<config::RelayOffer>& offer,
                                   const os::FileView& files) {
  const auto wording =
      std::make_shared<const OptionWording>(options.name, options.accept, options.connect);
  config::Mistakes mistakes;
  Builder service(mistakes);
  const std::string command = "tunnel " + options.name;
  if (options.mode == Mode::client) service.put("client", command, true);
  if (options.no_tls) service.put("tls", "--no-tls", false);
  service.put_accept(options.accept);
  service.put_texts("ca", options.ca);
  service.put_texts("pin", options.pin);
  service.put_texts("client_ca", options.client_ca);
  service.put_texts("client_pin", options.client_pin);
  service.put_texts("allow", options.allow);
  service.put_text("verify", options.verify);
  service.put_text("server_name", options.server_name);
  service.put_text("cert", options.cert);
  service.put_text("key", options.key);
  service.put_text("open_for", options.open_for);
  for (const std::string& text : options.set) service.put_set(text);
  if (offer)
    config::apply_offer(
        *offer, {"CONNECT", 0, 0}, "",
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()),
        service.table(), nullptr, mistakes);
  else
    service.put("connect", "CONNECT", options.connect);

  const config::Place place{command, 0, 0};
  config::RawTable services, root;
  services.push_back({options.name, place, {place, service.take()}});
  root.push_back({"service", place, {place, std::move(services)}});
  if (options.log_level) root.push_back(log_table(*options.log_level));
  config::Validated out =
      config::validate(root, command, "", {environment_variable, files}, wording);
  if (offer) out.config.services.front().notice = config::notice_of(*offer);
  for (config::Mistake& mistake : mistakes) mistake.wording = wording;
  out.mistakes.insert(out.mistakes.begin(), mistakes.begin(), mistakes.end());
  return out;
}

}  // namespace

std::vector<const CLI::Option*> add_service_options(CLI::App& command, ServiceOptions& options) {
  const std::size_t others = command.get_options().size();
  const bool client = options.mode == Mode::client;
  // an empty text is one that was given, and wrong
  const auto text = [&](const char* name, std::optional<std::string>& value, const char* help,
                        const char* kind) {
    command
        .add_option_function<std::string>(
            name, [&value](const std::string& given) { value = given; }, help)
        ->type_name(kind);
  };
  if (client) {
    add_list(command, "--ca", options.ca, "Trust the authorities in FILE, not the system's",
             "FILE");
    add_list(command, "--pin", options.pin, "Trust this key, as tunnel pin shows it", "PIN");
    text("--verify", options.verify, "How the relay is verified", "full|pin|first-use|none");
    text("--server-name", options.server_name, "The name to request and check, if not HOST",
         "NAME");
    command.add_flag("--no-tls", options.no_tls,
                     "A plain relay, for SSH and RDP, which already encrypt");
  }
  text("--cert", options.cert,
       client ? "This end's certificate, leaf first" : "The certificate, leaf first", "FILE");
  text("--key", options.key, "Its private key", "FILE");
  if (!client) {
    add_list(command, "--client-ca", options.client_ca,
             "Let in who shows a certificate from these authorities", "FILE");
    add_list(command, "--client-pin", options.client_pin, "Let in clients with this key", "PIN");
    add_list(command, "--allow", options.allow, "Let in these addresses only", "RANGE");
  }
  text("--open-for", options.open_for, "Close after this long, such as 30m", "DURATION");
  add_list(command, "--set", options.set, "Any other key of a service in the file, such as warm=2",
           "KEY=VALUE");
  text("--log-level", options.log_level, "How much is logged", "error|warn|info|debug|trace");
  const auto all = command.get_options();
  return {all.begin() + static_cast<std::ptrdiff_t>(others), all.end()};
}

Result<ConfigSource> source_of(const ServiceOptions& options, RestOfInput rest) {
  std::optional<config::RelayOffer> offer;
  if (options.connect == "-") {
    auto read = read_offer(rest);
    if (!read) return Error{"CONNECT: " + read.error().what, read.error().hint};
    offer = std::move(*read);
  }
  return ConfigSource{[options, offer](const os::FileView& files) {
    return validate_options(options, offer, files);
  }};
}

}  // namespace tunnel::cmd
