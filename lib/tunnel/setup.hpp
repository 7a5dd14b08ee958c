// What a server runs on: a checked configuration and what was built from the files that it names.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "config/config.hpp"
#include "tls/certificate_summary.hpp"
#include "tls/context.hpp"
#include "tunnel/targets.hpp"

namespace tunnel {

struct Setup {
  config::Config config;
  // One for each service, null for plain ones.
  std::vector<std::shared_ptr<const tls::Context>> contexts;
  // Likewise the own certificate that ends first; nothing where it has none.
  std::vector<std::optional<tls::CertificateSummary>> certificates;
};

// Reads everything anew, or says every mistake. Called on a thread of its own: it may take long.
using LoadSetup = std::function<std::variant<Setup, std::vector<config::Mistake>>()>;

// One service's part, which those who came under it keep when a reload gives later ones another.
struct Terms {
  std::shared_ptr<const config::Service> settings;
  std::shared_ptr<const tls::Context> context;
  std::shared_ptr<Targets> targets;  // of the service, whatever its terms
  std::optional<tls::CertificateSummary> certificate = {};
};

}  // namespace tunnel
