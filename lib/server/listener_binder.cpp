// Which addresses stay, which are bound, and which must be closed first.
#include "server/listener_binder.hpp"

#include <algorithm>
#include <utility>

#include "net/listen.hpp"

namespace tunnel {

ListenerBinder::ListenerBinder(const net::Executor& executor, const os::ServiceManager& manager,
                               const std::vector<config::Service>& services,
                               std::vector<BoundAddress*> existing)
    : executor_(executor), manager_(manager), unclaimed_(std::move(existing)) {
  for (const config::Service& service : services)
    for (const config::HostPort& accept : service.accept) ports_.insert(accept.port);
}

bool ListenerBinder::keep(const config::Service& service, const config::HostPort& accept) {
  const auto serves = [&](const BoundAddress* address) {
    if (address->accept != accept) return false;
    if (!accept.is_tcp()) return true;
    // the system has chosen what port 0 is, for one service alone
    return address->everywhere == service.accepts_tls() &&
           (accept.port != 0 || address->service == service.name);
  };
  const auto found = std::ranges::find_if(unclaimed_, serves);
  if (found == unclaimed_.end()) return false;
  kept_.push_back(**found);
  kept_.back().service = service.name;
  unclaimed_.erase(found);
  return true;
}

std::optional<Error> ListenerBinder::open(const config::Service& service,
                                          const config::HostPort& accept) {
  bool busy = false;
  auto bound = bind(accept, service.accepts_tls(), service.name, &busy);
  // if it failed for another reason, such as root given up, what makes way could not come back
  if (!bound && accept.port != 0 && busy && make_way(accept.port))
    bound = bind(accept, service.accepts_tls(), service.name);
  if (!bound) return bound.error();
  added_.push_back(std::move(*bound));
  return std::nullopt;
}

bool ListenerBinder::make_way(std::uint16_t port) {
  // not that of std::ranges: clang 14 rejects the subrange that it returns
  const auto with_port = std::stable_partition(
      unclaimed_.begin(), unclaimed_.end(),
      [&](const BoundAddress* address) { return address->accept.port != port; });
  for (auto at = with_port; at != unclaimed_.end(); ++at) {
    for (const auto& listener : (*at)->listeners) listener->close();
    gave_way_.push_back(*at);
  }
  const bool any = with_port != unclaimed_.end();
  unclaimed_.erase(with_port, unclaimed_.end());
  return any;
}

Result<BoundAddress> ListenerBinder::bind(const config::HostPort& accept, bool everywhere,
                                          const std::string& service, bool* busy) const {
  BoundAddress out{accept, everywhere, service, {}};
  if (!accept.path.empty()) {
    auto local = net::listen_local(executor_, accept.path);
    if (!local) return local.error();
    out.listeners.push_back(
        std::make_shared<Listener>(std::move(local->acceptor), std::move(local->file)));
    return out;
  }
  if (!accept.inherited.empty()) {
    const auto passed = manager_.sockets(accept.inherited);
    if (!passed) return passed.error();
    for (const os::NativeSocket socket : *passed) {
      auto acceptor = net::adopt(executor_, socket);
      if (!acceptor) return acceptor.error();
      out.listeners.push_back(std::make_shared<Listener>(std::move(*acceptor)));
    }
    return out;
  }
  auto acceptors = net::listen(executor_, accept, everywhere, ports_, busy);
  if (!acceptors) return acceptors.error();
  for (net::Acceptor& acceptor : *acceptors)
    out.listeners.push_back(std::make_shared<Listener>(std::move(acceptor)));
  return out;
}

BoundListeners ListenerBinder::finish(RuntimeConfig runtime) && {
  BoundListeners out{std::move(runtime), std::move(kept_), std::move(added_), {}};
  for (const BoundAddress* address : unclaimed_)
    out.closing.insert(out.closing.end(), address->listeners.begin(), address->listeners.end());
  return out;
}

std::vector<BoundAddress*> ListenerBinder::roll_back() {
  added_.clear();
  return std::exchange(gave_way_, {});
}

Result<BoundAddress> ListenerBinder::open_again(const BoundAddress& address) const {
  return bind(address.accept, address.everywhere, address.service);
}

}  // namespace tunnel
