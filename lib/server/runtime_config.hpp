// A checked configuration with the TLS contexts and certificates that it needs to run.
#pragma once

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"
#include "config/reader.hpp"
#include "tls/context.hpp"
#include "x509/certificate_summary.hpp"

namespace tunnel {

struct RuntimeConfig {
  config::Config config;
  // One for each service; null if it speaks no TLS.
  std::vector<std::shared_ptr<const tls::Context>> contexts;
  // One for each service: of its own chain, the certificate that expires first; nothing if it has
  // no certificate.
  std::vector<std::optional<x509::CertificateSummary>> certificates;
  // One for each service: what clients will refuse in a server's certificate.
  std::vector<std::vector<Error>> certificate_doubts;
};

// A configuration that can run, or every mistake in it.
using LoadedConfig = std::variant<RuntimeConfig, config::Mistakes>;

}  // namespace tunnel
