// Sockets by service and address.
#include "server/handed_listeners.hpp"

#include "net/listen.hpp"

namespace tunnel {

HandedListeners::HandedListeners(const net::Executor& executor,
                                 const std::vector<HandedAddress>& addresses) {
  for (const HandedAddress& address : addresses)
    for (const os::NativeSocket socket : address.sockets)
      if (auto acceptor = net::adopt(executor, socket))
        acceptors_[{address.service, address.accept}].push_back(std::move(*acceptor));
}

std::vector<net::Acceptor> HandedListeners::take(const std::string& service,
                                                 const config::SocketAddress& accept) {
  const auto found = acceptors_.find({service, accept.text()});
  if (found == acceptors_.end()) return {};
  auto out = std::move(found->second);
  acceptors_.erase(found);
  return out;
}

}  // namespace tunnel
