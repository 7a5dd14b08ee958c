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
#include "cmd/cli/last_words.hpp"
#include "cmd/cli/test_hooks.hpp"
#include "cmd/commands/status_line.hpp"
#include "log/log.hpp"
#include "os/file/log_output.hpp"
#include "os/process/process.hpp"
#include "os/process/supervision.hpp"
#include "os/service/service_manager.hpp"
#include "server/certificate_monitor.hpp"
#include "server/keeper.hpp"
#include "server/keeper_link.hpp"
#include "server/log_target.hpp"
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
std::variant<RuntimeConfig, ExitStatus> load(const ConfigLoader& loader,
                                             const os::FileView& files) {
  LoadedConfig loaded = loader.load(files);
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
                                      const config::Process& process,
                                      const os::ServiceManager& manager) {
  auto first = manager.log();
  auto log =
      std::make_unique<Log>(wanted.settings, first ? std::move(first) : os::standard_error());
  const bool changes_user = !process.user.empty() || !process.group.empty();
  auto sink = open_log_target(wanted, changes_user ? os::Links::refused : os::Links::followed);
  if (!sink) return sink.error();
  if (*sink) log->change(wanted.settings, std::move(*sink));
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
                                           const std::string& file, os::ServiceManager manager,
                                           const WorkerStart* start, KeeperLink* keeper) {
  fill_memory_reserve();
  auto sandbox = Sandbox::plan(config.config, file);
  if (!sandbox) return fail(sandbox.error());
  if (keeper != nullptr) sandbox->leave_files_and_addresses_to_keeper();
  auto log = open_log(config.config.log, config.config.process, manager);
  if (!log) return fail(log.error(), ExitStatus::failed);
  Prepared out{std::make_unique<os::ServiceManager>(std::move(manager)),
               std::make_unique<Sandbox>(std::move(*sandbox)), std::move(*log), nullptr};
  out.server = std::make_unique<Server>(config.config.process, std::move(loader), *out.sandbox,
                                        *out.log, *out.manager, keeper);
  const bool listens =
      start != nullptr ? out.server->listen(std::move(config), start->listeners, start->refusals)
                       : out.server->listen(std::move(config));
  if (!listens) return ExitStatus::failed;
  return out;
}

// Until a signal, or an order to stop.
ExitStatus run(Prepared& prepared, const std::string& note) {
  asio::io_context no_loop;
  std::optional<asio::signal_set> held;
  os::prepare_process();
  Log& log = *prepared.log;
  Server& server = *prepared.server;
  const bool on_terminal = draw_on_terminal(log);
  // no thread runs yet, and no program is started from here on
  if (const auto entered = prepared.sandbox->enter(log); !entered) {
    log.error("failed", entered.error().message());
    return ExitStatus::failed;
  }
  run_sandbox_self_test(log);
  if (!note.empty()) log.error("keeper", note);
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

ExitStatus work(ConfigLoader loader, const std::string& name, const os::ServiceManager& manager,
                WorkerStart start) {
  auto loaded = load(loader, start.files);
  if (const auto* status = std::get_if<ExitStatus>(&loaded)) return *status;
  start.files = {};
  KeeperLink keeper(std::move(start.link));
  auto prepared = prepare(std::move(loader), std::move(std::get<RuntimeConfig>(loaded)), name,
                          os::ServiceManager::over(keeper.handle(), manager), &start, &keeper);
  if (const auto* status = std::get_if<ExitStatus>(&prepared)) return *status;
  return run(std::get<Prepared>(prepared), start.note);
}

// Without one, the sandbox takes away privileges that a reload or a renewal may need.
bool needs_keeper(const config::Process& process) {
  return process.sandbox != config::Sandbox::off;
}

ExitStatus keep(const ConfigSource& source, const ConfigLoader& loader, const std::string& name,
                std::shared_ptr<const os::FileCopies> first, config::Validated validated) {
  // before any program starts: it would take the manager's variables for its own
  auto manager = os::ServiceManager::from_environment();
  if (!manager) return fail(manager.error());
  Keeper keeper(source, name, std::move(first), *manager, [&](WorkerStart start) {
    return with_last_words(
        [&] { return static_cast<int>(work(loader, name, *manager, std::move(start))); });
  });
  if (auto predecessor = os::ControlSocket::inherited(successor_variable))
    keeper.succeed(std::move(*predecessor));
  const auto ended = keeper.run(std::move(validated));
  if (const auto* error = std::get_if<Error>(&ended)) return fail(*error, ExitStatus::failed);
  return static_cast<ExitStatus>(std::get<int>(ended));
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
  // it may be a pipe, which can be read once only
  const auto first = std::make_shared<const os::FileCopies>(os::copies_of({path_of(name)}));
  const os::FileView files(first);
  if (!test_only && os::supports_supervision())
    if (auto validated = source.load(files); needs_keeper(validated.config.process))
      return keep(source, *loader, name, first, std::move(validated));
  auto loaded = load(*loader, files);
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
  // before any thread or program starts: a program would take the manager's variables for its own
  auto manager = os::ServiceManager::from_environment();
  if (!manager) return fail(manager.error());
  auto prepared =
      prepare(std::move(*loader), std::move(config), name, std::move(*manager), nullptr, nullptr);
  if (const auto* status = std::get_if<ExitStatus>(&prepared)) return *status;
  return run(std::get<Prepared>(prepared), "");
}

std::variant<Prepared, ExitStatus> prepare(const ConfigSource& source) {
  auto loader = make_loader(source);
  if (!loader) return fail(loader.error());
  auto loaded = load(*loader, {});
  if (const auto* status = std::get_if<ExitStatus>(&loaded)) return *status;
  auto manager = os::ServiceManager::from_environment();
  if (!manager) return fail(manager.error());
  return prepare(std::move(*loader), std::move(std::get<RuntimeConfig>(loaded)), "",
                 std::move(*manager), nullptr, nullptr);
}

}  // namespace tunnel::cmd
