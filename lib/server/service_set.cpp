// The difference between two configurations, carried out without a gap.
#include "server/service_set.hpp"

#include <fmt/format.h>
#include <asio/post.hpp>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "log/service_log.hpp"
#include "net/listen.hpp"

namespace tunnel {

ServiceSet::ServiceSet(const std::vector<std::unique_ptr<Worker>>& workers, Log& log,
                       const os::ServiceManager& manager, std::function<void()> idle)
    : workers_(workers), log_(log), manager_(manager), idle_(std::move(idle)) {}

// An address stays where it is written as before. The system chose what port 0 stands for, so that
// is one service's own.
ServiceSet::Place* ServiceSet::find(const config::Service& service,
                                    const config::HostPort& accept) {
  for (Place& place : places_)
    if (!place.stays && place.accept == accept &&
        (!accept.is_tcp() || (place.everywhere == service.accepts_tls() &&
                              (accept.port != 0 || place.service == service.name))))
      return &place;
  return nullptr;
}

Result<ServiceSet::Place> ServiceSet::open(const config::HostPort& accept, bool everywhere,
                                           const std::string& service, bool* busy) {
  const net::Executor executor = workers_.front()->io.get_executor();
  Place place{accept, everywhere, service, {}};
  if (!accept.path.empty()) {
    auto local = net::listen_local(executor, accept.path);
    if (!local) return local.error();
    place.listeners.push_back(
        std::make_shared<Listener>(std::move(local->acceptor), std::move(local->file)));
    return place;
  }
  if (!accept.inherited.empty()) {
    const auto passed = manager_.sockets(accept.inherited);
    if (!passed) return passed.error();
    for (const os::NativeSocket socket : *passed) {
      auto acceptor = net::adopt(executor, socket);
      if (!acceptor) return acceptor.error();
      place.listeners.push_back(std::make_shared<Listener>(std::move(*acceptor)));
    }
    return place;
  }
  auto bound = net::listen(executor, accept, everywhere, ports_, busy);
  if (!bound) return bound.error();
  for (net::Acceptor& acceptor : *bound)
    place.listeners.push_back(std::make_shared<Listener>(std::move(acceptor)));
  return place;
}

// Where an address that goes has the port, as when a host is written before it, it goes first.
Result<ServiceSet::Place> ServiceSet::open(const config::Service& service,
                                           const config::HostPort& accept,
                                           std::vector<Place*>& closed) {
  bool busy = false;
  auto opened = open(accept, service.accepts_tls(), service.name, &busy);
  // for another reason, as that root was given up, what goes could not come back
  if (opened || accept.port == 0 || !busy) return opened;
  bool gave_way = false;
  for (Place& place : places_) {
    if (place.stays || place.accept.port != accept.port || std::ranges::count(closed, &place) != 0)
      continue;
    for (const auto& listener : place.listeners) listener->close();
    closed.push_back(&place);
    gave_way = true;
  }
  return gave_way ? open(accept, service.accepts_tls(), service.name) : opened;
}

void ServiceSet::open_again(const std::vector<Place*>& closed) {
  for (Place* place : closed) {
    const auto owner = std::ranges::find(services_, place->service, &Service::name);
    auto opened = open(place->accept, place->everywhere, place->service);
    std::vector<std::shared_ptr<Listener>> fresh;
    if (opened)
      fresh = std::move(opened->listeners);
    else
      ServiceLog(log_, place->service)
          .error("failed", "is not where it was any more: " + opened.error().message());
    (*owner)->replace(place->listeners, fresh);
    for (const auto& listener : fresh) listener->serve(*owner);
    place->listeners = std::move(fresh);
  }
  // the next reload opens them anew
  std::erase_if(places_, [](const Place& place) { return place.listeners.empty(); });
}

std::variant<ServiceSet::Bound, std::vector<ServiceSet::Refusal>> ServiceSet::bind(
    RuntimeConfig setup) {
  forget_closed();
  for (Place& place : places_) place.stays = false;
  const std::vector<config::Service>& services = setup.config.services;
  ports_.clear();
  for (const config::Service& service : services)
    for (const config::HostPort& accept : service.accept) ports_.insert(accept.port);
  Bound out{{}, {}, std::vector<std::vector<std::shared_ptr<Listener>>>(services.size())};
  const auto give = [&](std::size_t service, const Place& place) {
    out.listeners[service].insert(out.listeners[service].end(), place.listeners.begin(),
                                  place.listeners.end());
  };
  // first all that stay: only then is it known what may give way
  std::vector<std::pair<std::size_t, const config::HostPort*>> wanted;
  for (std::size_t i = 0; i < services.size(); ++i) {
    if (stays_closed(services[i])) continue;
    for (const config::HostPort& accept : services[i].accept) {
      Place* place = find(services[i], accept);
      if (place != nullptr) {
        place->stays = true;
        place->next = services[i].name;
        give(i, *place);
      } else {
        wanted.emplace_back(i, &accept);
      }
    }
  }
  std::vector<Refusal> refusals;
  std::vector<Place*> closed;
  for (const auto& [i, accept] : wanted) {
    auto opened = open(services[i], *accept, closed);
    if (opened) {
      give(i, *opened);
      out.added.push_back(std::move(*opened));
    } else {
      refusals.push_back({services[i].name, opened.error()});
    }
  }
  if (refusals.empty()) {
    out.setup = std::move(setup);
    return out;
  }
  out.added.clear();
  out.listeners.clear();
  open_again(closed);
  return refusals;
}

void ServiceSet::commit(Bound bound) {
  std::vector<std::shared_ptr<Service>> services;
  for (std::size_t i = 0; i < bound.setup.config.services.size(); ++i) {
    ServiceSnapshot terms{
        std::make_shared<const config::Service>(bound.setup.config.services[i]),
        bound.setup.contexts[i], nullptr,
        i < bound.setup.certificates.size() ? bound.setup.certificates[i] : std::nullopt};
    auto known = std::ranges::find(services_, terms.settings->name, &Service::name);
    if (known != services_.end() && (*known)->over()) {
      const auto closed = *known;
      services_.erase(known);
      if (closed->stays_closed(*terms.settings)) {
        closed->log().warn(
            "closed",
            "stays closed, since its time is over; give it another, or restart the tunnel");
        services.push_back(closed);
        continue;
      }
      leaving_.push_back(closed);
      known = services_.end();
    }
    if (known == services_.end()) {
      services.push_back(std::make_shared<Service>(std::move(terms), workers_, log_, [this] {
        // it is still in a call of its own
        asio::post(workers_.front()->io, [this] { forget_idle(); });
        idle_();
      }));
    } else {
      (*known)->renew(std::move(terms));
      services.push_back(*known);
      services_.erase(known);
    }
    for (const auto& listener : bound.listeners[i]) listener->serve(services[i]);
    services[i]->announce(std::move(bound.listeners[i]));
  }
  for (const Place& place : places_)
    if (!place.stays)
      for (const auto& listener : place.listeners) listener->close();
  std::erase_if(places_, [](const Place& place) { return !place.stays; });
  for (Place& place : places_) place.service = place.next;
  for (Place& place : bound.added) places_.push_back(std::move(place));
  for (const auto& service : services_) {
    service->log().info("removed", service->active() == 0
                                       ? "is not in the configuration any more"
                                       : "is not in the configuration any more; its connections "
                                         "may finish");
    service->close();
    leaving_.push_back(service);
  }
  services_ = std::move(services);
  forget_idle();
}

bool ServiceSet::stays_closed(const config::Service& settings) const {
  const auto known = std::ranges::find(services_, settings.name, &Service::name);
  return known != services_.end() && (*known)->stays_closed(settings);
}

// The addresses of services that have closed at their time are free.
void ServiceSet::forget_closed() {
  std::erase_if(places_, [this](const Place& place) {
    const auto owner = std::ranges::find(services_, place.service, &Service::name);
    return owner != services_.end() && (*owner)->over();
  });
}

void ServiceSet::forget_idle() {
  std::erase_if(leaving_, [](const auto& service) { return service->idle(); });
}

void ServiceSet::on_network_change() {
  for (const auto& service : services_) service->on_network_change();
}

void ServiceSet::on_address_gone() {
  for (const auto& service : services_) service->on_address_gone();
}

void ServiceSet::log_status() const {
  look([&log = log_](const std::vector<status::Service>& services, const StatsCollection&) {
    for (const status::Service& service : services)
      ServiceLog(log, service.name)
          .info("status",
                fmt::format("{} open, {} opened and {} failed since the start, {} up, {} down{}",
                            connections_text(service.open), service.opened, service.failed,
                            bytes_text(service.up), bytes_text(service.down),
                            service.state == "open" ? "" : "; " + service.state),
                {{"open", static_cast<std::int64_t>(service.open)},
                 {"opened", static_cast<std::int64_t>(service.opened)},
                 {"failed", static_cast<std::int64_t>(service.failed)},
                 {"up", static_cast<std::int64_t>(service.up)},
                 {"down", static_cast<std::int64_t>(service.down)}});
  });
}

void ServiceSet::look(
    const std::function<void(std::vector<status::Service>, StatsCollection)>& done) const {
  // a census that the end overtakes must not keep them: they need their workers
  std::vector<std::weak_ptr<Service>> all;
  std::vector<std::shared_ptr<const WorkerCounters>> counters;
  for (const auto& group : {&services_, &leaving_})
    for (const auto& service : *group) {
      all.push_back(service);
      counters.push_back(service->counters());
    }
  collect_stats(workers_, std::move(counters), [all, done](StatsCollection census) {
    std::vector<status::Service> out;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto service = all[i].lock();
      if (!service) continue;
      status::Service now = service->status(census.services[i]);
      const auto same = std::ranges::find(out, now.name, &status::Service::name);
      if (same == out.end()) {
        out.push_back(std::move(now));
        continue;
      }
      // an earlier one of that name, whose connections may finish
      same->accepted += now.accepted;
      same->opened += now.opened;
      same->failed += now.failed;
      same->current += now.current;
      same->open += now.open;
      same->up += now.up;
      same->down += now.down;
    }
    done(std::move(out), std::move(census));
  });
}

void ServiceSet::close() {
  for (const Place& place : places_)
    for (const auto& listener : place.listeners) listener->close();
  for (const auto& service : services_) service->close();
}

std::size_t ServiceSet::active() const {
  std::size_t n = 0;
  for (const auto& group : {&services_, &leaving_})
    for (const auto& service : *group) n += service->active();
  return n;
}

bool ServiceSet::over() const {
  return !services_.empty() &&
         std::ranges::all_of(services_, [](const auto& service) { return service->over(); });
}

bool ServiceSet::idle() const {
  const auto is_idle = [](const auto& service) { return service->idle(); };
  return std::ranges::all_of(services_, is_idle) && std::ranges::all_of(leaving_, is_idle);
}

}  // namespace tunnel
