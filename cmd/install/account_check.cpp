// The program, the configuration and its files, each behind its folders.
#include "cmd/install/account_check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/path.hpp"
#include "base/shell_word.hpp"
#include "os/process/account_access.hpp"

namespace tunnel::cmd {

namespace {

namespace fs = std::filesystem;
using Kind = os::FileAccess::Kind;

// Folders that the unit has systemd make for the account.
bool is_made_at_start(const std::string& folder) {
  return folder == "/run/tunnel" || folder == "/var/lib/tunnel" || folder == "/var/log/tunnel";
}

void add_behind_folders(std::vector<os::FileAccess>& to, Kind kind, const fs::path& path) {
  fs::path folder;
  for (const fs::path& part : path.parent_path()) {
    folder /= part;
    to.push_back({Kind::enter, folder});
  }
  to.push_back({kind, path});
}

std::vector<os::FileAccess> accesses_of(const Installation& service) {
  std::vector<os::FileAccess> out;
  add_behind_folders(out, Kind::run, path_of(service.program));
  add_behind_folders(out, Kind::read, path_of(service.config));
  for (const std::string& file : service.reads) add_behind_folders(out, Kind::read, path_of(file));
  std::error_code ignored;
  for (const std::string& folder : service.writes)
    if (!is_made_at_start(folder) && fs::is_directory(path_of(folder), ignored))
      add_behind_folders(out, Kind::write, path_of(folder));
  return out;
}

// Every refused path of that kind, as a shell takes them.
std::string paths_of(Kind kind, const std::vector<os::FileAccess>& refused) {
  std::vector<std::string> words;
  for (const os::FileAccess& one : refused)
    if (std::string word = shell_word(text_of(one.path));
        one.kind == kind && std::find(words.begin(), words.end(), word) == words.end())
      words.push_back(std::move(word));
  return fmt::format("{}", fmt::join(words, " "));
}

Error problem_of(const Installation& service, const std::string& group,
                 const std::vector<os::FileAccess>& refused) {
  const os::FileAccess& first = refused.front();
  const std::string path = shown(first.path);
  const std::string& account = service.account;
  const std::string paths = paths_of(first.kind, refused);
  constexpr std::string_view or_as = ", or run it as a user that may: --as NAME";
  switch (first.kind) {
    case Kind::enter:
      return {
          fmt::format("the service runs as \"{}\", which cannot enter {}", account, path),
          fmt::format("move the files to /etc/tunnel and the program to /usr/local/bin{}", or_as)};
    case Kind::run:
      return {fmt::format("the service runs as \"{}\", which cannot run {}", account, path),
              fmt::format("sudo chmod a+rx {}{}", shell_word(text_of(first.path)), or_as)};
    case Kind::read:
      return {fmt::format("the service runs as \"{}\", which cannot read {}", account, path),
              // it must not own what it only reads: it could then rewrite its own configuration
              fmt::format("sudo chgrp {0} {1} && sudo chmod g+r {1}{2}", group, paths, or_as)};
    case Kind::write:
      break;
  }
  return {fmt::format("the service runs as \"{}\", which cannot write in {}", account, path),
          fmt::format("sudo chown {} {}{}", account, paths, or_as)};
}

}  // namespace

std::optional<Error> account_problem(const Installation& service) {
  const auto found = os::find_identity(service.account, "");
  const auto* account = std::get_if<os::Identity>(&found);
  if (account == nullptr) return std::nullopt;
  const auto refused = os::refused_accesses(*account, accesses_of(service));
  if (!refused || refused->empty()) return std::nullopt;
  return problem_of(service, shell_word(os::group_name(*account)), *refused);
}

}  // namespace tunnel::cmd
