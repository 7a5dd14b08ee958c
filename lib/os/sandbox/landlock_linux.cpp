// Restricts files and TCP ports by Landlock, see landlock(7). The constants are spelled out, since
// the kernel's header may be older than the kernel.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <system_error>

#include "os/sandbox/sandbox.hpp"

namespace tunnel::os {

namespace {

namespace fs = std::filesystem;
using Rights = std::uint64_t;

constexpr long create_ruleset_call = 444;
constexpr long add_rule_call = 445;
constexpr long restrict_self_call = 446;

constexpr Rights write_file = 1 << 1;
constexpr Rights read_file = 1 << 2;
constexpr Rights read_folder = 1 << 3;
constexpr Rights remove_file = 1 << 5;
constexpr Rights make_file = 1 << 8;
constexpr Rights make_socket = 1 << 9;
constexpr Rights truncate_file = 1 << 14;

constexpr Rights bind_tcp = 1 << 0;
constexpr Rights connect_tcp = 1 << 1;
constexpr Rights abstract_sockets = 1 << 0;
constexpr Rights signals = 1 << 1;

// The first ABI version with each feature.
constexpr int knows_truncate = 3;
constexpr int knows_tcp = 4;
constexpr int knows_scopes = 6;

struct RulesetAttributes {
  std::uint64_t files;
  std::uint64_t network;
  std::uint64_t scoped;
};
struct [[gnu::packed]] PathRule {
  std::uint64_t allowed;
  std::int32_t parent;
};
struct PortRule {
  std::uint64_t allowed;
  std::uint64_t port;
};
constexpr int path_rule = 1;
constexpr int port_rule = 2;

Rights known_file_rights(int version) {
  constexpr Rights since_first = (1 << 13) - 1;
  Rights out = since_first;
  if (version >= 2) out |= 1 << 13;  // moving between folders
  if (version >= knows_truncate) out |= truncate_file;
  if (version >= 5) out |= 1 << 15;  // ioctl on devices
  return out;
}

// Readable at any time: the files of name resolution, and the system's authorities. All of /etc,
// since files in it are replaced by renames while the program runs, above all resolv.conf.
constexpr const char* system_paths[] = {"/etc",
                                        "/usr/share/ca-certificates",
                                        "/usr/local/share/ca-certificates",
                                        "/var/lib/ca-certificates",
                                        "/run/systemd/resolve",
                                        "/run/resolvconf",
                                        "/run/NetworkManager",
                                        "/lib",
                                        "/lib64",
                                        "/usr/lib",
                                        "/usr/lib64",
                                        "/usr/local/lib",
                                        "/nix/store",
                                        "/dev/urandom",
                                        "/dev/random",
                                        "/sys/devices/system/cpu"};

// The folder that resolv.conf's link leads to; empty if it is a top-level folder.
fs::path folder_of_name_servers() {
  std::error_code error;
  const fs::path folder = fs::canonical("/etc/resolv.conf", error).parent_path();
  const bool deep = std::distance(folder.begin(), folder.end()) > 2;
  return error || !deep ? fs::path() : folder;
}

class Ruleset {
 public:
  Ruleset(int descriptor, Rights known) : descriptor_(descriptor), known_(known) {}
  ~Ruleset() { close(descriptor_); }
  Ruleset(const Ruleset&) = delete;
  Ruleset& operator=(const Ruleset&) = delete;

  // A path that doesn't exist needs no rule, and can't have one.
  void allow(const fs::path& path, Rights rights) const {
    const int parent = open(path.c_str(), O_PATH | O_CLOEXEC);
    if (parent < 0) return;
    struct stat status {};
    constexpr Rights of_files = write_file | read_file | truncate_file;
    if (fstat(parent, &status) == 0 && !S_ISDIR(status.st_mode)) rights &= of_files;
    const PathRule rule{rights & known_, parent};
    syscall(add_rule_call, descriptor_, path_rule, &rule, 0);
    close(parent);
  }

  void allow(std::uint16_t port, Rights rights) const {
    const PortRule rule{rights, port};
    syscall(add_rule_call, descriptor_, port_rule, &rule, 0);
  }

  bool enforce() const { return syscall(restrict_self_call, descriptor_, 0) == 0; }

 private:
  const int descriptor_;
  const Rights known_;
};

std::string list(const std::vector<fs::path>& paths) {
  std::string out;
  for (const fs::path& path : paths) out += (out.empty() ? "" : ", ") + path.string();
  return out;
}

std::string why_missing(int error) {
  if (error == ENOSYS) return "this kernel has no Landlock (Linux has it from 5.13 on)";
  if (error == EOPNOTSUPP) return "Landlock is switched off (the kernel's lsm= does not name it)";
  return std::string("Landlock is refused: ") + std::strerror(error);
}

}  // namespace

Layer restrict_files(const Needs& needs) {
  constexpr int ask_version = 1;
  const int version = static_cast<int>(syscall(create_ruleset_call, nullptr, 0, ask_version));
  if (version < 0) return {false, "files are not restricted: " + why_missing(errno)};

  RulesetAttributes wanted{known_file_rights(version), 0, 0};
  if (needs.ports_are_fixed && version >= knows_tcp) wanted.network = bind_tcp | connect_tcp;
  if (version >= knows_scopes)
    wanted.scoped = abstract_sockets | (needs.signals_others ? 0 : signals);
  // older kernels take a shorter struct
  const std::size_t size = version >= knows_scopes ? sizeof wanted
                           : version >= knows_tcp  ? 2 * sizeof(std::uint64_t)
                                                   : sizeof(std::uint64_t);
  const int descriptor = static_cast<int>(syscall(create_ruleset_call, &wanted, size, 0));
  if (descriptor < 0) return {false, "files are not restricted: " + why_missing(errno)};
  const Ruleset rules(descriptor, wanted.files);
  for (const char* path : system_paths) rules.allow(path, read_file | read_folder);
  rules.allow(folder_of_name_servers(), read_file | read_folder);
  rules.allow("/dev/null", read_file | write_file);
  for (const fs::path& path : needs.read) rules.allow(path, read_file | read_folder);
  for (const fs::path& path : needs.write)
    rules.allow(path,
                read_file | read_folder | write_file | make_file | remove_file | truncate_file);
  for (const fs::path& path : needs.append) rules.allow(path, write_file | make_file);
  for (const fs::path& path : needs.sockets) rules.allow(path, make_socket | remove_file);
  if (wanted.network != 0) {
    for (const std::uint16_t port : needs.bind) rules.allow(port, bind_tcp);
    for (const std::uint16_t port : needs.connect) rules.allow(port, connect_tcp);
    constexpr std::uint16_t dns = 53;  // for responses too long for UDP
    rules.allow(dns, connect_tcp);
  }
  if (!rules.enforce()) return {false, "files are not restricted: " + why_missing(errno)};

  std::vector<fs::path> written = needs.write;
  written.insert(written.end(), needs.append.begin(), needs.append.end());
  std::string words =
      fmt::format("files by Landlock, version {}: it reads {}{}what resolves names, and writes {}",
                  version, list(needs.read), needs.read.empty() ? "" : " and ",
                  written.empty() ? "nowhere" : "in " + list(written));
  if (wanted.network != 0)
    words += "; TCP ports are those of the configuration";
  else if (needs.ports_are_fixed)
    words += "; TCP ports are not restricted, which takes Linux 6.7";
  return {true, std::move(words)};
}

}  // namespace tunnel::os
