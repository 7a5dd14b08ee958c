// What a server runs on: a checked configuration and what was built from the files that it names.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "config/config.hpp"
#include "tls/context.hpp"
#include "x509/certificate_summary.hpp"

namespace tunnel {

struct RuntimeConfig {
  config::Config config;
  // One for each service, null for plain ones.
  std::vector<std::shared_ptr<const tls::Context>> contexts;
  // Likewise the own certificate that ends first; nothing where it has none.
  std::vector<std::optional<x509::CertificateSummary>> certificates;
};

// Reads everything anew, or says every mistake. Called on a thread of its own: it may take long.
using ConfigLoader = std::function<std::variant<RuntimeConfig, std::vector<config::Mistake>>()>;

}  // namespace tunnel
