// Validates the tables of a configuration, each by itself and all of them together.
#include "config/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/host.hpp"
#include "base/path.hpp"
#include "base/text.hpp"
#include "config/sections/service_section.hpp"
#include "config/sections/status_section.hpp"

namespace tunnel::config {

namespace {

bool is_service_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
  });
}

// A name for a service that is like this one, which isn't allowed.
std::string allowed_name(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, 64)) {
    const bool good = is_service_name({&c, 1});
    if (good || (!out.empty() && out.back() != '-')) out += good ? c : '-';
  }
  while (out.ends_with('-')) out.pop_back();
  return out.empty() ? "vnc" : out;
}

// Keys of a service outside of a section [service.NAME]. That no service is left then, and that the
// keys are unknown there, are no mistakes of their own.
bool refuse_keys_outside(const RawTable& root, Mistakes& mistakes) {
  const auto has_addresses = [](const RawTable& table) {
    return find(table, "accept") != nullptr && find(table, "connect") != nullptr;
  };
  const std::size_t before = mistakes.size();
  if (has_addresses(root))
    mistakes.push_back({root.front().key_place, "", "",
                        "the keys of a service stand in its section, which begins with its name",
                        "[service.vnc]"});
  for (const RawEntry& entry : root) {
    const RawTable* table = std::get_if<RawTable>(&entry.value.value);
    if (table != nullptr && entry.key != "defaults" && has_addresses(*table))
      mistakes.push_back(
          {entry.key_place, "", "",
           fmt::format("the section of a service is [service.NAME], not [{}]", quotable(entry.key)),
           fmt::format("[service.{}]", allowed_name(entry.key))});
  }
  return mistakes.size() > before;
}

// A canonical form to compare hosts: an address as hexadecimal digits, a name in lower case.
std::string normalized(std::string_view host) {
  std::string out;
  if (const auto bytes = address_bytes(host)) {
    for (const auto byte : *bytes) out += fmt::format("{:02x}", byte);
    const auto zone = host.find('%');
    return zone == host.npos ? out : out.append(host.substr(zone));
  }
  for (const char c : host) out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool is_wildcard(std::string_view host) {
  static const std::string ipv4 = normalized("0.0.0.0");
  static const std::string ipv6 = normalized("::");
  const std::string text = normalized(host);
  return text == ipv4 || text == ipv6;
}

// The addresses that a host in `accept` stands for, as far as that is known without DNS.
std::vector<std::string> listening_hosts(const Service& service, const HostPort& accept) {
  if (accept.host.empty() && service.accepts_tls()) return {"0.0.0.0", "::"};
  if (accept.host.empty() || normalized(accept.host) == "localhost") return {"127.0.0.1", "::1"};
  return {accept.host};
}

bool overlap(std::string_view a, std::string_view b) {
  if (normalized(a) == normalized(b)) return true;
  const bool same_family = is_ipv6(a) == is_ipv6(b);
  return same_family && (is_wildcard(a) || is_wildcard(b));
}

bool overlap(const Service& a, const SocketAddress& at_a, const Service& b,
             const SocketAddress& at_b) {
  const HostPort* tcp_a = at_a.tcp();
  const HostPort* tcp_b = at_b.tcp();
  if (tcp_a == nullptr || tcp_b == nullptr) return at_a == at_b;
  if (tcp_a->port == 0 || tcp_a->port != tcp_b->port) return false;
  for (const auto& host_a : listening_hosts(a, *tcp_a))
    for (const auto& host_b : listening_hosts(b, *tcp_b))
      if (overlap(host_a, host_b)) return true;
  return false;
}

std::string scope_of(const Service& service) {
  return fmt::format("service \"{}\"", quotable(service.name));
}

void refuse_shared_addresses(const std::vector<Service>& services, Mistakes& mistakes) {
  struct Taken {
    const Service* service;
    std::size_t index;
  };
  std::vector<Taken> taken;
  for (const Service& service : services) {
    for (std::size_t i = 0; i < service.accept.size(); ++i) {
      const SocketAddress& address = service.accept[i];
      const HostPort* tcp = address.tcp();
      const std::string what =
          tcp != nullptr ? fmt::format("port {}", tcp->port) : one_line(address.text());
      for (const Taken& other : taken) {
        if (!overlap(service, address, *other.service, other.service->accept[other.index]))
          continue;
        const Place& there = other.service->accept_places[other.index];
        mistakes.push_back(
            {service.accept_places[i], scope_of(service), "accept",
             &service == other.service
                 ? fmt::format("{} is listed twice", what)
                 : fmt::format("{} is already taken by service \"{}\" ({}:{})", what,
                               quotable(other.service->name), there.file, there.line),
             tcp != nullptr ? "give each its own port, or accept = 0 to let the system pick one"
                            : "give each its own"});
        break;
      }
      taken.push_back({&service, i});
    }
  }
}

// Whether a connection to the target would certainly reach that listener on this machine. A
// listener on every interface may well forward to the same port on another machine.
bool loops_back(const Service& service, const SocketAddress& accept, const SocketAddress& connect) {
  const HostPort* listener = accept.tcp();
  const HostPort* target = connect.tcp();
  if (listener == nullptr || target == nullptr) return accept == connect;
  if (listener->port == 0 || listener->port != target->port) return false;
  const bool to_this_machine = normalized(target->host) == "localhost" || is_wildcard(target->host);
  const std::vector<std::string> targets =
      to_this_machine ? std::vector<std::string>{"127.0.0.1", "::1"} : std::vector{target->host};
  for (const auto& host : listening_hosts(service, *listener))
    for (const auto& reached : targets) {
      const bool loopback = normalized(reached) == normalized("127.0.0.1") ||
                            normalized(reached) == normalized("::1");
      if (normalized(host) == normalized(reached) || (loopback && overlap(host, reached)))
        return true;
    }
  return false;
}

void refuse_loops(const std::vector<Service>& services, Mistakes& mistakes) {
  for (const Service& service : services)
    for (const SocketAddress& target : service.connect)
      for (std::size_t i = 0; i < service.accept.size(); ++i)
        if (loops_back(service, service.accept[i], target))
          mistakes.push_back({service.accept_places[i], scope_of(service), "connect",
                              fmt::format("{} is where this service itself listens", target.text()),
                              "let accept and connect differ"});
}

LogConfig read_log(TableReader& reader, const std::filesystem::path& folder) {
  LogConfig log;
  if (const auto level = reader.one_of("level", {"error", "warn", "info", "debug", "trace"}))
    log.settings.level = static_cast<LogLevel>(*level);
  if (const auto format = reader.one_of("format", {"text", "json"}))
    log.settings.format = static_cast<LogFormat>(*format);
  if (const auto file = reader.new_file("file")) log.file = folder / path_of(file->value);
  // journals show the time themselves; files and log collectors don't
  const auto time = reader.boolean("time");
  log.settings.time = time.value_or(log.file.has_value() || log.settings.format == LogFormat::json);
  log.settings.time_of_day = !time;
  reader.refuse_unknown();
  return log;
}

Process read_process(TableReader& reader) {
  Process process;
  if (const auto workers = reader.integer("workers", 1, 64))
    process.workers = static_cast<std::size_t>(*workers);
  if (const auto user = reader.text("user")) process.user = user->value;
  if (const auto group = reader.text("group")) process.group = group->value;
  const RawEntry* sandbox = reader.own("sandbox");
  if (sandbox != nullptr && std::holds_alternative<std::string>(sandbox->value.value)) {
    if (reader.one_of("sandbox", {"strict"})) process.sandbox = Sandbox::strict;
  } else if (const auto on = reader.boolean("sandbox")) {
    process.sandbox = *on ? Sandbox::on : Sandbox::off;
  }
  if (const auto drain = reader.duration("drain_timeout")) process.drain_timeout = *drain;
  reader.refuse_unknown();
  return process;
}

}  // namespace

Validated validate(const RawTable& root_table, const std::string& file,
                   const std::filesystem::path& folder, const Environment& environment,
                   const std::shared_ptr<const KeyWording>& wording) {
  Validated out;
  TableReader root("", root_table, nullptr, environment, out.mistakes);

  static const RawTable nothing;
  const RawTable* log_table = root.table("log");
  TableReader log("log", log_table != nullptr ? *log_table : nothing, nullptr, environment,
                  out.mistakes);
  out.config.log = read_log(log, folder);

  const RawTable* process_table = root.table("process");
  TableReader process("process", process_table != nullptr ? *process_table : nothing, nullptr,
                      environment, out.mistakes);
  out.config.process = read_process(process);

  if (const RawTable* status_table = root.table("status")) {
    TableReader status("status", *status_table, nullptr, environment, out.mistakes);
    out.config.status = read_status(status, folder);
    if (!status.has("listen"))
      status.mistake(root.own("status")->key_place, "", "listen is missing, so it does nothing",
                     Suggestion::string_setting("listen", "127.0.0.1:9090"));
  }

  const RawTable* defaults = root.table("defaults");
  const RawTable* services = root.table("service");
  const bool outside = services == nullptr && refuse_keys_outside(root_table, out.mistakes);
  if (!outside) root.refuse_unknown();

  if (services != nullptr) {
    for (const RawEntry& entry : *services) {
      const std::string scope = fmt::format("service \"{}\"", quotable(entry.key));
      TableReader naming(scope, *services, nullptr, environment, out.mistakes);
      const RawTable* table = std::get_if<RawTable>(&entry.value.value);
      if (table == nullptr) {
        naming.mistake(entry.value.place, "", "a service is a table of keys",
                       fmt::format("[service.{}]", allowed_name(entry.key)));
        continue;
      }
      if (!is_service_name(entry.key))
        naming.mistake(
            entry.key_place, "",
            "a service's name has letters, digits, \"-\", \"_\" and \".\" only, at most 64",
            fmt::format("[service.{}]", allowed_name(entry.key)));
      TableReader reader(scope, *table, defaults, environment, out.mistakes);
      out.config.services.push_back(validate_service(entry, reader, folder));
    }
  }
  if (services == nullptr || services->empty()) {
    const bool in_doubt = outside || root.is_in_doubt("service");
    if (!in_doubt && (root.own("service") == nullptr || services != nullptr))
      out.mistakes.push_back({{file, 1, 1},
                              "",
                              "",
                              "there is no service in it",
                              "[service.vnc]\n    client = true\n    accept = 5999\n    connect = "
                              "\"relay.example:443\""});
  }
  refuse_shared_addresses(out.config.services, out.mistakes);
  refuse_loops(out.config.services, out.mistakes);

  std::stable_sort(
      out.mistakes.begin(), out.mistakes.end(), [](const Mistake& a, const Mistake& b) {
        return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
      });
  for (Mistake& mistake : out.mistakes) mistake.wording = wording;
  for (Service& service : out.config.services) service.wording = wording;
  return out;
}

}  // namespace tunnel::config
