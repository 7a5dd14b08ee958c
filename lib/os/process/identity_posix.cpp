// Users and groups by POSIX.
#include "os/process/identity.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/auxv.h>
#endif

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/text.hpp"

namespace tunnel::os {

namespace {

std::optional<std::uint32_t> number(const std::string& text) {
  std::uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  // the maximum means "unchanged" to the calls below
  return error == std::errc() && stop == end && value != UINT32_MAX ? std::optional(value)
                                                                    : std::nullopt;
}

Error failed(const std::string& what, int error) {
  return {fmt::format("{}: {}", what, std::strerror(error))};
}

}  // namespace

std::variant<Identity, IdentityError> find_identity(const std::string& user,
                                                    const std::string& group) {
  Identity out{user, group, geteuid(), getegid(), {}};
  if (!user.empty()) {
    const auto id = number(user);
    // not thread-safe: called before there are threads
    const passwd* entry = getpwnam(user.c_str());
    if (entry == nullptr && id) entry = getpwuid(*id);
    if (entry == nullptr && !id)
      return IdentityError{IdentityError::Code::unknown_user,
                           {fmt::format("there is no user \"{}\" on this system", escaped(user)),
                            "useradd --system --no-create-home --shell /usr/sbin/nologin " + user}};
    out.uid = entry != nullptr ? entry->pw_uid : *id;
    out.gid = entry != nullptr ? entry->pw_gid : *id;
    if (entry != nullptr && group.empty()) {
      int count = 64;
      std::vector<gid_t> groups(static_cast<std::size_t>(count));
#ifdef __APPLE__
      std::vector<int> found(groups.size());
      getgrouplist(entry->pw_name, static_cast<int>(entry->pw_gid), found.data(), &count);
      groups.assign(found.begin(), found.end());
#else
      if (getgrouplist(entry->pw_name, entry->pw_gid, groups.data(), &count) < 0 && count > 64) {
        groups.resize(static_cast<std::size_t>(count));
        getgrouplist(entry->pw_name, entry->pw_gid, groups.data(), &count);
      }
#endif
      groups.resize(std::min(groups.size(), static_cast<std::size_t>(count)));
      out.groups.assign(groups.begin(), groups.end());
    }
  }
  if (!group.empty()) {
    const auto id = number(group);
    const ::group* entry = getgrnam(group.c_str());
    if (entry == nullptr && !id)
      return IdentityError{IdentityError::Code::unknown_group,
                           {fmt::format("there is no group \"{}\" on this system", escaped(group)),
                            "groupadd --system " + group}};
    out.gid = entry != nullptr ? entry->gr_gid : *id;
  }
  if (out.groups.empty()) out.groups.push_back(out.gid);
  return out;
}

std::string group_name(const Identity& identity) {
  const ::group* entry = getgrgid(identity.gid);
  return entry != nullptr ? entry->gr_name : std::to_string(identity.gid);
}

Result<std::monostate> become(const Identity& identity) {
  if (identity.user.empty() && identity.group.empty()) return std::monostate{};
  const bool same = getuid() == identity.uid && geteuid() == identity.uid &&
                    getgid() == identity.gid && getegid() == identity.gid;
  if (same && geteuid() != 0) return std::monostate{};
  std::vector<gid_t> groups(identity.groups.begin(), identity.groups.end());
  if (setgroups(
#ifdef __APPLE__
          static_cast<int>(groups.size()),
#else
          groups.size(),
#endif
          groups.data()) != 0)
    return failed(fmt::format("cannot take the groups of \"{}\"", escaped(identity.user)), errno);
#ifdef __APPLE__
  if (setgid(identity.gid) != 0)
#else
  if (setresgid(identity.gid, identity.gid, identity.gid) != 0)
#endif
    return failed(fmt::format("cannot become group {}", identity.gid), errno);
#ifdef __APPLE__
  if (setuid(identity.uid) != 0)
#else
  if (setresuid(identity.uid, identity.uid, identity.uid) != 0)
#endif
    return failed(fmt::format("cannot become user {}", identity.uid), errno);
  // root that can come back was never given up
  if (identity.uid != 0 && (setuid(0) == 0 || seteuid(0) == 0))
    return Error{"root was not given up: the system gives it back", "report this"};
  return std::monostate{};
}

bool gave_up_root() {
#ifdef __linux__
  return getauxval(AT_EUID) == 0 && geteuid() != 0;
#else
  return false;
#endif
}

}  // namespace tunnel::os
