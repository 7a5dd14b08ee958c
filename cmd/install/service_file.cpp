// Writes and removes service files.
#include "cmd/install/service_file.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <system_error>

#include "base/path.hpp"
#include "cmd/cli/environment_variables.hpp"
#include "cmd/install/account_check.hpp"
#include "os/process/identity.hpp"

namespace tunnel::cmd {

namespace {

namespace fs = std::filesystem;

std::optional<std::string> read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// Replaces the file at once, so that the manager never reads half of it.
Result<std::monostate> write_file(const fs::path& file, const std::string& content) {
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  fs::path fresh = file;
  fresh += ".new";
  bool good = false;
  if (!error) {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << content;
    out.close();
    good = static_cast<bool>(out);
  }
  if (good) fs::rename(fresh, file, error);
  if (good && !error) return std::monostate{};
  std::error_code ignored;
  fs::remove(fresh, ignored);
  return Error{fmt::format("{} cannot be written", shown(file)),
               "run it as root, or install it for this user alone: --user"};
}

}  // namespace

std::string home_folder() { return environment_variable("HOME").value_or(""); }

Result<std::string> ServiceFile::preview(const Installation& service) const {
  const auto file = path(service);
  if (!file) return file.error();
  return content(service);
}

Result<std::string> ServiceFile::install(const Installation& service) const {
  // with --root, the account may exist in that image only
  if (!service.for_user && service.root.empty()) {
    const auto account = os::find_identity(service.account, "");
    if (const auto* unknown = std::get_if<os::IdentityError>(&account))
      return Error{unknown->error.what, unknown->error.hint + ", or name one: --as NAME"};
  }
  if (!service.for_user && !service.in_image)
    if (auto problem = account_problem(service)) return std::move(*problem);
  const auto file = path(service);
  if (!file) return file.error();
  if (const auto there = read_file(*file); there && !is_ours(*there))
    return Error{fmt::format("{} is there already, and not of this command's making", shown(*file)),
                 "remove it, or choose another name: --name"};
  if (auto written = write_file(*file, content(service)); !written) return written.error();
  if (auto enabled = enable(service, *file); !enabled) return enabled.error();
  return text_of(*file) + "\n" + how_to_start(service, *file);
}

Result<std::string> ServiceFile::uninstall(const Installation& service) const {
  const auto file = path(service);
  if (!file) return file.error();
  const auto there = read_file(*file);
  if (!there)
    return Error{fmt::format("there is no {}", shown(*file)),
                 service.for_user ? "without --user it is looked for among the system's"
                                  : "with --user it is looked for among this user's"};
  if (!is_ours(*there))
    return Error{fmt::format("{} is not of tunnel install's making", shown(*file)),
                 "remove it by hand"};
  std::error_code error = disable(service, *file);
  if (!error) fs::remove(*file, error);
  if (error)
    return Error{fmt::format("{} cannot be removed: {}", shown(*file), error.message()),
                 "run it as root"};
  return fmt::format("removed {}\n{}", file->string(), how_to_stop(service));
}

}  // namespace tunnel::cmd
