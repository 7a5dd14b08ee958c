// The words of a command line by their kind, read as CLI11 will read them.
#pragma once

#include <CLI/App.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/cli/command_mistakes.hpp"

namespace tunnel::cmd {

inline constexpr std::size_t none = static_cast<std::size_t>(-1);

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words);
// "--config" for "--config=vnc.toml".
std::string_view name_part(std::string_view word);
// Null if there is none.
const CLI::Option* find_option(const CLI::App& app, std::string_view name);
const CLI::App* find_command(const CLI::App& app, std::string_view name);

// Up to the first word that can't be placed. Words are known by their index.
class Reading {
 public:
  // Both outlive it.
  Reading(const CLI::App& app, const CommandLine& line);

  // The program, or the command.
  const CLI::App& level() const { return *app_; }
  bool is_top() const { return app_ == top_; }
  std::string command() const { return is_top() ? "" : app_->get_name(); }
  // As it is typed: "tunnel client".
  std::string name() const { return is_top() ? "tunnel" : "tunnel " + command(); }
  std::size_t command_at() const { return command_at_; }
  bool has_options_before_command() const { return command_at_ != none && command_at_ > 0; }

  const std::string& word(std::size_t at) const { return line_.own[at]; }
  const std::vector<std::size_t>& positionals() const { return positionals_; }
  std::string positional(std::size_t n) const {
    return n < positionals_.size() ? word(positionals_[n]) : std::string();
  }
  // A word that a port could belong to.
  bool may_be_host(std::size_t at) const;

  bool has(std::string_view option) const;
  // Options, or none.
  std::size_t unknown() const { return unknown_; }
  std::size_t without_value() const { return without_value_; }
  std::size_t twice() const { return twice_; }

 private:
  // False where reading ends.
  bool read(std::size_t at);
  bool read_positional(std::size_t at);
  bool read_option(std::size_t at);

  const CommandLine& line_;
  const CLI::App* app_;
  const CLI::App* top_;
  std::size_t next_ = 0;
  std::size_t command_at_ = none;
  std::size_t unknown_ = none;
  std::size_t without_value_ = none;
  std::size_t twice_ = none;
  std::vector<std::size_t> positionals_;
  std::vector<std::size_t> hosts_;
  Words given_;
};

}  // namespace tunnel::cmd
