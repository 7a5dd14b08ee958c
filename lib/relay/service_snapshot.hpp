// One service's configuration, as its connections use it.
#pragma once

#include <memory>
#include <optional>

#include "config/config.hpp"
#include "relay/load_balancer.hpp"
#include "tls/context.hpp"
#include "x509/certificate_summary.hpp"

namespace tunnel {

// Connections keep theirs when a reload gives later ones another.
struct ServiceSnapshot {
  std::shared_ptr<const config::Service> settings;
  std::shared_ptr<const tls::Context> context;
  std::shared_ptr<LoadBalancer> load_balancer;  // of the service, across reloads
  std::optional<x509::CertificateSummary> certificate = {};
  bool watched = false;  // its files are picked up when they change on disk
};

}  // namespace tunnel
