// The entry of a service, and sc.exe's commands.
#include "cmd/install/windows_service.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "os/service/service_registry.hpp"

namespace tunnel::cmd {

namespace {

std::string entry_name(const Installation& service) { return "tunnel-" + service.name; }

const Error no_file{
    "a service of Windows is no file: there is nothing to print or to put elsewhere",
    "leave --print and --root away"};

}  // namespace

std::optional<Error> WindowsService::refusal(bool for_user, bool in_file) const {
  if (for_user)
    return Error{"a service of Windows is the system's, not a user's",
                 "leave --user away, and run it as an administrator"};
  if (in_file) return no_file;
  return std::nullopt;
}

Result<std::string> WindowsService::preview(const Installation&) const { return no_file; }

Result<std::string> WindowsService::install(const Installation& service) const {
  const os::ServiceEntry entry{
      entry_name(service),
      "TLS tunnel " + service.name,
      {service.program, "--config", service.config},
      service.account,
      fmt::format("{} for {}; tunnel uninstall removes it", installed_mark, service.config)};
  const auto added = os::add_service(entry, is_ours);
  if (!added) return added.error();
  if (!*added)
    return Error{fmt::format("the service {} is there already, and not of this command's making",
                             escaped(entry.name)),
                 "remove it, or choose another name: --name"};
  std::string out = fmt::format(
      "service {0}, run as {1}, which must be able to read {2} and what it "
      "names\nstart it:   sc start {0}\nreload it:  sc control {0} paramchange\n",
      entry.name, entry.account, service.config);
  if (!service.has_log_target)
    out += "without [log] file = \"...\", only errors and warnings are kept, in the Event Log\n";
  return out;
}

Result<std::string> WindowsService::uninstall(const Installation& service) const {
  const std::string name = entry_name(service);
  const auto removed = os::remove_service(name, is_ours);
  if (!removed) return removed.error();
  if (!*removed)
    return Error{fmt::format("the service {} is not of tunnel install's making", escaped(name)),
                 "remove it by hand: sc delete " + escaped(name)};
  return fmt::format("removed the service {}\n", name);
}

}  // namespace tunnel::cmd
