// `tunnel keygen NAME`: creates a key and a self-signed certificate, and prints the pin for the
// other side.
#include "cmd/commands/keygen_command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>

#include "base/path.hpp"
#include "cmd/cli/exit_status.hpp"
#include "os/file/private_file.hpp"
#include "x509/key_pair.hpp"

namespace tunnel::cmd {

namespace {

namespace fs = std::filesystem;

struct KeygenOptions {
  std::string name;
  unsigned days = 3650;
};

ExitStatus refuse(const Error& error, ExitStatus status) {
  return fail(error, status, "tunnel keygen");
}

// Ignores signals while both files are written.
class IgnoreSignals {
 public:
  IgnoreSignals()
      : interrupt_(std::signal(SIGINT, SIG_IGN)), terminate_(std::signal(SIGTERM, SIG_IGN)) {}
  ~IgnoreSignals() {
    std::signal(SIGINT, interrupt_);
    std::signal(SIGTERM, terminate_);
  }
  IgnoreSignals(const IgnoreSignals&) = delete;
  IgnoreSignals& operator=(const IgnoreSignals&) = delete;

 private:
  void (*interrupt_)(int);
  void (*terminate_)(int);
};

// Creates both files or none.
Result<std::monostate> write_pair(const fs::path& key_file, const fs::path& certificate_file,
                                  const x509::KeyPair& pair) {
  const IgnoreSignals ignore_signals;
  if (auto written = os::create_file(key_file, pair.key, os::Readable::by_owner); !written)
    return written;
  auto written = os::create_file(certificate_file, pair.certificate, os::Readable::by_all);
  std::error_code ignored;
  if (!written) fs::remove(key_file, ignored);
  return written;
}

ExitStatus keygen(const KeygenOptions& options) {
  if (auto good = x509::check_name(options.name); !good)
    return refuse(good.error(), ExitStatus::usage);
  std::string stem = options.name;
  std::replace(stem.begin(), stem.end(), ':',
               '-');  // from an IPv6 address; not valid in file names on Windows
  const fs::path key_file = path_of(stem + ".key");
  const fs::path certificate_file = path_of(stem + ".pem");
  const std::string advice =
      "a key that is in use must not be lost: remove both files, or go to another folder";
  for (const fs::path& file : {key_file, certificate_file})
    if (std::error_code ignored; fs::exists(fs::symlink_status(file, ignored)))
      return refuse({fmt::format("{} is there already", shown(file)), advice}, ExitStatus::failed);
  const auto pair = x509::make_key_pair(options.name, options.days);
  if (!pair) return refuse(pair.error(), ExitStatus::failed);
  if (auto written = write_pair(key_file, certificate_file, *pair); !written)
    return refuse({written.error().what,
                   written.error().hint.empty() ? "no file has been left" : written.error().hint},
                  ExitStatus::failed);
  print(stdout, fmt::format(R"({0}.key is the private key: it stays on this machine
{0}.pem is the certificate, valid until {1}

in the service on this machine:
    cert = "{0}.pem"
    key = "{0}.key"

if this machine is the server, in the client's service:
    pin = "{2}"
if this machine is the client, in the server's service:
    client_pin = "{2}"
)",
                            stem, pair->not_after, pair->pin));
  return ExitStatus::ok;
}

}  // namespace

void add_keygen(CLI::App& app, Command& chosen) {
  auto* command = app.add_subcommand(
      "keygen", "Make a key, its certificate, and the pin line for the other side");
  command->footer(R"(Examples:
  tunnel keygen relay.example
  tunnel keygen laptop
  tunnel keygen 192.0.2.7 --days 90)");
  const auto options = std::make_shared<KeygenOptions>();
  command
      ->add_option("NAME", options->name,
                   "The machine's host name or address; the files are "
                   "NAME.key and NAME.pem, in this folder")
      ->required();
  command->add_option("--days", options->days, "How long the certificate is valid; 3650 by default")
      ->type_name("N")
      ->check(CLI::Range(1U, 36500U).description(""));
  command->callback([options, &chosen] { chosen = [options] { return keygen(*options); }; });
}

}  // namespace tunnel::cmd
