// The change from one configuration to the next, at a reload or by the keeper's orders.
#include <fmt/format.h>
#include <asio/post.hpp>

#include <exception>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "log/service_log.hpp"
#include "server/log_target.hpp"
#include "server/server.hpp"
#include "server/service_text.hpp"

namespace tunnel {

namespace {

// Runs on the thread that read the configuration: resolving a syslog server takes time, too.
Result<std::unique_ptr<LogSink>> open_log_of(const LoadedConfig& loaded) {
  const auto* runtime = std::get_if<RuntimeConfig>(&loaded);
  if (runtime == nullptr) return std::unique_ptr<LogSink>();
  try {
    return open_log_target(runtime->config.log);
  } catch (const std::bad_alloc&) {
    return Error{"the log cannot be opened: out of memory", "reload again"};
  }
}

}  // namespace

void Server::obey(std::optional<KeeperOrder> order) {
  using Kind = KeeperOrder::Kind;
  if (!order) {
    if (!draining_) log_.error("keeper", "the keeper process is gone: stopping");
    return draining_ ? void() : drain("the keeper is gone");
  }
  switch (order->kind) {
    case Kind::stop:
      return stop(order->cause);
    case Kind::leave:
      return leave(order->cause);
    case Kind::log_status:
      return log_status();
    case Kind::log:
      return log_.error("keeper", order->cause);
    case Kind::adopt:  // for keepers
      return;
    case Kind::reload:
    case Kind::renew:
      return take(std::move(*order));
  }
}

void Server::leave(const std::string& cause) {
  services_.leave_listeners();
  status_.close();
  // no service manager is waiting for this process
  process_.drain_timeout = std::chrono::milliseconds(0);
  if (!draining_) drain(cause);
}

void Server::take(KeeperOrder order) {
  HandedListeners handed(workers_.front()->io.get_executor(), order.listeners);
  const bool is_reload = order.kind == KeeperOrder::Kind::reload;
  if (draining_) {
    if (is_reload) reload(order.cause);  // logs that it is too late
    return report(false);
  }
  const os::FileView files(std::make_shared<const os::FileCopies>(std::move(order.files)));
  if (!is_reload) return renew(std::move(order.changed), files);
  handed_ = std::move(handed);
  refusals_ = std::move(order.refusals);
  start_loading(order.cause, files);
}

void Server::renew(std::vector<std::filesystem::path> changed, const os::FileView& files) {
  if (loading_thread_.joinable()) loading_thread_.join();
  const auto read = [this, files, changed = std::move(changed), services = services_.settings()] {
    auto renewals = std::make_shared<std::vector<Renewal>>();
    std::string failure;
    try {
      *renewals = loader_.renew(services, changed, sandbox_, files);
    } catch (const std::exception& error) {
      failure = error.what();
    }
    asio::post(workers_.front()->io, [this, renewals, failure] {
      if (!failure.empty()) log_.error("renewal", "renewed files can't be read: " + failure);
      report(failure.empty() && renewer_.apply(std::move(*renewals)));
    });
  };
  try {
    loading_thread_ = std::thread(read);
  } catch (const std::system_error& error) {
    log_.error("renewal", fmt::format("no thread can be started to read renewed files: {}; reload "
                                      "once there is memory",
                                      error.what()));
    report(false);
  }
}

void Server::report(bool taken) {
  if (keeper_ != nullptr) keeper_->report(taken);
}

void Server::reload(std::string_view cause) {
  if (draining_) {
    log_.warn("reload",
              fmt::format("{}: no reload any more, the tunnel is stopping; start it again instead",
                          cause));
    return;
  }
  if (loading_) {
    pending_reload_ = cause;
    return;
  }
  start_loading(cause, {});
}

void Server::start_loading(std::string_view cause, const os::FileView& files) {
  log_.info("reload", fmt::format("{}: reading the configuration again", cause));
  loading_ = true;
  notifier_.reloading();
  if (loading_thread_.joinable()) loading_thread_.join();
  // reading certificates and the system's authorities takes time, and connections must not wait
  try {
    loading_thread_ = std::thread([this, files] {
      auto loaded = std::make_shared<LoadedConfig>(loader_.reload(sandbox_, files));
      auto log = std::make_shared<OpenedLog>(open_log_of(*loaded));
      asio::post(workers_.front()->io,
                 [this, loaded, log] { finish_reload(std::move(*loaded), std::move(*log)); });
    });
  } catch (const std::system_error& error) {
    finish_reload(
        config::Mistakes{
            {{}, "", "", fmt::format("no thread can be started to read it: {}", error.what()), ""}},
        std::unique_ptr<LogSink>());
  }
}

void Server::finish_reload(LoadedConfig loaded, OpenedLog log) {
  loading_ = false;
  if (draining_) return;
  if (const auto* mistakes = std::get_if<config::Mistakes>(&loaded)) {
    for (const config::Mistake& mistake : *mistakes) log_.error("reload", mistake.in_a_line());
    refuse_reload(mistakes->size());
  } else {
    apply(std::move(std::get<RuntimeConfig>(loaded)), std::move(log));
  }
  handed_ = {};
  notifier_.ready();
  if (const std::string cause = std::exchange(pending_reload_, {}); !cause.empty()) reload(cause);
}

void Server::apply(RuntimeConfig runtime, OpenedLog log) {
  const config::Process process = runtime.config.process;
  const Log::Settings log_settings = runtime.config.log.settings;
  if (!refusals_.empty()) return refuse_reload(std::exchange(refusals_, {}));
  auto status = status_.bind(runtime.config.status, handed_);
  if (!status) return refuse_reload(std::vector<BindRefusal>{{status_name, status.error()}});
  auto bound = services_.bind(std::move(runtime), std::exchange(handed_, {}));
  if (const auto* refusals = std::get_if<std::vector<BindRefusal>>(&bound))
    return refuse_reload(*refusals);
  commit(std::move(std::get<BoundListeners>(bound)));
  status_.commit(std::move(*status));
  status_.reloaded(true);
  // the services that have closed at their time may be all that is left
  asio::post(workers_.front()->io, [this] { finish_if_idle(); });
  log_restart_needed(process);
  process_.drain_timeout = process.drain_timeout;
  change_log(log_settings, std::move(log));
  report(true);
  log_.info("reloaded", fmt::format("reloaded: {} service{}", services_.size(),
                                    services_.size() == 1 ? "" : "s"));
}

void Server::refuse_reload(const std::vector<BindRefusal>& refusals) {
  for (const auto& refusal : refusals) log_refusal("reload", refusal);
  refuse_reload(refusals.size());
}

void Server::refuse_reload(std::size_t mistakes) {
  report(false);
  status_.reloaded(false);
  log_.error("reload", fmt::format("not reloaded for {} mistake{}: everything goes on as before",
                                   mistakes, mistakes == 1 ? "" : "s"));
}

void Server::log_restart_needed(const config::Process& wanted) const {
  if (wanted.workers != process_.workers)
    log_.warn("reload", "[process] workers: the number of threads changes with a restart only");
  if (wanted.user != process_.user || wanted.group != process_.group ||
      wanted.sandbox != process_.sandbox)
    log_.warn("reload", "[process] user, group and sandbox change with a restart only");
}

void Server::change_log(const Log::Settings& settings, OpenedLog log) {
  if (log) return log_.change(settings, std::move(*log));
  log_.error("reload",
             Error{log.error().what + "; the log stays where it was", log.error().hint}.message());
}

}  // namespace tunnel
