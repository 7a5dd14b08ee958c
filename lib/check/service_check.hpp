// Checks of services beside each other: of each, its own certificate and then its targets.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "check/report.hpp"
#include "config/config.hpp"
#include "relay/worker.hpp"
#include "tls/context.hpp"

namespace tunnel::check {

// Receives each step of a service as it is done.
class Watcher {
 public:
  virtual ~Watcher() = default;
  // The next steps are about this target; an empty target stands for the service's own certificate.
  virtual void begin(const std::string& service, const std::string& target) = 0;
  virtual void step(const Step& step) = 0;
  virtual void finish(ServiceReport report) = 0;
};

// `context` is the service's, null without TLS; it should not resume sessions, since a resumed
// session shows no certificate. The references outlive the check.
struct Candidate {
  const config::Service& service;
  std::shared_ptr<const tls::Context> context;
  Watcher& watcher;
};

// Runs the worker's loop until all are done.
void check_services(Worker& worker, const std::vector<Candidate>& candidates);

// Whether the service's own certificate is within its validity, and one more step for each thing
// in it that clients will refuse. The service must have one.
std::vector<Step> check_own_certificate(const config::Service& service,
                                        std::chrono::sys_seconds now);

}  // namespace tunnel::check
