// Which addresses stay, which are bound, and which must be closed first.
#include "server/listener_binder.hpp"

#include <algorithm>
#include <utility>

#include "net/listen.hpp"

namespace tunnel {

bool is_same_address(const config::SocketAddress& held, bool held_everywhere,
                     const std::string& held_for, const config::SocketAddress& wanted,
                     bool wanted_everywhere, const std::string& wanted_for) {
  if (held != wanted) return false;
  if (wanted.tcp() == nullptr) return true;
  // the system has chosen what port 0 is, for one service alone
  return held_everywhere == wanted_everywhere &&
         (wanted.tcp()->port != 0 || held_for == wanted_for);
}

ListenerBinder::ListenerBinder(const net::Executor& executor, const os::ServiceManager& manager,
                               const std::vector<config::Service>& services,
                               std::vector<BoundAddress*> existing, HandedListeners handed)
    : executor_(executor),
      manager_(manager),
      handed_(std::move(handed)),
      unclaimed_(std::move(existing)) {
  for (const config::Service& service : services)
    for (const config::SocketAddress& accept : service.accept)
      if (accept.tcp() != nullptr) ports_.insert(accept.tcp()->port);
}

bool ListenerBinder::keep(const config::Service& service, const config::SocketAddress& accept) {
  const auto serves = [&](const BoundAddress* address) {
    return is_same_address(address->accept, address->everywhere, address->service, accept,
                           service.accepts_tls(), service.name);
  };
  const auto found = std::ranges::find_if(unclaimed_, serves);
  if (found == unclaimed_.end()) return false;
  kept_.push_back(**found);
  kept_.back().service = service.name;
  unclaimed_.erase(found);
  return true;
}

std::optional<Error> ListenerBinder::open(const config::Service& service,
                                          const config::SocketAddress& accept) {
  if (take_handed(service, accept)) return std::nullopt;
  bool busy = false;
  auto bound = bind(accept, service.accepts_tls(), service.name, &busy);
  // if it failed for another reason, such as root given up, what makes way could not come back
  if (!bound && busy && accept.tcp()->port != 0 && make_way(accept.tcp()->port))
    bound = bind(accept, service.accepts_tls(), service.name);
  if (!bound) return bound.error();
  added_.push_back(std::move(*bound));
  return std::nullopt;
}

bool ListenerBinder::take_handed(const config::Service& service,
                                 const config::SocketAddress& accept) {
  BoundAddress address{accept, service.accepts_tls(), service.name, {}};
  // a socket from the service manager outlives this program: clients wait for the next one
  const auto held =
      accept.inherited() != nullptr ? Listener::Held::by_us : Listener::Held::by_others;
  for (net::Acceptor& acceptor : handed_.take(service.name, accept))
    address.listeners.push_back(
        std::make_shared<Listener>(std::move(acceptor), os::SocketFile(), held));
  if (address.listeners.empty()) return false;
  added_.push_back(std::move(address));
  return true;
}

bool ListenerBinder::make_way(std::uint16_t port) {
  // not that of std::ranges: clang 14 rejects the subrange that it returns
  const auto with_port =
      std::stable_partition(unclaimed_.begin(), unclaimed_.end(), [&](const BoundAddress* address) {
        const config::HostPort* tcp = address->accept.tcp();
        return tcp == nullptr || tcp->port != port;
      });
  for (auto at = with_port; at != unclaimed_.end(); ++at) {
    for (const auto& listener : (*at)->listeners) listener->close();
    gave_way_.push_back(*at);
  }
  const bool any = with_port != unclaimed_.end();
  unclaimed_.erase(with_port, unclaimed_.end());
  return any;
}

Result<BoundAddress> ListenerBinder::bind(const config::SocketAddress& accept, bool everywhere,
                                          const std::string& service, bool* busy) const {
  auto listeners = listen(accept, everywhere, busy);
  if (!listeners) return listeners.error();
  return BoundAddress{accept, everywhere, service, std::move(*listeners)};
}

Result<std::vector<std::shared_ptr<Listener>>> ListenerBinder::listen(
    const config::SocketAddress& accept, bool everywhere, bool* busy) const {
  std::vector<std::shared_ptr<Listener>> out;
  if (const config::UnixSocket* local = accept.local()) {
    auto listener = net::listen_local(executor_, local->path);
    if (!listener) return listener.error();
    out.push_back(
        std::make_shared<Listener>(std::move(listener->acceptor), std::move(listener->file)));
  } else if (const config::InheritedSocket* inherited = accept.inherited()) {
    const auto passed = manager_.sockets(inherited->name);
    if (!passed) return passed.error();
    for (const os::NativeSocket socket : *passed) {
      auto acceptor = net::adopt(executor_, socket);
      if (!acceptor) return acceptor.error();
      out.push_back(std::make_shared<Listener>(std::move(*acceptor)));
    }
  } else {
    auto acceptors = net::listen(executor_, *accept.tcp(), everywhere, ports_, busy);
    if (!acceptors) return acceptors.error();
    for (net::Acceptor& acceptor : *acceptors)
      out.push_back(std::make_shared<Listener>(std::move(acceptor)));
  }
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
