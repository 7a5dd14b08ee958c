// `tunnel check`: probes the targets and prints the report.
#include "cmd/commands/check_command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "check/service_check.hpp"
#include "cmd/cli/environment_variables.hpp"
#include "cmd/cli/exit_status.hpp"
#include "cmd/cli/overrides.hpp"
#include "cmd/cli/test_hooks.hpp"
#include "cmd/report/report_json.hpp"
#include "cmd/report/report_text.hpp"
#include "config/values.hpp"
#include "os/process/process.hpp"
#include "os/terminal/colours.hpp"
#include "server/service_context.hpp"
#include "x509/authorities.hpp"

namespace tunnel::cmd {

namespace {

constexpr auto footer = R"(Examples:
  tunnel check --config vnc.toml
  tunnel check --config vnc.toml vnc --connect relay.example:52001
  tunnel check 203-0-113-7.napter.soracom.io:41234)";

struct ReportOptions {
  std::string only;   // the service with this name; empty: every service
  bool json = false;  // one document instead of lines
};

// Prints the reports of services that are checked beside each other, one after the other: a step
// is printed as it is done, or once the services before it are finished. As JSON, all at the end.
class Reporter {
 public:
  Reporter(bool json, std::size_t services) : json_(json), sections_(services) {
    style_.colours = !json && wants_colours() && os::shows_colours(stdout);
    style_.now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }

  const ReportStyle& style() const { return style_; }
  void show(std::size_t section, const std::string& text) {
    if (json_) return;
    sections_[section].waiting += text;
    if (section == printed_) print_section();
  }
  void finish(std::size_t section, check::ServiceReport report) {
    works_ = works_ && verdict_of(report).works();
    sections_[section].report = std::move(report);
    while (printed_ < sections_.size() && sections_[printed_].report) {
      if (++printed_ == sections_.size() || json_) continue;
      print(stdout, "\n");
      print_section();
    }
  }
  void finish() {
    std::vector<check::ServiceReport> reports;
    for (Section& section : sections_)
      if (section.report) reports.push_back(std::move(*section.report));
    if (json_) print(stdout, report_json(reports, style_.now));
    std::fflush(stdout);
  }
  bool works() const { return works_; }

 private:
  struct Section {
    std::string waiting;                         // text that is not printed yet
    std::optional<check::ServiceReport> report;  // once it is finished
  };

  // flushes: the next step may take a while
  void print_section() {
    print(stdout, std::exchange(sections_[printed_].waiting, {}));
    std::fflush(stdout);
  }

  const bool json_;
  ReportStyle style_;
  std::vector<Section> sections_;
  std::size_t printed_ = 0;  // the section that is printed now
  bool works_ = true;
};

// One service's part of the report.
class ServiceWatcher : public check::Watcher {
 public:
  ServiceWatcher(Reporter& reporter, std::size_t section)
      : reporter_(reporter), section_(section) {}

  void begin(const std::string& service, const std::string& target) override {
    reporter_.show(section_, heading_text(service, target, reporter_.style()));
  }
  void step(const check::Step& step) override {
    reporter_.show(section_, step_text(step, reporter_.style()));
  }
  void finish(check::ServiceReport report) override {
    reporter_.show(section_, verdict_text(report.service, verdict_of(report), reporter_.style()));
    reporter_.finish(section_, std::move(report));
  }

 private:
  Reporter& reporter_;
  const std::size_t section_;
};

// The service named `only`, or every service of `config`.
std::vector<const config::Service*> chosen_services(const config::Config& config,
                                                    const std::string& only) {
  std::vector<const config::Service*> out;
  for (const config::Service& service : config.services)
    if (only.empty() || service.name == only) out.push_back(&service);
  return out;
}

ExitStatus fail_unknown(const config::Config& config, const std::string& name) {
  std::vector<std::string_view> names;
  for (const config::Service& service : config.services) names.push_back(service.name);
  const std::string meant = nearest(name, names);
  return fail({fmt::format("there is no service \"{}\" in the file", escaped(name)),
               fmt::format("is it \"{}\"?", meant.empty() ? names.front() : meant)});
}

// Probes the targets of every chosen service, prints the report and exits: ok if all of them work.
ExitStatus check_services(const config::Validated& validated, const ReportOptions& wanted) {
  const auto tuning = tuning_from_environment();
  if (!tuning) return fail(tuning.error());
  if (!validated.mistakes.empty()) return fail_all(validated.mistakes);
  const auto services = chosen_services(validated.config, wanted.only);
  if (services.empty()) return fail_unknown(validated.config, wanted.only);

  Reporter reporter(wanted.json, services.size());
  std::deque<ServiceWatcher> watchers;
  std::vector<check::Candidate> candidates;
  config::Mistakes mistakes;
  x509::AuthorityCache authorities;
  for (const config::Service* service : services) {
    config::Service fresh = *service;
    fresh.resume = false;
    watchers.emplace_back(reporter, watchers.size());
    candidates.push_back(
        {*service, make_context(fresh, mistakes, *tuning, &authorities), watchers.back()});
  }
  if (!mistakes.empty()) return fail_all(mistakes);

  os::prepare_process();
  Worker worker;
  check::check_services(worker, candidates);
  reporter.finish();
  exit_now(reporter.works() ? ExitStatus::ok : ExitStatus::failed);
}

struct CheckOptions {
  std::string what;  // HOST:PORT, or the name of a service in the file
  std::string config;
  OverrideOptions overrides;
  std::string server_name;
  std::vector<std::string> ca;
  bool no_tls = false;
  ReportOptions report;
};

config::RawEntry entry(const std::string& option, const std::string& key, auto value) {
  const config::Place place{option, 0, 0};
  return {key, place, {place, std::move(value)}};
}

// A service for one target, from options instead of a file.
config::Validated service_for(const CheckOptions& options, const std::string& target) {
  config::RawTable keys;
  keys.push_back(entry("check", "client", !options.no_tls));
  if (options.no_tls) keys.push_back(entry("--no-tls", "tls", false));
  keys.push_back(entry("check", "accept", std::string("127.0.0.1:0")));  // never bound
  keys.push_back(entry("check", "connect", target));
  if (!options.server_name.empty())
    keys.push_back(entry("--server-name", "server_name", options.server_name));
  if (!options.ca.empty()) {
    config::RawList files;
    for (const std::string& file : options.ca) files.push_back({{"--ca", 0, 0}, file});
    keys.push_back(entry("--ca", "ca", std::move(files)));
  }
  config::RawTable services;
  services.push_back(entry("check", "target", std::move(keys)));
  config::RawTable root;
  root.push_back(entry("check", "service", std::move(services)));
  config::Validated validated = config::validate(root, "check", "", environment_variable);
  for (config::Service& service : validated.config.services) service.name = target;
  return validated;
}

ExitStatus run_check(const CheckOptions& options) {
  const auto with_file = [&](const char* option) {
    return fail({fmt::format("{} goes with HOST:PORT; with --config the file says it", option),
                 "tunnel check --config vnc.toml"});
  };
  if (!options.config.empty()) {
    if (!options.server_name.empty()) return with_file("--server-name");
    if (!options.ca.empty()) return with_file("--ca");
    if (options.no_tls) return with_file("--no-tls");
    const auto overrides = overrides_of(options.overrides);
    if (!overrides) return fail(overrides.error());
    ReportOptions report = options.report;
    report.only = options.what;
    return check_services(config::load(options.config, *overrides, environment_variable), report);
  }
  if (options.what.empty())
    return fail({"say what to check", "tunnel check --config vnc.toml, or tunnel check HOST:PORT"});
  if (!options.overrides.connect.empty())
    return fail({"--connect goes with --config", "tunnel check " + one_line(options.what)});
  const auto target = config::host_port(options.what, false);
  if (!target) {
    const std::string& hint = target.error().hint;
    return fail({target.error().what, "tunnel check " + (hint.empty() ? "xn--...:443" : hint)});
  }
  return check_services(service_for(options, target->text()), options.report);
}

}  // namespace

void add_check(CLI::App& app, Command& chosen) {
  CLI::App* const command =
      app.add_subcommand("check", "Check step by step that a relay can be reached and trusted");
  const auto options = std::make_shared<CheckOptions>();
  command->footer(footer);
  command->usage(
      "Usage: tunnel check [OPTIONS] HOST:PORT\n"
      "       tunnel check [OPTIONS] --config FILE [SERVICE]");
  command->add_option("what", options->what, "The relay, or with --config a service of the file")
      ->type_name("HOST:PORT|SERVICE");
  command->add_option("--config", options->config, "Check the services of FILE")->type_name("FILE");
  add_connect(*command, options->overrides);
  command
      ->add_option("--server-name", options->server_name,
                   "The name to ask for and to check, where it is not HOST")
      ->type_name("NAME");
  command->add_option("--ca", options->ca, "Trust the authorities in FILE, not the system's")
      ->type_name("FILE")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_flag("--no-tls", options->no_tls, "The relay's TLS option is off");
  command->add_flag("--json", options->report.json, "Print one JSON document");
  command->callback([options, &chosen] { chosen = [options] { return run_check(*options); }; });
}

}  // namespace tunnel::cmd
