// Joins and leaves lookups.
#include "net/resolver.hpp"

#include <utility>

namespace tunnel::net {

std::shared_ptr<Resolver::Lookup> Resolver::join(const Executor& executor,
                                                 const config::HostPort& target) {
  std::erase_if(in_flight_, [](const auto& entry) {
    const auto lookup = entry.second.lock();
    return !lookup || lookup->done;
  });
  auto& known = in_flight_[{target.host, target.port}];
  if (auto lookup = known.lock()) return lookup;
  const auto lookup = std::make_shared<Lookup>(executor);
  known = lookup;
  lookup->resolver.async_resolve(
      target.host, std::to_string(target.port), asio::ip::resolver_base::numeric_service,
      [lookup](const ErrorCode& error, const SystemResolver::results_type& results) {
        lookup->done = true;
        lookup->error = error;
        for (const auto& entry : results) lookup->endpoints.push_back(entry.endpoint());
        for (Timer* waiting : lookup->waiting) waiting->cancel();
      });
  return lookup;
}

Resolver::Wait::Wait(Resolver& resolver, std::shared_ptr<Lookup> lookup, Timer& timer)
    : resolver_(resolver), lookup_(std::move(lookup)), timer_(timer) {
  lookup_->waiting.insert(&timer_);
}

Resolver::Wait::~Wait() {
  lookup_->waiting.erase(&timer_);
  if (lookup_->done || !lookup_->waiting.empty()) return;
  // a cancelled lookup must not be joined
  std::erase_if(resolver_.in_flight_,
                [&](const auto& entry) { return entry.second.lock() == lookup_; });
  lookup_->resolver.cancel();
}

}  // namespace tunnel::net
