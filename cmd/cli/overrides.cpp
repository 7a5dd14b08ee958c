// Options as overrides of a file.
#include "cmd/cli/overrides.hpp"

#include <CLI/CLI.hpp>

namespace tunnel::cmd {

namespace {

void add(CLI::App& command, const char* option, const char* help, const char* kind,
         std::vector<std::string>& values) {
  command.add_option(option, values, help)
      ->type_name(kind)
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

// Reads the relay for the override whose value is "-" or "NAME=-", if there is one.
Result<std::monostate> read_offer_into(std::vector<config::Override>& overrides, RestOfInput rest) {
  config::Override* from_input = nullptr;
  for (config::Override& change : overrides) {
    if (change.key != "connect" || (change.text != "-" && !change.text.ends_with("=-"))) continue;
    if (from_input != nullptr)
      return Error{"--connect -: standard input brings one relay, and two services want it",
                   "give the other one its HOST:PORT"};
    from_input = &change;
  }
  if (from_input == nullptr) return std::monostate{};
  auto offer = read_offer(rest);
  if (!offer) return Error{"--connect -: " + offer.error().what, offer.error().hint};
  from_input->offer = std::move(*offer);
  return std::monostate{};
}

}  // namespace

void add_connect(CLI::App& command, OverrideOptions& options) {
  add(command, "--connect", "Use this target, not the file's; - reads it", "[NAME=]HOST:PORT",
      options.connect);
}

void add_accept(CLI::App& command, OverrideOptions& options) {
  add(command, "--accept", "Listen here instead of where the file says", "[NAME=][HOST:]PORT",
      options.accept);
}

Result<std::vector<config::Override>> overrides_of(const OverrideOptions& options,
                                                   RestOfInput rest) {
  std::vector<config::Override> out;
  for (const auto& text : options.connect) out.push_back({"--connect", "connect", text});
  for (const auto& text : options.accept) out.push_back({"--accept", "accept", text});
  if (auto taken = read_offer_into(out, rest); !taken) return taken.error();
  return out;
}

}  // namespace tunnel::cmd
