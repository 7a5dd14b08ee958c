// Resolves names in single flight: callers that ask for the same name share one lookup.
#pragma once

#include <asio/ip/basic_resolver.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "net/io.hpp"

namespace tunnel::net {

// The system resolves a few names at a time: without this, many clients would queue up behind a
// slow name server. Answers are not cached. For one thread.
class Resolver {
 public:
  using SystemResolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;
  struct Lookup {
    explicit Lookup(const Executor& executor) : resolver(executor) {}

    SystemResolver resolver;
    std::set<Timer*> waiting;  // cancelled when it is done
    bool done = false;
    ErrorCode error;
    std::vector<Endpoint> endpoints;
  };

  // The lookup in flight for this name, or a new one.
  std::shared_ptr<Lookup> join(const Executor& executor, const config::HostPort& target);

  // Registers a timer that is cancelled when the lookup is done; its owner may cancel it sooner.
  class Wait {
   public:
    Wait(Resolver& resolver, std::shared_ptr<Lookup> lookup, Timer& timer);
    // A lookup that the system has begun cannot be cancelled; it finishes unobserved.
    ~Wait();
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;

   private:
    Resolver& resolver_;
    const std::shared_ptr<Lookup> lookup_;
    Timer& timer_;
  };

 private:
  std::map<std::pair<std::string, std::uint16_t>, std::weak_ptr<Lookup>> in_flight_;
};

}  // namespace tunnel::net
