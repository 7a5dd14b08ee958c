// Goes from one configuration to the next without a gap.
#include "server/service_set.hpp"

#include <fmt/format.h>
#include <asio/post.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.hpp"
#include "log/service_log.hpp"
#include "server/service_text.hpp"

namespace tunnel {

namespace {

// Adds the counters of an earlier service of the same name, whose connections may finish.
void add(status::ServiceStatus& all, const status::ServiceStatus& earlier) {
  all.accepted += earlier.accepted;
  all.opened += earlier.opened;
  all.failed += earlier.failed;
  all.current += earlier.current;
  all.open += earlier.open;
  all.up += earlier.up;
  all.down += earlier.down;
  all.handshakes += earlier.handshakes;
  all.connect_times += earlier.connect_times;
  for (const status::TargetStatus& target : earlier.targets) {
    const auto same = std::ranges::find(all.targets, target.name, &status::TargetStatus::name);
    if (same == all.targets.end()) continue;
    same->connects += target.connects;
    for (std::size_t i = 0; i < target_failures; ++i) same->failures[i] += target.failures[i];
  }
}

// "; closes in 29m12s"
std::string closing_text(const status::ServiceStatus& service) {
  return service.closes_in ? "; closes in " + duration_text(*service.closes_in) : std::string();
}

}  // namespace

ServiceSet::ServiceSet(const std::vector<std::unique_ptr<Worker>>& workers, Log& log,
                       const os::ServiceManager& manager, DescriptorBudget& descriptors,
                       std::function<void()> on_idle)
    : workers_(workers),
      log_(log),
      manager_(manager),
      descriptors_(descriptors),
      on_idle_(std::move(on_idle)) {}

// Those of expired services are closed.
std::vector<BoundAddress*> ServiceSet::listening() {
  std::vector<BoundAddress*> out;
  for (BoundAddress& address : addresses_)
    if (const auto owner = find(address.service); !owner || !owner->expired())
      out.push_back(&address);
  return out;
}

std::variant<BoundListeners, std::vector<BindRefusal>> ServiceSet::bind(RuntimeConfig runtime,
                                                                        HandedListeners handed) {
  const std::vector<config::Service>& services = runtime.config.services;
  ListenerBinder binder(workers_.front()->io.get_executor(), manager_, services, listening(),
                        std::move(handed));
  // first all that stay: only the rest may give way to a new address
  std::vector<std::pair<const config::Service*, const config::SocketAddress*>> wanted;
  for (const config::Service& service : services) {
    if (stays_closed(service)) continue;
    for (const config::SocketAddress& accept : service.accept)
      if (!binder.keep(service, accept)) wanted.emplace_back(&service, &accept);
  }
  std::vector<BindRefusal> refusals;
  for (const auto& [service, accept] : wanted)
    if (auto error = binder.open(*service, *accept))
      refusals.push_back({service->name, std::move(*error)});
  if (refusals.empty()) return std::move(binder).finish(std::move(runtime));
  open_again(binder);
  return refusals;
}

void ServiceSet::open_again(ListenerBinder& binder) {
  for (BoundAddress* address : binder.roll_back()) {
    const auto owner = find(address->service);
    auto opened = binder.open_again(*address);
    std::vector<std::shared_ptr<Listener>> fresh;
    if (opened)
      fresh = std::move(opened->listeners);
    else
      owner->log().error("failed", "is not where it was any more: " + opened.error().message());
    owner->replace_listeners(address->listeners, fresh);
    for (const auto& listener : fresh) listener->serve(owner);
    address->listeners = std::move(fresh);
  }
  // the next reload tries again to open those that are lost
  std::erase_if(addresses_, [](const BoundAddress& address) { return address.listeners.empty(); });
}

void ServiceSet::commit(BoundListeners bound) {
  const RuntimeConfig& runtime = bound.runtime;
  std::vector<std::shared_ptr<Service>> services;
  for (std::size_t i = 0; i < runtime.config.services.size(); ++i) {
    const Credentials& credentials = runtime.credentials[i];
    ServiceSnapshot snapshot{std::make_shared<const config::Service>(runtime.config.services[i]),
                             credentials.context, nullptr, credentials.certificate,
                             runtime.config.process.watch};
    const auto known = find(snapshot.settings->name);
    std::erase(services_, known);
    if (known && known->stays_closed(*snapshot.settings)) {
      known->log().warn(
          "closed", "stays closed, since its time is over; give it another, or restart the tunnel");
      services.push_back(known);
      continue;
    }
    if (known && !known->expired()) {
      known->apply(std::move(snapshot));
      services.push_back(known);
    } else {
      if (known) removed_.push_back(known);
      services.push_back(create(std::move(snapshot)));
    }
    auto listeners = bound.of(services.back()->name());
    for (const auto& listener : listeners) listener->serve(services.back());
    services.back()->set_listeners(std::move(listeners));
    services.back()->set_certificate_doubts(credentials.certificate_doubts);
  }
  for (const auto& listener : bound.closing) listener->close();
  addresses_ = std::move(bound.kept);
  std::ranges::move(bound.added, std::back_inserter(addresses_));
  for (const auto& service : services_) {
    service->log().info("removed", service->active() == 0
                                       ? "is not in the configuration any more"
                                       : "is not in the configuration any more; its connections "
                                         "may finish");
    service->close();
    removed_.push_back(service);
  }
  services_ = std::move(services);
  remove_idle();
}

std::vector<std::shared_ptr<const config::Service>> ServiceSet::settings() const {
  std::vector<std::shared_ptr<const config::Service>> out;
  for (const auto& service : services_)
    if (!service->closed()) out.push_back(service->shared_settings());
  return out;
}

bool ServiceSet::renew(const std::string& name, Credentials credentials) {
  const auto service = find(name);
  if (!service || service->closed()) return false;
  service->apply({service->shared_settings(), std::move(credentials.context), nullptr,
                  std::move(credentials.certificate), true});
  service->set_certificate_doubts(credentials.certificate_doubts);
  return true;
}

std::shared_ptr<Service> ServiceSet::find(const std::string& name) const {
  const auto found = std::ranges::find(services_, name, &Service::name);
  return found == services_.end() ? nullptr : *found;
}

std::shared_ptr<Service> ServiceSet::create(ServiceSnapshot snapshot) {
  return std::make_shared<Service>(std::move(snapshot), workers_, log_, descriptors_, [this] {
    // later: the service is still running a function of its own
    asio::post(workers_.front()->io, [this] { remove_idle(); });
    on_idle_();
  });
}

bool ServiceSet::stays_closed(const config::Service& settings) const {
  const auto known = find(settings.name);
  return known && known->stays_closed(settings);
}

void ServiceSet::remove_idle() {
  std::erase_if(removed_, [](const auto& service) { return service->idle(); });
}

void ServiceSet::on_network_change() {
  for (const auto& service : services_) service->on_network_change();
}

void ServiceSet::on_address_gone() {
  for (const auto& service : services_) service->on_address_gone();
}

void ServiceSet::log_status() const {
  collect(0, [&log = log_](const std::vector<status::ServiceStatus>& services,
                           const StatsCollection&) {
    for (const status::ServiceStatus& service : services)
      ServiceLog(log, service.name)
          .info("status",
                fmt::format("{} open, {} opened and {} failed since the start, {} up, {} down{}",
                            connections_text(service.open), service.opened, service.failed,
                            bytes_text(service.up), bytes_text(service.down),
                            service.state == "open" ? closing_text(service) : "; " + service.state),
                {{"open", static_cast<std::int64_t>(service.open)},
                 {"opened", static_cast<std::int64_t>(service.opened)},
                 {"failed", static_cast<std::int64_t>(service.failed)},
                 {"up", static_cast<std::int64_t>(service.up)},
                 {"down", static_cast<std::int64_t>(service.down)}});
  });
}

void ServiceSet::collect(
    std::size_t limit,
    const std::function<void(std::vector<status::ServiceStatus>, StatsCollection)>& done) const {
  // weak, so that a collection still under way at the end doesn't keep services from their workers
  std::vector<std::weak_ptr<Service>> all;
  std::vector<std::shared_ptr<const WorkerCounters>> counters;
  for (const auto& group : {&services_, &removed_})
    for (const auto& service : *group) {
      all.push_back(service);
      counters.push_back(service->counters());
    }
  collect_stats(workers_, std::move(counters), limit, [all, done](StatsCollection stats) {
    std::vector<status::ServiceStatus> out;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto service = all[i].lock();
      if (!service) continue;
      status::ServiceStatus now = service->status(stats.services[i]);
      const auto same = std::ranges::find(out, now.name, &status::ServiceStatus::name);
      if (same == out.end()) {
        out.push_back(std::move(now));
        continue;
      }
      add(*same, now);
    }
    done(std::move(out), std::move(stats));
  });
}

void ServiceSet::leave_listeners() {
  for (const BoundAddress& address : addresses_)
    for (const auto& listener : address.listeners) listener->leave_to_others();
}

void ServiceSet::close() {
  for (const BoundAddress& address : addresses_)
    for (const auto& listener : address.listeners) listener->close();
  for (const auto& service : services_) service->close();
}

std::size_t ServiceSet::active() const {
  std::size_t n = 0;
  for (const auto& group : {&services_, &removed_})
    for (const auto& service : *group) n += service->active();
  return n;
}

std::uint64_t ServiceSet::accepted() const {
  std::uint64_t n = 0;
  for (const auto& group : {&services_, &removed_})
    for (const auto& service : *group) n += service->accepted();
  return n;
}

bool ServiceSet::expired() const {
  return !services_.empty() &&
         std::ranges::all_of(services_, [](const auto& service) { return service->expired(); });
}

bool ServiceSet::idle() const {
  const auto is_idle = [](const auto& service) { return service->idle(); };
  return std::ranges::all_of(services_, is_idle) && std::ranges::all_of(removed_, is_idle);
}

}  // namespace tunnel
