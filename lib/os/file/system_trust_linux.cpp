// The trust store of a Linux distribution or a BSD: OpenSSL's two variables, else well-known paths.
#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string_view>

#include "os/file/system_trust.hpp"

namespace tunnel::os {

namespace {

namespace fs = std::filesystem;

// The first that is not empty is used: small containers have an empty bundle.
constexpr const char* files[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Alpine, Arch, Gentoo
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora, RHEL
    "/etc/pki/tls/certs/ca-bundle.crt",                   // older RHEL, NixOS, Mageia
    "/etc/ssl/ca-bundle.pem",                             // openSUSE
    "/var/lib/ca-certificates/ca-bundle.pem",             // openSUSE, transactional
    "/etc/pki/tls/cacert.pem",                            // OpenELEC
    "/etc/ssl/certs/ca-bundle.crt",                       // NixOS, Slackware
    "/etc/ssl/cert.pem",                                  // Alpine, OpenWrt, OpenBSD, FreeBSD
    "/usr/local/etc/ssl/cert.pem",                        // FreeBSD
    "/usr/local/share/certs/ca-root-nss.crt",             // FreeBSD, DragonFly
    "/etc/openssl/certs/ca-certificates.crt",             // NetBSD
};

// Folders of single certificates, used if there is no bundle.
constexpr const char* folders[] = {
    "/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/openssl/certs",
    "/system/etc/security/cacerts",  // Android
};

bool is_filled_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && fs::file_size(path, error) > 0 && !error;
}

bool is_filled_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error) && !fs::is_empty(path, error) && !error;
}

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

// A variable may well name one of the usual places, in an image that sets it for all.
std::string how_to_install_trust() {
  const auto is_usual = [](const auto& places, std::string_view path) {
    return std::ranges::find(places, path) != std::end(places);
  };
  const std::string_view file = variable("SSL_CERT_FILE");
  if (!file.empty() && !is_usual(files, file)) return "correct or unset SSL_CERT_FILE";
  const std::string_view folder = variable("SSL_CERT_DIR");
  if (file.empty() && !folder.empty() && !is_usual(folders, folder))
    return "correct or unset SSL_CERT_DIR";
  return "install the package ca-certificates";
}

Result<SystemTrust> system_trust() {
  SystemTrust trust;
  const std::string_view file = variable("SSL_CERT_FILE");
  std::string_view list = variable("SSL_CERT_DIR");
  if (!file.empty()) trust.paths.emplace_back(file);
  // a list like PATH; OpenSSL skips missing folders
  const bool listed = !list.empty();
  while (!list.empty()) {
    const std::size_t colon = std::min(list.find(':'), list.size());
    if (const fs::path folder = list.substr(0, colon); is_filled_folder(folder))
      trust.paths.push_back(folder);
    list.remove_prefix(std::min(colon + 1, list.size()));
  }
  if (!trust.paths.empty()) return trust;
  if (listed)
    return Error{"no folder of SSL_CERT_DIR is there and holds a file", how_to_install_trust()};

  for (const char* path : files)
    if (is_filled_file(path)) return SystemTrust{.paths = {path}};
  for (const char* path : folders)
    if (is_filled_folder(path)) return SystemTrust{.paths = {path}};
  return Error{"this system has no trust store in any of the usual places",
               "install the package ca-certificates or set SSL_CERT_FILE"};
}

}  // namespace tunnel::os
