// Files by the keys that name them.
#include "server/service_files.hpp"

#include <algorithm>
#include <iterator>

namespace tunnel {

std::vector<std::filesystem::path> files_of(const config::Service& service) {
  std::vector<std::filesystem::path> out;
  if (!service.tls) return out;
  for (const auto* file : {&service.cert, &service.key, &service.key_password_file, &service.crl})
    if (*file) out.push_back((*file)->path);
  for (const auto* list : {&service.ca, &service.client_ca})
    for (const config::FileRef& file : *list) out.push_back(file.path);
  return out;
}

std::vector<std::filesystem::path> watched_files(const config::Config& config) {
  std::vector<std::filesystem::path> out;
  if (!config.process.watch) return out;
  for (const config::Service& service : config.services)
    std::ranges::move(files_of(service), std::back_inserter(out));
  return out;
}

std::vector<std::filesystem::path> all_files(const config::Config& config) {
  std::vector<std::filesystem::path> out;
  for (const config::Service& service : config.services)
    std::ranges::move(files_of(service), std::back_inserter(out));
  if (config.status && !config.status->token_file.empty()) out.push_back(config.status->token_file);
  return out;
}

}  // namespace tunnel
