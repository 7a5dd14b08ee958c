// From a checked configuration to a running server, and its end.
#include "serve.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>

#include "base/log.hpp"
#include "environment.hpp"
#include "os/process.hpp"
#include "status.hpp"
#include "tls/authorities.hpp"
#include "tls/context.hpp"
#include "tunnel/server.hpp"

namespace tunnel {

namespace {

// The configuration, and what is built from the files that it names; every mistake of both.
std::variant<Setup, std::vector<config::Mistake>> set_up(const LoadConfig& load,
                                                         const tls::Tuning& tuning) {
  config::Checked checked = load();
  Setup setup;
  tls::AuthorityCache authorities;
  for (const config::Service& service : checked.config.services)
    setup.contexts.push_back(
        service.tls ? tls::Context::make(service, checked.mistakes, tuning, &authorities) : nullptr);
  if (!checked.mistakes.empty()) return checked.mistakes;
  setup.config = std::move(checked.config);
  return setup;
}

Result<std::unique_ptr<Log>> open_log(const config::LogConfig& wanted) {
  if (wanted.file) return Log::to_file(wanted.settings, wanted.file->string());
  return std::make_unique<Log>(wanted.settings);
}

}  // namespace

int serve_file(const std::string& file, const std::vector<config::Override>& overrides,
               bool test_only) {
  return serve([file, overrides] { return config::load(file, overrides, environment_variable); },
               file, test_only);
}

int serve(const LoadConfig& load, const std::string& name, bool test_only) {
  const auto tuning = tls::tuning_from(environment_variable);
  if (!tuning) {
    print(stderr, "tunnel: " + tuning.error().message() + "\n");
    return misused;
  }
  const LoadSetup load_setup = [load, tuning] { return set_up(load, *tuning); };
  auto loaded = load_setup();
  if (const auto* mistakes = std::get_if<std::vector<config::Mistake>>(&loaded)) {
    for (const config::Mistake& mistake : *mistakes) print(stderr, mistake.text() + "\n");
    return misused;
  }
  Setup& setup = std::get<Setup>(loaded);
  if (test_only) {
    const std::size_t services = setup.config.services.size();
    print(stdout, fmt::format("{}: no mistakes, {} service{}\n", name, services,
                              services == 1 ? "" : "s"));
    return done;
  }
  const auto log = open_log(setup.config.log);
  if (!log) {
    print(stderr, "tunnel: " + log.error().message() + "\n");
    return failed;
  }

  os::prepare_process();
  Server server(setup.config.process, load_setup, **log);
  if (!server.listen(std::move(setup))) return failed;
  const bool hurried = server.run();
  // a lookup that hangs in the system cannot be ended, and must not hold up the end
  if (hurried) std::_Exit(done);
  std::thread([] {
    std::this_thread::sleep_for(std::chrono::seconds(3));
    std::_Exit(done);
  }).detach();
  return done;
}

}  // namespace tunnel
