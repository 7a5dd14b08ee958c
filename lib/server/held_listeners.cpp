// Binding for a worker that may have fewer rights.
#include "server/held_listeners.hpp"

#include <algorithm>
#include <asio/io_context.hpp>
#include <optional>
#include <set>
#include <utility>

#include "net/listen.hpp"
#include "server/listener_binder.hpp"

namespace tunnel {

namespace {

std::set<std::uint16_t> ports_of(const std::vector<config::Service>& services) {
  std::set<std::uint16_t> out;
  for (const config::Service& service : services)
    for (const config::SocketAddress& accept : service.accept)
      if (accept.tcp() != nullptr) out.insert(accept.tcp()->port);
  return out;
}

}  // namespace

HeldListeners::~HeldListeners() {
  for (Held& held : held_) close(held);
}

void HeldListeners::close(Held& held) {
  for (const os::NativeSocket socket : held.sockets) os::close_socket(socket);
  held.sockets.clear();
  held.file = os::SocketFile();
}

HeldListeners::Held* HeldListeners::find(const config::Service& service,
                                         const config::SocketAddress& accept) {
  const auto found = std::ranges::find_if(held_, [&](const Held& held) {
    return !held.wanted &&
           is_same_address(held.accept, held.everywhere, held.service, service, accept);
  });
  return found == held_.end() ? nullptr : &*found;
}

Result<HeldListeners::Held> HeldListeners::bind(const config::Service& service,
                                                const config::SocketAddress& accept,
                                                const std::set<std::uint16_t>& reserved,
                                                bool& busy) const {
  Held out{accept, service.accepts_tls(), service.name, {}};
  out.fresh = out.wanted = true;
  out.goes_to = service.name;
  if (const config::UnixSocket* local = accept.local()) {
    auto listener = os::listen_local(local->path);
    if (!listener) return listener.error();
    out.sockets.push_back(listener->socket);
    out.file = std::move(listener->file);
  } else if (const config::InheritedSocket* inherited = accept.inherited()) {
    auto passed = manager_.sockets(inherited->name);
    if (!passed) return passed.error();
    out.sockets = std::move(*passed);
  } else {
    asio::io_context never_run;
    auto acceptors =
        net::listen(never_run.get_executor(), *accept.tcp(), out.everywhere, reserved, &busy);
    if (!acceptors) return acceptors.error();
    for (net::Acceptor& acceptor : *acceptors) {
      net::ErrorCode ignored;
      out.sockets.push_back(static_cast<os::NativeSocket>(acceptor.release(ignored)));
    }
  }
  return out;
}

std::vector<BindRefusal> HeldListeners::prepare(const std::vector<config::Service>& services) {
  for (Held& held : held_) held.fresh = held.wanted = held.gave_way = false;
  // first all that stay: only the rest may give way to a new address
  std::vector<std::pair<const config::Service*, const config::SocketAddress*>> wanted;
  for (const config::Service& service : services)
    for (const config::SocketAddress& accept : service.accept) {
      if (Held* held = find(service, accept)) {
        held->wanted = true;
        held->goes_to = service.name;
      } else {
        wanted.emplace_back(&service, &accept);
      }
    }
  const std::set<std::uint16_t> reserved = ports_of(services);
  std::vector<BindRefusal> refusals;
  for (const auto& [service, accept] : wanted) {
    bool busy = false;
    auto bound = bind(*service, *accept, reserved, busy);
    const std::uint16_t port = accept->tcp() != nullptr ? accept->tcp()->port : std::uint16_t{0};
    if (!bound && busy && port != 0 && make_way(port))
      bound = bind(*service, *accept, reserved, busy);
    if (bound)
      held_.push_back(std::move(*bound));
    else
      refusals.push_back({service->name, bound.error()});
  }
  return refusals;
}

bool HeldListeners::make_way(std::uint16_t port) {
  bool any = false;
  for (Held& held : held_) {
    if (held.wanted || held.accept.tcp() == nullptr || held.accept.tcp()->port != port) continue;
    for (const os::NativeSocket socket : held.sockets) os::stop_listening(socket);
    any = held.gave_way = true;
  }
  return any;
}

HandedAddress HeldListeners::handed(const Held& held) {
  return {held.goes_to, held.accept.text(), held.sockets};
}

std::vector<HandedAddress> HeldListeners::added() const {
  std::vector<HandedAddress> out;
  for (const Held& held : held_)
    if (held.fresh) out.push_back(handed(held));
  return out;
}

std::vector<HandedAddress> HeldListeners::all() const {
  std::vector<HandedAddress> out;
  for (const Held& held : held_) {
    for (const os::NativeSocket socket : held.sockets)
      if (!os::is_listening(socket)) os::listen_again(socket);
    out.push_back(handed(held));
  }
  return out;
}

void HeldListeners::commit() {
  for (Held& held : held_) {
    if (!held.wanted) close(held);
    held.service = held.goes_to;
    held.fresh = false;
  }
  std::erase_if(held_, [](const Held& held) { return !held.wanted; });
}

void HeldListeners::roll_back() {
  for (Held& held : held_)
    if (held.fresh) close(held);
  std::erase_if(held_, [](const Held& held) { return held.fresh; });
  for (Held& held : held_) {
    held.goes_to = held.service;
    if (!std::exchange(held.gave_way, false)) continue;
    for (const os::NativeSocket socket : held.sockets) os::listen_again(socket);
  }
}

}  // namespace tunnel
