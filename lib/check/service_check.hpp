// A check of one service: its own certificate, then each of its targets.
#pragma once

#include <memory>
#include <string>

#include "check/report.hpp"
#include "config/config.hpp"
#include "relay/worker.hpp"
#include "tls/context.hpp"

namespace tunnel::check {

// Receives each step as it is done.
class Watcher {
 public:
  virtual ~Watcher() = default;
  // The next steps are about this target; an empty target stands for the service's own certificate.
  virtual void begin(const std::string& service, const std::string& target) = 0;
  virtual void step(const Step& step) = 0;
};

// Runs the worker's loop until the check is done. `context` is the service's, null without TLS; it
// should not resume sessions, since a resumed session shows no certificate.
ServiceReport check_service(Worker& worker, const config::Service& service,
                            const std::shared_ptr<const tls::Context>& context, Watcher& watcher);

// Whether the service's own certificate is within its validity. The service must have one.
Step check_own_certificate(const config::Service& service, std::chrono::sys_seconds now);

}  // namespace tunnel::check
