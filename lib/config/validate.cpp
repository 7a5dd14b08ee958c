// Validates the tables of a configuration, each by itself and all of them together.
#include "config/validate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/host.hpp"
#include "base/text.hpp"
#include "config/foreign_keys.hpp"
#include "config/headers.hpp"
#include "config/sections/log_section.hpp"
#include "config/sections/service_section.hpp"
#include "config/sections/status_section.hpp"

namespace tunnel::config {

namespace {

// The keys of a service above all sections. That no service is left then, and that the keys are
// unknown there, are no mistakes of their own.
bool refuse_keys_outside(const RawTable& root, TableReader& reader) {
  if (find(root, "accept") == nullptr || find(root, "connect") == nullptr) return false;
  reader.mistake(root.front().key_place, "",
                 "the keys of a service stand in its section, which begins with its name",
                 "[service.vnc]");
  for (const RawEntry& entry : root)
    if (home_of(entry.key) == "service") reader.reported(entry.key);
  return true;
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
  if (const auto watch = reader.boolean("watch")) process.watch = *watch;
  reader.refuse_unknown();
  return process;
}

// [defaults], and keys of services that stand above the first header or below a wrong one, which
// are reported once and not missed in each service.
RawTable service_defaults(const RawTable& root, const RawTable* defaults, const Headers& headers) {
  RawTable out;
  for (const RawTable* table : {defaults, headers.defaults})
    if (table != nullptr) out.insert(out.end(), table->begin(), table->end());
  for (const RawEntry& entry : root)
    if (home_of(entry.key) == "service" && find(out, entry.key) == nullptr) out.push_back(entry);
  return out;
}

// Reads the tables of services into a configuration.
struct ServiceList {
  Validated& out;
  const RawTable& defaults;
  const Environment& environment;
  const std::filesystem::path& folder;

  void read(const RawEntry& entry) { read(entry, entry.key); }

  void read(const RawEntry& entry, const std::string& name) {
    static const RawTable nothing;
    const std::string scope = fmt::format("service \"{}\"", quotable(name));
    const RawTable* table = std::get_if<RawTable>(&entry.value.value);
    TableReader reader(scope, table != nullptr ? *table : nothing, &defaults, environment,
                       out.mistakes);
    if (table == nullptr) {
      reader.mistake(entry.value.place, "", "a service is a table of keys",
                     fmt::format("[{}]", service_header(name)));
      return;
    }
    if (!is_service_name(name))
      reader.mistake(
          entry.key_place, "",
          "a service's name has letters, digits, \"-\", \"_\" and \".\" only, at most 64",
          fmt::format("[{}]", service_header(name)));
    const bool only_services = holds_only_services(*table);
    for (const MeantService& one : nested_services(name, *table, reader))
      read(*one.entry, one.name);
    if (only_services) return;
    out.config.services.push_back(validate_service({name, entry.key_place, {}}, reader, folder));
  }
};

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

  const Headers headers = meant_headers(root_table, root);
  const RawTable* defaults = root.table("defaults");
  const RawTable fallback = service_defaults(root_table, defaults, headers);
  const RawTable* services = headers.in_service ? nullptr : root.table("service");
  const bool outside =
      services == nullptr && !headers.wrong && refuse_keys_outside(root_table, root);
  root.refuse_unknown();

  ServiceList list{out, fallback, environment, folder};
  for (const RawEntry& entry : services != nullptr ? *services : nothing) list.read(entry);
  for (const MeantService& one : headers.services) list.read(*one.entry, one.name);
  const bool in_doubt = headers.wrong || outside || root.is_in_doubt("service");
  if (!in_doubt && (services != nullptr ? services->empty() : root.own("service") == nullptr))
    out.mistakes.push_back({{file, 1, 1},
                            "",
                            "",
                            "there is no service in it",
                            "[service.vnc]\n    client = true\n    accept = 5999\n    connect = "
                            "\"relay.example:443\""});
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
