// Which listeners belong to a service.
#include "server/bound_listeners.hpp"

namespace tunnel {

std::vector<std::shared_ptr<Listener>> BoundListeners::of(const std::string& service) const {
  std::vector<std::shared_ptr<Listener>> out;
  for (const auto* addresses : {&kept, &added})
    for (const BoundAddress& address : *addresses)
      if (address.service == service)
        out.insert(out.end(), address.listeners.begin(), address.listeners.end());
  return out;
}

}  // namespace tunnel
