// One service's part of a configuration, as its connections have it.
#pragma once

#include <memory>
#include <optional>

#include "config/config.hpp"
#include "relay/load_balancer.hpp"
#include "tls/context.hpp"
#include "x509/certificate_summary.hpp"

namespace tunnel {

// One service's part, which those who came under it keep when a reload gives later ones another.
struct ServiceSnapshot {
  std::shared_ptr<const config::Service> settings;
  std::shared_ptr<const tls::Context> context;
  std::shared_ptr<LoadBalancer> targets;  // of the service, whatever its terms
  std::optional<x509::CertificateSummary> certificate = {};
};

}  // namespace tunnel
