// From a configuration to a running server, and its exit.
#include "cmd/commands/serve.hpp"

#include <fmt/format.h>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "base/memory_reserve.hpp"
#include "base/path.hpp"
#include "base/text.hpp"
#include "cmd/cli/environment_variables.hpp"
#include "cmd/cli/exit_status.hpp"
#include "cmd/cli/test_hooks.hpp"
#include "cmd/commands/status_line.hpp"
#include "log/log.hpp"
#include "os/file/log_output.hpp"
#include "os/process/process.hpp"
#include "os/service/service_manager.hpp"
#include "server/certificate_monitor.hpp"
#include "server/sandbox_policy.hpp"
#include "server/server.hpp"

namespace tunnel::cmd {

namespace {

// Call before any other function here: it also keeps keys out of core dumps.
Result<ConfigLoader> make_loader(const ConfigSource& source) {
  // a test without root reads its tunnel's descriptors, which this would forbid
  if (!is_inspectable()) os::forbid_core_dumps();
  auto tuning = tuning_from_environment();
  if (!tuning) return tuning.error();
  return ConfigLoader(source, *tuning);
}

// Or prints every mistake.
std::variant<RuntimeConfig, ExitStatus> load(const ConfigLoader& loader) {
  LoadedConfig loaded = loader.load();
  if (const auto* mistakes = std::get_if<config::Mistakes>(&loaded)) return fail_all(*mistakes);
  return std::move(std::get<RuntimeConfig>(loaded));
}

// As the log does when the services start.
void warn_of_certificates(const RuntimeConfig& runtime) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const std::vector<config::Service>& services = runtime.config.services;
  for (std::size_t i = 0; i < services.size(); ++i) {
    const config::Service& service = services[i];
    const Credentials& credentials = runtime.credentials[i];
    if (!service.accepts_tls() || !service.cert || !service.key) continue;
    if (const auto& own = credentials.certificate)
      if (const auto due = CertificateMonitor(own->subject, shown(service.cert->path),
                                              own->not_after, runtime.config.process.watch)
                               .poll(now))
        print(stderr, fmt::format("warn  {}: {}\n", escaped(service.name), due->error.message()));
    for (const Error& doubt : credentials.certificate_doubts)
      print(stderr, fmt::format("warn  {}: {}\n", escaped(service.name), doubt.message()));
  }
}

Result<std::unique_ptr<Log>> open_log(const config::LogConfig& wanted,
                                      const config::Process& process) {
  auto log = std::make_unique<Log>(wanted.settings, os::standard_error());
  if (wanted.file) {
    const bool changes_user = !process.user.empty() || !process.group.empty();
    auto file = os::log_file(*wanted.file, changes_user ? os::Links::refused : os::Links::followed);
    if (!file) return file.error();
    log->change(wanted.settings, std::move(*file));
  }
  return log;
}

// Keeps a signal after the work is done from turning success into failure.
struct AtTheEnd {
  ~AtTheEnd() {
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGTERM, SIG_IGN);
  }
};

std::variant<Prepared, ExitStatus> prepare(ConfigLoader loader, RuntimeConfig config,
                                           const std::string& file) {
  fill_memory_reserve();
  // before any thread or program starts: a program would take the manager's variables for its own
  auto manager = os::ServiceManager::from_environment();
  if (!manager) return fail(manager.error());
  auto sandbox = Sandbox::plan(config.config, file);
  if (!sandbox) return fail(sandbox.error());
  auto log = open_log(config.config.log, config.config.process);
  if (!log) return fail(log.error(), ExitStatus::failed);
  Prepared out{std::make_unique<os::ServiceManager>(std::move(*manager)),
               std::make_unique<Sandbox>(std::move(*sandbox)), std::move(*log), nullptr};
  out.server = std::make_unique<Server>(config.config.process, std::move(loader), *out.sandbox,
                                        *out.log, *out.manager);
  if (!out.server->listen(std::move(config))) return ExitStatus::failed;
  return out;
}

}  // namespace

ExitStatus serve_file(const std::string& file, const std::vector<config::Override>& overrides,
                      bool test_only) {
  return serve({[file, overrides](const os::FileView& files) {
                 return config::load(file, overrides, {environment_variable, files});
               }},
               file, test_only);
}

ExitStatus serve(const ConfigSource& source, const std::string& name, bool test_only) {
  auto loader = make_loader(source);
  if (!loader) return fail(loader.error());
  auto loaded = load(*loader);
  if (const auto* status = std::get_if<ExitStatus>(&loaded)) return *status;
  RuntimeConfig& config = std::get<RuntimeConfig>(loaded);
  if (test_only) {
    warn_of_certificates(config);
    const std::size_t services = config.config.services.size();
    print(stdout,
          fmt::format("{}: no mistakes, {} service{}\n", name, services, services == 1 ? "" : "s"));
    return ExitStatus::ok;
  }
  const AtTheEnd ignore_signals;  // outlives the handlers
  asio::io_context no_loop;
  std::optional<asio::signal_set> held;  // outlives the server
  auto prepared = prepare(std::move(*loader), std::move(config), name);
  if (const auto* status = std::get_if<ExitStatus>(&prepared)) return *status;
  os::prepare_process();
  Log& log = *std::get<Prepared>(prepared).log;
  Server& server = *std::get<Prepared>(prepared).server;
  const bool on_terminal = draw_on_terminal(log);
  // no thread runs yet, and no program is started from here on
  Sandbox& sandbox = *std::get<Prepared>(prepared).sandbox;
  if (const auto entered = sandbox.enter(log); !entered) {
    log.error("failed", entered.error().message());
    return ExitStatus::failed;
  }
  run_sandbox_self_test(log);
  std::optional<StatusLine> status_line;
  if (on_terminal) status_line.emplace(log, [&server] { return server.traffic(); });
  const bool stopped_at_once = server.run(Server::Signals::own);
  status_line.reset();
  log.flush(std::chrono::seconds(2));
  // a lookup that hangs in the system can't be cancelled, and must not delay the exit
  if (stopped_at_once) exit_now(ExitStatus::ok);
  // once the server's handlers are gone, a further signal must not kill the program
  held.emplace(no_loop, SIGINT, SIGTERM);
  std::thread([] {
    std::this_thread::sleep_for(std::chrono::seconds(3));
    exit_now(ExitStatus::ok);
  }).detach();
  return ExitStatus::ok;
}

std::variant<Prepared, ExitStatus> prepare(const ConfigSource& source) {
  auto loader = make_loader(source);
  if (!loader) return fail(loader.error());
  auto loaded = load(*loader);
  if (const auto* status = std::get_if<ExitStatus>(&loaded)) return *status;
  return prepare(std::move(*loader), std::move(std::get<RuntimeConfig>(loaded)), "");
}

}  // namespace tunnel::cmd
