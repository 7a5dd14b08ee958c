// From a checked configuration to a running server, and its end.
#include "cmd/commands/serve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <thread>

#include "base/memory_reserve.hpp"
#include "cmd/cli/environment.hpp"
#include "cmd/cli/exit_status.hpp"
#include "cmd/cli/test_hooks.hpp"
#include "cmd/commands/status_line.hpp"
#include "log/log.hpp"
#include "os/file/log_output.hpp"
#include "os/process/process.hpp"
#include "os/sandbox/sandbox.hpp"
#include "os/service/service_manager.hpp"
#include "server/sandbox_policy.hpp"
#include "server/server.hpp"
#include "server/service_context.hpp"
#include "tls/context.hpp"
#include "x509/authorities.hpp"
#include "x509/certificate_summary.hpp"

namespace tunnel {

namespace {

// Whatever is wrong with the file, the context has said.
std::optional<x509::CertificateSummary> first_to_end(const config::Service& service) {
  if (!service.cert) return std::nullopt;
  auto chain = x509::summaries_in(service.cert->path);
  if (!chain || chain->empty()) return std::nullopt;
  return *std::ranges::min_element(*chain, {}, &x509::CertificateSummary::not_after);
}

// The configuration, and what is built from the files that it names; every mistake of both.
std::variant<RuntimeConfig, std::vector<config::Mistake>> set_up(const ConfigSource& source,
                                                                 const tls::Tuning& tuning) {
  config::Checked checked = source.load();
  RuntimeConfig setup;
  x509::AuthorityCache authorities;
  for (const config::Service& service : checked.config.services) {
    setup.contexts.push_back(make_context(service, checked.mistakes, tuning, &authorities));
    setup.certificates.push_back(first_to_end(service));
  }
  if (source.rephrase)
    for (config::Mistake& mistake : checked.mistakes) source.rephrase(mistake);
  if (!checked.mistakes.empty()) return checked.mistakes;
  setup.config = std::move(checked.config);
  return setup;
}

// A setup, and how to read it again.
struct Loaded {
  RuntimeConfig setup;
  ConfigLoader again;
};

std::variant<Loaded, int> read_setup(const ConfigSource& source) {
  // before a key is read; tests without root look at the descriptors of what they have started
  if (!is_inspectable()) os::forbid_core_dumps();
  const auto tuning = wished_tuning();
  if (!tuning) return refuse(tuning.error());
  ConfigLoader again = [source, tuning] { return set_up(source, *tuning); };
  auto loaded = again();
  if (const auto* mistakes = std::get_if<std::vector<config::Mistake>>(&loaded)) {
    for (const config::Mistake& mistake : *mistakes) print(stderr, mistake.text() + "\n");
    return misused;
  }
  return Loaded{std::move(std::get<RuntimeConfig>(loaded)), std::move(again)};
}

Result<std::unique_ptr<Log>> open_log(const config::LogConfig& wanted) {
  auto log = std::make_unique<Log>(wanted.settings, os::standard_error());
  if (wanted.file) {
    auto file = os::log_file(*wanted.file);
    if (!file) return file.error();
    log->change(wanted.settings, std::move(*file));
  }
  return log;
}

// A signal that comes when all is done must not make a failure of it.
struct AtTheEnd {
  ~AtTheEnd() {
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGTERM, SIG_IGN);
  }
};

std::variant<Prepared, int> prepare(Loaded loaded, const std::string& file) {
  fill_memory_reserve();
  // before there are threads, and programs that might take for theirs what it says
  auto manager = os::ServiceManager::from_environment();
  if (!manager) return refuse(manager.error());
  auto sandbox = Sandbox::plan(loaded.setup.config, file);
  if (!sandbox) return refuse(sandbox.error());
  auto log = open_log(loaded.setup.config.log);
  if (!log) return refuse(log.error(), failed);
  Prepared out{std::make_unique<os::ServiceManager>(std::move(*manager)),
               std::make_unique<Sandbox>(std::move(*sandbox)), std::move(*log), nullptr};
  ConfigLoader again = [load = std::move(loaded.again), &inside = *out.sandbox] {
    auto setup = load();
    inside.judge(setup);
    return setup;
  };
  out.server = std::make_unique<Server>(loaded.setup.config.process, std::move(again), *out.log,
                                        *out.manager);
  if (!out.server->listen(std::move(loaded.setup))) return failed;
  return out;
}

}  // namespace

int serve_file(const std::string& file, const std::vector<config::Override>& overrides,
               bool test_only) {
  return serve({[file, overrides] { return config::load(file, overrides, environment_variable); }},
               file, test_only);
}

int serve(const ConfigSource& source, const std::string& name, bool test_only) {
  auto read = read_setup(source);
  if (const int* status = std::get_if<int>(&read)) return *status;
  Loaded& loaded = std::get<Loaded>(read);
  if (test_only) {
    const std::size_t services = loaded.setup.config.services.size();
    print(stdout,
          fmt::format("{}: no mistakes, {} service{}\n", name, services, services == 1 ? "" : "s"));
    return done;
  }
  const AtTheEnd ignore_signals;  // outlives what heeds them
  asio::io_context no_loop;
  std::optional<asio::signal_set> held;  // outlives the server
  auto prepared = prepare(std::move(loaded), name);
  if (const int* status = std::get_if<int>(&prepared)) return *status;
  os::prepare_process();
  Log& log = *std::get<Prepared>(prepared).log;
  Server& server = *std::get<Prepared>(prepared).server;
  // no thread has begun, and from here on no program is started
  Sandbox& sandbox = *std::get<Prepared>(prepared).sandbox;
  if (const auto entered = sandbox.enter(log); !entered) {
    log.error("failed", entered.error().message());
    return failed;
  }
  run_sandbox_self_test(log);
  std::optional<StatusLine> status_line;
  if (is_watched(log)) status_line.emplace(log, [&server] { return server.traffic(); });
  const bool hurried = server.run(Server::Signals::own);
  status_line.reset();
  log.flush(std::chrono::seconds(2));
  // a lookup that hangs in the system cannot be ended, and must not hold up the end
  if (hurried) std::_Exit(done);
  // a further signal must not kill the program once the server has let go of its own
  held.emplace(no_loop, SIGINT, SIGTERM);
  std::thread([] {
    std::this_thread::sleep_for(std::chrono::seconds(3));
    std::_Exit(done);
  }).detach();
  return done;
}

std::variant<Prepared, int> prepare(const ConfigSource& source) {
  auto read = read_setup(source);
  if (const int* status = std::get_if<int>(&read)) return *status;
  return prepare(std::move(std::get<Loaded>(read)), "");
}

}  // namespace tunnel
