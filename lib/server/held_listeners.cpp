// Binds with the keeper's privileges.
#include "server/held_listeners.hpp"

#include <algorithm>
#include <asio/io_context.hpp>
#include <optional>
#include <set>
#include <utility>

#include "net/listen.hpp"
#include "server/listener_binder.hpp"

namespace tunnel {

HeldListeners::~HeldListeners() {
  for (Held& held : held_) close(held);
}

void HeldListeners::close(Held& held) {
  for (const os::NativeSocket socket : held.sockets) os::close_socket(socket);
  held.sockets.clear();
  held.file = os::SocketFile();
}

std::vector<HeldListeners::Wanted> HeldListeners::wanted_by(const config::Config& config) {
  std::vector<Wanted> out;
  for (const config::Service& service : config.services)
    for (const config::SocketAddress& accept : service.accept)
      out.push_back({service.name, accept, service.accepts_tls()});
  if (config.status) out.push_back({status_name, config.status->listen, false});
  return out;
}

HeldListeners::Held* HeldListeners::find(const Wanted& wanted) {
  const auto found = std::ranges::find_if(held_, [&](const Held& held) {
    return !held.wanted && is_same_address(held.accept, held.everywhere, held.service,
                                           wanted.accept, wanted.everywhere, wanted.service);
  });
  return found == held_.end() ? nullptr : &*found;
}

std::optional<HeldListeners::Held> HeldListeners::take_adopted(const Wanted& wanted) {
  const auto found = std::ranges::find_if(adopted_, [&](const HandedAddress& address) {
    return address.service == wanted.service && address.accept == wanted.accept.text() &&
           address.everywhere == wanted.everywhere;
  });
  if (found == adopted_.end()) return std::nullopt;
  Held out{wanted.accept, wanted.everywhere, wanted.service, std::move(found->sockets)};
  adopted_.erase(found);
  if (const config::UnixSocket* local = wanted.accept.local())
    out.file = os::SocketFile(local->path);
  return out;
}

Result<HeldListeners::Held> HeldListeners::bind(const Wanted& wanted,
                                                const std::set<std::uint16_t>& reserved,
                                                bool& busy) const {
  Held out{wanted.accept, wanted.everywhere, wanted.service, {}};
  if (const config::UnixSocket* local = wanted.accept.local()) {
    auto listener = os::listen_local(local->path);
    if (!listener) return listener.error();
    out.sockets.push_back(listener->socket);
    out.file = std::move(listener->file);
  } else if (const config::InheritedSocket* inherited = wanted.accept.inherited()) {
    auto passed = manager_.sockets(inherited->name);
    if (!passed) return passed.error();
    out.sockets = std::move(*passed);
  } else {
    asio::io_context never_run;
    auto acceptors = net::listen(never_run.get_executor(), *wanted.accept.tcp(), wanted.everywhere,
                                 reserved, &busy);
    if (!acceptors) return acceptors.error();
    for (net::Acceptor& acceptor : *acceptors) {
      net::ErrorCode ignored;
      out.sockets.push_back(static_cast<os::NativeSocket>(acceptor.release(ignored)));
    }
  }
  return out;
}

std::vector<BindRefusal> HeldListeners::prepare(const config::Config& config) {
  for (Held& held : held_) held.fresh = held.wanted = held.gave_way = false;
  // first all that stay: only the rest may give way to a new address
  std::vector<Wanted> missing;
  std::set<std::uint16_t> reserved;
  for (const Wanted& wanted : wanted_by(config)) {
    if (wanted.accept.tcp() != nullptr) reserved.insert(wanted.accept.tcp()->port);
    if (Held* held = find(wanted)) {
      held->wanted = true;
      held->goes_to = wanted.service;
    } else {
      missing.push_back(wanted);
    }
  }
  std::vector<BindRefusal> refusals;
  for (const Wanted& wanted : missing) {
    bool busy = false;
    auto adopted = take_adopted(wanted);
    auto bound = adopted ? Result<Held>(std::move(*adopted)) : bind(wanted, reserved, busy);
    const config::HostPort* tcp = wanted.accept.tcp();
    if (!bound && busy && tcp != nullptr && tcp->port != 0 && make_way(tcp->port))
      bound = bind(wanted, reserved, busy);
    if (!bound) {
      refusals.push_back({wanted.service, bound.error()});
      continue;
    }
    bound->fresh = bound->wanted = true;
    bound->goes_to = wanted.service;
    held_.push_back(std::move(*bound));
  }
  for (const HandedAddress& unused : std::exchange(adopted_, {}))
    for (const os::NativeSocket socket : unused.sockets) os::close_socket(socket);
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
  return {held.goes_to, held.accept.text(), held.everywhere, held.sockets};
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

void HeldListeners::adopt(const std::vector<HandedAddress>& addresses) { adopted_ = addresses; }

void HeldListeners::leave() {
  for (Held& held : held_) {
    held.file.forget();
    close(held);
  }
  held_.clear();
}

}  // namespace tunnel
