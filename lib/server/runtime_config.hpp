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

// What a service trusts and how it proves who it is, as read from its files.
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

// The result of reading a service's changed files.
struct Renewal {
  std::string service;
  std::vector<std::filesystem::path> files;  // those that have changed
  // After a mistake, the service keeps its previous credentials.
  std::variant<Credentials, config::Mistakes> result;
};

// A configuration that can run, or every mistake in it.
using LoadedConfig = std::variant<RuntimeConfig, config::Mistakes>;

}  // namespace tunnel
