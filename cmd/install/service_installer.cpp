// The choice of an installer, and the rules that all of them share.
#include "cmd/install/service_installer.hpp"

#include <algorithm>
#include <cctype>

#include "cmd/install/launchd.hpp"
#include "cmd/install/systemd.hpp"
#include "cmd/install/windows_service.hpp"

namespace tunnel::cmd {

std::unique_ptr<const ServiceInstaller> ServiceInstaller::make(std::string_view manager) {
  if (manager == "systemd") return std::make_unique<Systemd>();
  if (manager == "launchd") return std::make_unique<Launchd>();
  return std::make_unique<WindowsService>();
}

bool is_service_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name.front() != '-' && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' ||
                  c == '.';
         });
}

bool is_ours(const std::string& content) {
  return content.substr(0, 300).find(installed_mark) != std::string::npos;
}

}  // namespace tunnel::cmd
