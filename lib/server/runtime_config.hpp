// A checked configuration with the TLS contexts and certificates that it needs to run.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "config/config.hpp"
#include "config/reader.hpp"
#include "server/file_stamps.hpp"
#include "tls/context.hpp"
#include "x509/certificate_summary.hpp"

namespace tunnel {

// What the files of a service make: what it trusts, and who it is.
struct Credentials {
  std::shared_ptr<const tls::Context> context;  // null if it speaks no TLS
  // The first certificate of its own chain to expire; nothing if it has no certificate.
  std::optional<x509::CertificateSummary> certificate;
  std::vector<Error> certificate_doubts;  // what clients will refuse in a server's certificate
};

struct RuntimeConfig {
  config::Config config;
  std::vector<Credentials> credentials;  // of each service
  FileStamps files;                      // to watch, as they were before they were read
};

// What became of a service whose files have changed.
struct Renewal {
  std::string service;
  std::vector<std::filesystem::path> files;  // of the service, that have changed
  // A mistake leaves the service with what it had.
  std::variant<Credentials, config::Mistakes> result;
};

// A configuration that can run, or every mistake in it.
using LoadedConfig = std::variant<RuntimeConfig, config::Mistakes>;

}  // namespace tunnel
