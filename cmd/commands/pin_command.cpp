// `tunnel pin HOST:PORT`: shows a server's certificate, and the configuration that trusts exactly
// it.
#include "cmd/commands/pin_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <asio/co_spawn.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>

#include "base/text.hpp"
#include "cmd/cli/exit_status.hpp"
#include "config/values.hpp"
#include "os/process/process.hpp"
#include "relay/upstream.hpp"
#include "server/service_context.hpp"
#include "x509/authorities.hpp"
#include "x509/peer_certificate.hpp"

namespace tunnel::cmd {

namespace {

struct PinOptions {
  std::string target;
  std::string server_name;
  std::string connect_timeout = "10s";
};

ExitStatus refuse(const Error& error, ExitStatus status) {
  return fail(error, status, "tunnel pin");
}

std::string facts(const x509::PeerCertificate& certificate) {
  return fmt::format(
      "    subject  {}\n    names    {}\n    issuer   {}\n    valid    from {} to {}\n"
      "    key      {}\n    pin      {}\n",
      certificate.subject,
      certificate.names.empty() ? "none" : fmt::format("{}", fmt::join(certificate.names, ", ")),
      certificate.self_signed ? "itself" : certificate.issuer, certificate.not_before,
      certificate.not_after, certificate.key, certificate.pin);
}

ExitStatus pin_of_file(const std::string& file) {
  const auto certificate = x509::read_certificate(file);
  if (!certificate) return refuse(certificate.error(), ExitStatus::failed);
  print(stdout,
        fmt::format("{} holds\n{}\n"
                    "to trust exactly this key, in a client's service:\n"
                    "    pin = \"{}\"\n"
                    "or to let it in, in a server's:\n"
                    "    client_pin = \"{}\"\n",
                    one_line(file), facts(*certificate), certificate->pin, certificate->pin));
  return ExitStatus::ok;
}

struct Seen {
  std::string address;
  std::string version;
  std::shared_ptr<const x509::PeerCertificate> certificate;
  std::optional<Error> failure;
};

net::Awaitable<void> fetch(Upstream& upstream, Seen& seen) {
  const auto opened = co_await upstream.open();
  seen.address = upstream.address();
  seen.certificate = upstream.take_certificate();
  if (!opened) {
    seen.failure = opened.error();
    co_return;
  }
  seen.version = upstream.engine()->version();
  // close_notify, so that the server logs no error
  upstream.stream()->end_now();
  net::ErrorCode ignored;
  upstream.socket().close(ignored);
}

Seen fetch_certificate(Worker& worker, const config::Service& service,
                       std::shared_ptr<const tls::Context> context) {
  os::prepare_process();
  Seen seen;
  const ServiceSnapshot snapshot{std::make_shared<const config::Service>(service),
                                 std::move(context), std::make_shared<LoadBalancer>(service)};
  Upstream upstream(worker, snapshot);
  asio::co_spawn(worker.io, fetch(upstream, seen), [&seen](const std::exception_ptr& exception) {
    if (exception) seen.failure = Error{"it was given up: the program is out of memory"};
  });
  worker.io.run();
  return seen;
}

// A name lookup that hangs in the system can't be cancelled: exits after three seconds in any case.
ExitStatus exit_soon(ExitStatus status) {
  std::fflush(stdout);
  std::thread([status] {
    std::this_thread::sleep_for(std::chrono::seconds(3));
    exit_now(status);
  }).detach();
  return status;
}

std::string lines_for(const PinOptions& options, const x509::PeerCertificate& certificate) {
  std::string lines = fmt::format("    connect = \"{}\"\n", one_line(options.target));
  if (!options.server_name.empty())
    lines += fmt::format("    server_name = \"{}\"\n", one_line(options.server_name));
  return lines + fmt::format("    pin = \"{}\"\n", certificate.pin);
}

ExitStatus pin_of_server(const PinOptions& options, const config::HostPort& target) {
  const auto timeout = config::duration(options.connect_timeout);
  if (!timeout)
    return refuse(
        {"--connect-timeout: " + timeout.error().what, "--connect-timeout " + timeout.error().hint},
        ExitStatus::usage);
  config::Service service;
  service.client = true;
  service.connect = {target};
  service.server_name = options.server_name;
  service.timeouts.connect = service.timeouts.handshake = *timeout;
  service.verify = config::Verify::pin;
  service.resume = false;
  tls::Options tls = tls_options(service);
  tls.any_key = true;  // never for data
  std::vector<tls::OptionError> errors;
  auto context = tls::Context::make(tls, errors);
  if (!context) return refuse(errors.front().error, ExitStatus::failed);

  Worker worker;
  const Seen seen = fetch_certificate(worker, service, std::move(context));
  if (!seen.certificate)
    return exit_soon(
        refuse(seen.failure.value_or(Error{"it showed no certificate", ""}), ExitStatus::failed));
  print(stdout,
        fmt::format("{} ({}{}) presents\n{}\n", target.text(), seen.address,
                    seen.version.empty() ? "" : ", " + seen.version, facts(*seen.certificate)));
  if (seen.failure) return exit_soon(refuse(*seen.failure, ExitStatus::failed));
  print(stdout, fmt::format(R"(a client's service that trusts exactly this key:
{}
this is what the network shows just now: somebody in between could show a key of their own, and the pin would trust it.
compare it with the server's own certificate file, on the server or over a way that you trust:
    tunnel pin FILE.pem
or, without tunnel:
    openssl x509 -in FILE.pem -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64
)",
                            lines_for(options, *seen.certificate)));
  return exit_soon(ExitStatus::ok);
}

ExitStatus pin(const PinOptions& options) {
  if (const auto target = config::host_port(options.target, false))
    return pin_of_server(options, *target);
  std::error_code ignored;
  if (std::filesystem::exists(options.target, ignored)) return pin_of_file(options.target);
  const Error why = config::host_port(options.target, false).error();
  return refuse({fmt::format("{}, and there is no such file", why.what),
                 fmt::format("tunnel pin {}", why.hint.empty() ? "xn--...:443" : why.hint)},
                ExitStatus::usage);
}

}  // namespace

void add_pin(CLI::App& app, Command& chosen) {
  auto* command =
      app.add_subcommand("pin", "Show a server's certificate, and the lines that trust exactly it");
  command->footer(R"(Examples:
  tunnel pin relay.example:443
  tunnel pin 192.0.2.7:8443 --server-name relay.example
  tunnel pin relay.pem)");
  const auto options = std::make_shared<PinOptions>();
  command->add_option("SERVER", options->target, "The server, or a certificate's file")
      ->type_name("HOST:PORT|FILE")
      ->required();
  command->add_option("--server-name", options->server_name, "The name to ask for; HOST by default")
      ->type_name("NAME");
  command
      ->add_option("--connect-timeout", options->connect_timeout,
                   "For each address and the handshake; 10s by default")
      ->type_name("DURATION");
  command->callback([options, &chosen] { chosen = [options] { return pin(*options); }; });
}

}  // namespace tunnel::cmd
