// From a service's configuration to its TLS context.
#include "server/service_context.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "config/key_wording.hpp"

namespace tunnel {

namespace {

using Field = tls::OptionError::Field;

tls::Version version(config::TlsVersion version) {
  return version == config::TlsVersion::tls12 ? tls::Version::tls12 : tls::Version::tls13;
}

tls::Verify verify(config::Verify verify) {
  switch (verify) {
    case config::Verify::pin:
      return tls::Verify::pin;
    case config::Verify::first_use:
      return tls::Verify::first_use;
    case config::Verify::none:
      return tls::Verify::none;
    case config::Verify::full:
      break;
  }
  return tls::Verify::chain;
}

std::optional<std::filesystem::path> path_of(const std::optional<config::FileRef>& file) {
  return file ? std::optional(file->path) : std::nullopt;
}

// Where an option comes from.
struct Origin {
  config::Place place;
  std::string key;
  std::filesystem::path file = {};  // that it names; may be empty
};

Origin origin(const config::Service& service, const tls::OptionError& error) {
  const auto of = [&](const std::optional<config::FileRef>& file, const char* key) {
    return file ? Origin{file->place, key, file->path} : Origin{service.place, key};
  };
  const std::vector<config::FileRef>& authorities = service.client ? service.ca : service.client_ca;
  switch (error.field) {
    case Field::verify:
      return {service.verify_place, "verify"};
    case Field::system_authorities:
      return {service.ca_place.line != 0 ? service.ca_place : service.place, ""};
    case Field::authorities:
      return of(
          error.index < authorities.size() ? std::optional(authorities[error.index]) : std::nullopt,
          service.client ? "ca" : "client_ca");
    case Field::certificate:
      return of(service.cert, "cert");
    case Field::key:
      return of(service.key, "key");
    case Field::key_password:
      return of(service.key_password_file, "key_password_file");
    case Field::revocation_lists:
      return of(service.crl, "crl");
    case Field::none:
      break;
  }
  return {service.place, ""};
}

bool is_there_but_unreadable(const std::filesystem::path& file, const os::FileView& files) {
  std::error_code error;
  return !file.empty() && files.kind(file, error) != os::FileCopy::Kind::missing &&
         files.why_unreadable(file).has_value();
}

}  // namespace

tls::Options tls_options(const config::Service& service, const os::FileView& files) {
  tls::Options out;
  out.files = files;
  out.client = service.client;
  out.min_version = version(service.min_version);
  out.max_version = version(service.max_version);
  out.resume = service.resume;
  out.certificate = path_of(service.cert);
  out.key = path_of(service.key);
  out.key_password = path_of(service.key_password_file);
  out.verify = verify(service.verify);
  out.system_authorities = service.system_ca;
  for (const config::FileRef& file : service.client ? service.ca : service.client_ca)
    out.authorities.push_back(file.path);
  out.pins = service.client ? service.pins : service.client_pins;
  if (!service.client) out.names = service.client_names;
  out.revocation_lists = path_of(service.crl);
  out.wording = service.wording ? service.wording
                                // it is never destroyed
                                : std::shared_ptr<const Wording>(std::shared_ptr<void>(),
                                                                 &config::file_wording());
  return out;
}

std::shared_ptr<const tls::Context> make_context(const config::Service& service,
                                                 config::Mistakes& mistakes,
                                                 const tls::Tuning& tuning,
                                                 x509::AuthorityCache* cache,
                                                 const os::FileView& files) {
  if (!service.tls) return nullptr;
  std::vector<tls::OptionError> errors;
  auto context = tls::Context::make(tls_options(service, files), errors, tuning, cache);
  const std::string scope = fmt::format("service \"{}\"", escaped(service.name));
  for (const tls::OptionError& error : errors) {
    Origin from = origin(service, error);
    if (!is_there_but_unreadable(from.file, files)) from.file.clear();
    mistakes.push_back({std::move(from.place), scope, std::move(from.key), error.error.what,
                        error.error.hint, std::move(from.file), service.wording});
  }
  return context;
}

}  // namespace tunnel
