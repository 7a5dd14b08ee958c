// Reads the keys of a service.
#include "config/sections/service_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/file.hpp"
#include "base/host.hpp"
#include "base/path.hpp"
#include "base/text.hpp"
#include "config/address_meant.hpp"
#include "config/key_in_file.hpp"
#include "config/path_wording.hpp"
#include "config/sections/access_section.hpp"
#include "config/sections/peers_section.hpp"
#include "config/similar_file.hpp"

namespace tunnel::config {

namespace {

namespace fs = std::filesystem;

// The value as a string; of another type it becomes a mistake with `example` for the right one.
std::optional<Text> address_string(std::string_view key, std::string_view example,
                                   const RawValue& value, TableReader& reader) {
  if (std::holds_alternative<std::string>(value.value)) return reader.expanded(key, value);
  reader.mistake(value.place, key, fmt::format("an address is needed, not {}", value.kind()),
                 Suggestion::setting(key, example));
  return std::nullopt;
}

void read_accept(Service& service, TableReader& reader, const fs::path& folder) {
  const auto add_address = [&](SocketAddress address, const Place& place) {
    service.accept.push_back(std::move(address));
    service.accept_places.push_back(place);
  };
  for (const RawValue& value : reader.values("accept")) {
    if (const std::int64_t* port = std::get_if<std::int64_t>(&value.value)) {
      if (*port < 0 || *port > 65535)
        reader.mistake(value.place, "accept",
                       fmt::format("port {} is not a number from 0 to 65535", *port),
                       Suggestion::setting("accept", "5999"));
      else
        add_address(HostPort{"", static_cast<std::uint16_t>(*port)}, value.place);
      continue;
    }
    const auto text = address_string("accept", "5999", value, reader);
    if (!text || refuse_unexpanded(*text, "accept", reader)) continue;
    auto address = read_address(text->value, folder, true);
    if (address) {
      add_address(*address, value.place);
    } else {
      const std::string_view bare = trimmed(text->value);
      const std::string_view digits = bare.substr(bare.starts_with(':') ? 1 : 0);
      const bool only_port = digits.size() <= 5 && is_digits(digits);
      reader.mistake(value.place, "accept",
                     only_port
                         ? fmt::format("\"{}\" has no host; a port alone is written as a number",
                                       quotable(text->value))
                         : address.error().what,
                     only_port ? Suggestion::setting("accept", digits)
                               : Suggestion::hint("accept", address.error().hint));
    }
  }
}

void read_connect(Service& service, TableReader& reader, const fs::path& folder) {
  for (const RawValue& value : reader.values("connect")) {
    if (const std::int64_t* port = std::get_if<std::int64_t>(&value.value)) {
      reader.mistake(value.place, "connect", fmt::format("{} has no host", *port),
                     Suggestion::string_setting("connect", fmt::format("127.0.0.1:{}", *port)));
      continue;
    }
    const auto text = address_string("connect", "\"relay.example:443\"", value, reader);
    if (!text || refuse_unexpanded(*text, "connect", reader)) continue;
    auto target = read_address(text->value, folder, false);
    if (!target)
      reader.mistake(value.place, "connect", target.error().what,
                     Suggestion::hint("connect", target.error().hint));
    else if (target->inherited() != nullptr)
      reader.mistake(
          value.place, "connect", "systemd passes sockets to listen at, none to go to",
          Suggestion::string_setting("connect", "127.0.0.1:443",
                                     fmt::format(", or accept = \"{}\"", target->text())));
    else if (target->local() != nullptr && service.connects_tls() && !reader.has("server_name"))
      reader.mistake(value.place, "connect",
                     "a UNIX socket has no name that its certificate could be for",
                     Suggestion::string_setting("server_name", "relay.example"));
    else
      service.connect.push_back(*target);
  }
}

void read_balance(Service& service, TableReader& reader) {
  const auto balance = reader.one_of("balance", {"order", "round-robin", "random"});
  if (!balance) return;
  service.balance = static_cast<Balance>(*balance);
  const RawEntry* own = reader.own("balance");
  const RawEntry* connect = reader.own("connect");
  // one target from the command line replaces the file's list only for this run
  const bool in_the_file = connect != nullptr && connect->value.place.line != 0;
  if (own != nullptr && in_the_file && service.connect.size() == 1 &&
      !reader.is_in_doubt("connect"))
    reader.mistake(own->key_place, "", "balance does nothing with one target",
                   "remove it, or give a list: connect = [\"a.example:443\", \"b.example:443\"]");
}

void read_trust(Service& service, TableReader& reader, const fs::path& folder) {
  if (const auto name = reader.text("server_name")) {
    service.server_name = name->value;
    const bool bracketed = name->value.starts_with('[');
    const std::string advice = international_name_advice(name->value);
    if (!advice.empty())
      reader.mistake(name->place, "server_name", advice);
    else if (!is_address(name->value) && (bracketed || !host_port(name->value + ":443", false)))
      reader.mistake(name->place, "server_name",
                     fmt::format("\"{}\" is no host name", quotable(name->value)),
                     Suggestion::string_setting("server_name", host_meant(name->value)));
  }
  const std::vector<Text> ca = reader.texts("ca");
  if (!ca.empty()) {
    service.system_ca = false;
    service.ca_place = ca.front().place;
  }
  for (const Text& text : ca) {
    if (text.value == "system")
      service.system_ca = true;
    else if (auto file = readable(text, "ca", true, reader, folder))
      service.ca.push_back(std::move(*file));
  }
  if (const auto crl = reader.text("crl"))
    service.crl = readable(*crl, "crl", false, reader, folder);
  read_verify(service, reader);
}

bool is_mode_in_doubt(const TableReader& reader) {
  return reader.is_in_doubt("client") || reader.is_in_doubt("tls");
}

// The file beside the certificate that looks like its key, or else `otherwise`.
Suggestion key_line(const std::optional<Text>& cert, std::string_view otherwise,
                    const fs::path& folder) {
  if (cert) {
    const fs::path file = path_of(cert->value);
    const std::string stem = text_of(file.stem());
    for (const std::string& name :
         {stem + ".key", stem + ".key.pem", stem + "-key.pem", stem + "_key.pem",
          std::string("privkey.pem"), std::string("key.pem"), std::string("server.key")}) {
      const fs::path beside = file.parent_path() / path_of(name);
      std::error_code error;
      if (fs::is_regular_file(folder / beside, error))
        return Suggestion::string_setting("key", text_of(beside));
    }
  }
  return Suggestion::string_setting("key", otherwise);
}

// Returns what cert says.
std::optional<Text> read_identity(Service& service, TableReader& reader, const fs::path& folder) {
  const auto cert = reader.text("cert");
  const auto key = reader.text("key");
  if (cert) service.cert = readable(*cert, "cert", false, reader, folder);
  if (key) service.key = readable(*key, "key", false, reader, folder);
  const bool key_in_cert = service.cert && !reader.has("key") &&
                           holds_private_key(service.cert->path, reader.environment().files());
  if (key_in_cert) service.key = service.cert;
  read_key_password(service, reader, folder);
  if (service.accepts_tls()) return cert;  // refuse_missing_keys()
  if (cert && !reader.has("key") && !key_in_cert && !reader.misnamed("key")) {
    reader.mistake(cert->place, "cert", "there is a certificate, but no key to it",
                   key_line(cert, "client.key", folder));
  } else if (key && !reader.has("cert") && !reader.misnamed("cert")) {
    reader.mistake(key->place, "key", "there is a key, but no certificate to it",
                   Suggestion::string_setting("cert", "client.pem"));
  }
  return cert;
}

// Without a key, but not where it is there by another name or with a wrong value.
void refuse_missing_keys(const Service& service, const Place& place,
                         const std::optional<Text>& cert, TableReader& reader,
                         const fs::path& folder) {
  const auto require = [&](std::string_view key, std::string_view why, Suggestion suggestion) {
    if (!reader.has(key) && !reader.misnamed(key) && !reader.is_in_doubt(key))
      reader.mistake(place, "", fmt::format("{} is missing: {}", key, why), std::move(suggestion));
  };
  require("accept", "where to listen", Suggestion::setting("accept", "5999"));
  require("connect", "where to go from here",
          Suggestion::string_setting("connect", "relay.example:443"));
  if (!service.accepts_tls() || is_mode_in_doubt(reader)) return;
  require("cert", "server mode presents a certificate (a client says client = true)",
          Suggestion::string_setting("cert", "relay.pem"));
  if (!service.key)  // which may be in the certificate's file
    require("key", "server mode has a private key (a client says client = true)",
            key_line(cert, "relay.key", folder));
}

void read_versions(Service& service, TableReader& reader) {
  const std::vector<std::string_view> versions = {"1.2", "1.3"};
  if (const auto v = reader.one_of("min_version", versions))
    service.min_version = static_cast<TlsVersion>(*v);
  if (const auto v = reader.one_of("max_version", versions))
    service.max_version = static_cast<TlsVersion>(*v);
  if (service.min_version <= service.max_version) return;
  const RawEntry* there = reader.own("min_version");
  if (there == nullptr) there = reader.own("max_version");
  if (there == nullptr) there = reader.inherited("min_version");
  if (there != nullptr)
    reader.mistake(there->value.place, "", "min_version is above max_version: no version is left",
                   Suggestion::string_setting("min_version", "1.2"));
}

void read_explain(Service& service, TableReader& reader) {
  const auto explain = reader.one_of("explain", {"off", "vnc", "http", "ssh"});
  // server mode ignores it in [defaults]
  if (service.accepts_tls()) return;
  // the customary ports of VNC displays
  const bool is_vnc =
      std::all_of(service.accept.begin(), service.accept.end(), [](const SocketAddress& address) {
        const HostPort* tcp = address.tcp();
        return tcp != nullptr && tcp->port >= 5900 && tcp->port <= 5999;
      });
  if (explain)
    service.explain = static_cast<Explain>(*explain);
  else if (is_vnc && service.connects_tls())
    service.explain = Explain::vnc;
}

// A key without effect is a mistake: its author relies on it.
void refuse_unused_keys(const Service& service, TableReader& reader) {
  const auto refuse = [&](std::string_view key, std::string_view why, std::string_view next) {
    if (const RawEntry* entry = reader.own(key))
      reader.mistake(entry->key_place, "", fmt::format("{} does nothing {}", key, why),
                     std::string(next));
  };
  if (!service.tls) {
    for (const auto key :
         {"server_name", "verify", "pin", "ca", "crl", "cert", "key", "key_password_file",
          "client_ca", "client_pin", "client_names", "min_version", "max_version", "resume", "warm",
          "handshake_timeout", "unclean_end"})
      refuse(key, "with tls = false", "remove it, or remove tls = false");
  } else if (!service.client) {
    for (const auto key : {"server_name", "verify", "ca"})
      refuse(key, "in server mode, where the far side speaks plaintext",
             "remove it, or say client = true");
    refuse("pin", "in server mode, where the far side speaks plaintext",
           "client_pin says which clients may come in");
    refuse("warm", "in server mode, where nobody dials before a client has shaken hands",
           "remove it, or say client = true");
    refuse("explain", "in server mode, where clients speak TLS to this end",
           "remove it, or say client = true");
  } else {
    for (const auto key : {"client_ca", "client_pin", "client_names"})
      refuse(key, "in client mode, where no client shows a certificate",
             "remove it, or remove client = true");
    refuse_unused_trust(service, reader);
  }
}

// By default, one source can't take every connection from the others. An office behind one address
// may have many.
std::size_t per_source(std::size_t max_connections) {
  constexpr std::size_t office = 1000;
  return max_connections <= office ? max_connections : std::max(office, max_connections / 2);
}

}  // namespace

std::optional<FileRef> readable(const Text& text, std::string_view key, bool folder_allowed,
                                TableReader& reader, const fs::path& folder) {
  const fs::path path = folder / path_of(text.value);
  const os::FileView& files = reader.environment().files();
  std::error_code error;
  const auto kind = files.kind(path, error);
  if (kind == os::FileCopy::Kind::missing) {
    const std::string usual = usual_path(text.value, reader.environment());
    const std::string similar = usual.empty() ? similar_file(path) : "";
    const std::string beginning = text.value.substr(0, text.value.find_last_of("/\\") + 1);
    Suggestion next = text.place.line != 0 ? "paths are relative to the configuration file"
                                           : "paths are relative to this folder";
    if (!usual.empty())
      next = Suggestion::string_setting(key, usual);
    else if (!similar.empty())
      next = Suggestion::string_setting(key, beginning + similar);
    reader.mistake(text.place, key,
                   but_there_is(fmt::format("there is no file {}", shown(path)), similar),
                   std::move(next));
    return std::nullopt;
  }
  const auto unreadable = [&](Error why) -> std::optional<FileRef> {
    reader.mistake(text.place, key, std::move(why.what), std::move(why.hint), path);
    return std::nullopt;
  };
  if (kind == os::FileCopy::Kind::folder) {
    if (folder_allowed && files.files_in(path, error).empty() &&
        error == std::errc::permission_denied)
      return unreadable(permission_denied(path));
    if (folder_allowed) return FileRef{path, text.place};
    reader.mistake(text.place, key,
                   fmt::format("{} is a folder, where a file is wanted", shown(path)));
    return std::nullopt;
  }
  if (auto why = files.why_unreadable(path))
    return unreadable(error == std::errc::permission_denied ? permission_denied(path)
                                                            : std::move(*why));
  return FileRef{path, text.place};
}

Service validate_service(const RawEntry& entry, TableReader& reader, const fs::path& folder) {
  Service service;
  service.name = entry.key;
  service.place = entry.key_place;
  service.client = reader.boolean("client").value_or(false);
  service.tls = reader.boolean("tls").value_or(true);
  read_accept(service, reader, folder);
  read_connect(service, reader, folder);
  read_balance(service, reader);
  read_trust(service, reader, folder);
  const auto cert = read_identity(service, reader, folder);
  read_versions(service, reader);
  read_clients(service, reader, folder);
  read_resume(service, reader);
  read_access(service, reader);
  read_schedule(service, reader);

  read_explain(service, reader);
  // a service that doesn't connect with TLS ignores it in [defaults]
  if (const auto n = reader.integer("warm", 0, 1000); n && service.connects_tls())
    service.warm = static_cast<std::size_t>(*n);
  if (service.warm > 0 && (service.explain == Explain::vnc || service.explain == Explain::ssh))
    service.notice = fmt::format(
        "warm = {}: a {} server greets each connection that is kept ready and counts it as a "
        "client, which may shut real ones out; if it does, remove warm",
        service.warm, service.explain == Explain::vnc ? "VNC" : "SSH");
  if (const auto n = reader.integer("max_connections", 1, 1'000'000))
    service.max_connections = static_cast<std::size_t>(*n);
  service.max_per_source = per_source(service.max_connections);
  if (const auto n = reader.integer("max_per_source", 1, 1'000'000))
    service.max_per_source = static_cast<std::size_t>(*n);
  if (const auto end = reader.one_of("unclean_end", {"reset", "close"}))
    service.unclean_end = static_cast<UncleanEnd>(*end);
  if (const auto d = reader.duration("connect_timeout")) service.timeouts.connect = *d;
  if (const auto d = reader.duration("handshake_timeout")) service.timeouts.handshake = *d;
  if (const auto d = reader.duration("idle_timeout")) service.timeouts.idle = *d;
  if (const auto d = reader.duration("close_timeout")) service.timeouts.close = *d;
  if (const auto d = reader.duration("keepalive")) service.keepalive = *d;

  refuse_missing_keys(service, entry.key_place, cert, reader, folder);
  if (!is_mode_in_doubt(reader)) refuse_unused_keys(service, reader);
  reader.refuse_unknown();
  return service;
}

}  // namespace tunnel::config
