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

using Contexts = std::vector<std::shared_ptr<const tls::Context>>;

// One for each service, null for plain ones. Mistakes in the files go where the others are.
Contexts make_contexts(config::Checked& checked, const tls::Tuning& tuning) {
  Contexts contexts;
  tls::AuthorityCache authorities;
  for (const config::Service& service : checked.config.services)
    contexts.push_back(
        service.tls ? tls::Context::make(service, checked.mistakes, tuning, &authorities) : nullptr);
  return contexts;
}

Result<std::unique_ptr<Log>> open_log(const config::LogConfig& wanted) {
  if (wanted.file) return Log::to_file(wanted.settings, wanted.file->string());
  return std::make_unique<Log>(wanted.settings);
}

}  // namespace

int serve_file(const std::string& file, const std::vector<config::Override>& overrides,
               bool test_only) {
  return serve(config::load(file, overrides, environment_variable), file, test_only);
}

int serve(config::Checked checked, const std::string& name, bool test_only) {
  const auto tuning = tls::tuning_from(environment_variable);
  if (!tuning) {
    print(stderr, "tunnel: " + tuning.error().message() + "\n");
    return misused;
  }
  const Contexts contexts = make_contexts(checked, *tuning);
  if (!checked.mistakes.empty()) {
    for (const config::Mistake& mistake : checked.mistakes) print(stderr, mistake.text() + "\n");
    return misused;
  }
  const config::Config& config = checked.config;
  if (test_only) {
    print(stdout, fmt::format("{}: no mistakes, {} service{}\n", name, config.services.size(),
                              config.services.size() == 1 ? "" : "s"));
    return done;
  }
  const auto log = open_log(config.log);
  if (!log) {
    print(stderr, "tunnel: " + log.error().message() + "\n");
    return failed;
  }

  os::prepare_process();
  Server server(config, contexts, **log);
  if (!server.listen()) return failed;
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
