// What a server runs on: a checked configuration and what was built from the files that it names.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "config/config.hpp"
#include "x509/certificate_summary.hpp"
#include "tls/context.hpp"

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

}  // namespace tunnel
