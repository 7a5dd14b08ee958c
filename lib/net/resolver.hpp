// Names being resolved: who asks for one that is under way already waits for the same answer.
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

// The system resolves a few names at a time: without this, many clients would wait for each other
// behind a slow name server. Nothing is kept once it is answered. Belongs to one thread.
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

  // What is under way for this name, or a new one.
  std::shared_ptr<Lookup> join(const Executor& executor, const config::HostPort& target);

  // A waiting timer: cancelled when the lookup is done, or sooner by its owner.
  class Wait {
   public:
    Wait(Resolver& resolver, std::shared_ptr<Lookup> lookup, Timer& timer);
    // A lookup cannot be cancelled once the system has it; it is left to end by itself.
    ~Wait();
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;

   private:
    Resolver& resolver_;
    const std::shared_ptr<Lookup> lookup_;
    Timer& timer_;
  };

 private:
  std::map<std::pair<std::string, std::uint16_t>, std::weak_ptr<Lookup>> under_way_;
};

}  // namespace tunnel::net
