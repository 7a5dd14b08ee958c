// The names of other programs: a table of them, and the line that stands for each here.
#include "config/foreign_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/host.hpp"
#include "base/text.hpp"
#include "config/socket_address.hpp"
#include "config/toml_string.hpp"
#include "config/toml_text.hpp"
#include "config/values.hpp"

namespace tunnel::config {

namespace {

enum class Kind : std::uint8_t {
  copied,         // a string, as it is
  authorities,    // ca, or client_ca in server mode
  listener,       // an address
  target,         // an address
  listener_part,  // the host or the port of one
  target_part,
  host_or_port,  // of the target, or of the listener where the target is given
  duration,
  count,
  yes_or_no,
  verification,  // a level, or true or false
  chain,         // true or false
  pinned,        // the peer's own certificate
  version,
  fixed,      // `example` is the value
  logged,     // a key of [log]
  log_level,  // a word, or syslog's number
  run,        // a key of [process]
  words,      // `example` is the next step
};

struct Foreign {
  std::string_view name;  // as bare_name() has it
  Kind kind;
  std::string_view key = {};
  std::string_view example = {};
};

constexpr std::string_view fixed_suites =
    "remove it: only AEAD suites with forward secrecy are ever used";
constexpr std::string_view no_starttls =
    "remove it: tunnel has no counterpart, it starts TLS with the first byte (no STARTTLS)";
constexpr std::string_view no_counterpart = "remove it: tunnel has no counterpart";
constexpr std::string_view always_foreground =
    "remove it: tunnel stays in the foreground; tunnel install makes a service of it";
constexpr std::string_view log_to_stderr =
    "remove it: the log goes to standard error, or to the file of [log]";
constexpr std::string_view no_revocation_services =
    "remove it: revocation is checked with crl, a file of PEM or DER";
constexpr std::string_view fixed_group = "remove it: the key exchange is chosen by the program";
constexpr std::string_view fixed_resumption = "remove it: resume = true or false is all there is";
constexpr std::string_view only_modern =
    "remove it: nothing older than TLS 1.2 is ever spoken, and nothing is renegotiated or "
    "compressed";

constexpr Foreign foreign[] = {
    // where to listen
    {"listen", Kind::listener},
    {"listenaddress", Kind::listener},
    {"listenaddr", Kind::listener},
    {"listenon", Kind::listener},
    {"bind", Kind::listener},
    {"bindaddress", Kind::listener},
    {"bindaddr", Kind::listener},
    {"local", Kind::listener},
    {"localaddress", Kind::listener},
    {"frontend", Kind::listener},
    {"source", Kind::listener},
    {"from", Kind::listener},
    {"in", Kind::listener},
    {"input", Kind::listener},
    {"src", Kind::listener},
    {"accepts", Kind::listener},
    {"listener", Kind::listener},
    {"entrypoint", Kind::listener},
    {"listenport", Kind::listener_part},
    {"localport", Kind::listener_part},
    {"bindport", Kind::listener_part},
    {"acceptport", Kind::listener_part},
    {"listenhost", Kind::listener_part},
    {"localhost", Kind::listener_part},
    {"bindhost", Kind::listener_part},
    {"accepthost", Kind::listener_part},
    // where to go
    {"target", Kind::target},
    {"targets", Kind::target},
    {"remote", Kind::target},
    {"remoteaddress", Kind::target},
    {"backend", Kind::target},
    {"upstream", Kind::target},
    {"proxypass", Kind::target},
    {"server", Kind::target},
    {"destination", Kind::target},
    {"dest", Kind::target},
    {"dst", Kind::target},
    {"to", Kind::target},
    {"out", Kind::target},
    {"output", Kind::logged, "file", "tunnel.log"},
    {"forward", Kind::target},
    {"forwardto", Kind::target},
    {"relay", Kind::target},
    {"address", Kind::target},
    {"addr", Kind::target},
    {"endpoint", Kind::target},
    {"url", Kind::target},
    {"uri", Kind::target},
    {"connectto", Kind::target},
    {"dial", Kind::target},
    {"remotehost", Kind::target_part},
    {"targethost", Kind::target_part},
    {"connecthost", Kind::target_part},
    {"serverhost", Kind::target_part},
    {"serveraddress", Kind::target_part},
    {"relayhost", Kind::target_part},
    {"backendhost", Kind::target_part},
    {"desthost", Kind::target_part},
    {"remoteport", Kind::target_part},
    {"targetport", Kind::target_part},
    {"connectport", Kind::target_part},
    {"serverport", Kind::target_part},
    {"relayport", Kind::target_part},
    {"backendport", Kind::target_part},
    {"destport", Kind::target_part},
    {"host", Kind::host_or_port},
    {"hostname", Kind::host_or_port},
    {"ip", Kind::host_or_port},
    {"port", Kind::host_or_port},
    {"failover", Kind::fixed, "balance", "\"order\""},
    {"loadbalance", Kind::fixed, "balance", "\"round-robin\""},
    {"loadbalancing", Kind::fixed, "balance", "\"round-robin\""},
    // whom to trust
    {"cafile", Kind::authorities},
    {"capath", Kind::authorities},
    {"cadir", Kind::authorities},
    {"cacert", Kind::authorities},
    {"cacerts", Kind::authorities},
    {"cabundle", Kind::authorities},
    {"cacertificate", Kind::authorities},
    {"cacertfile", Kind::authorities},
    {"rootca", Kind::authorities},
    {"rootcas", Kind::authorities},
    {"trustedca", Kind::authorities},
    {"truststore", Kind::authorities},
    {"sslca", Kind::authorities},
    {"tlsca", Kind::authorities},
    {"castore", Kind::authorities},
    {"ssltrustedcertificate", Kind::authorities},
    {"proxyssltrustedcertificate", Kind::copied, "ca", "ca.pem"},
    {"sslclientcertificate", Kind::copied, "client_ca", "ca.pem"},
    {"clientcafile", Kind::copied, "client_ca", "ca.pem"},
    {"caengine", Kind::words, {}, no_counterpart},
    {"checkhost", Kind::copied, "server_name", "relay.example"},
    {"checkip", Kind::copied, "server_name", "192.0.2.7"},
    {"checkemail", Kind::words, {}, "client_names checks the names of clients' certificates"},
    {"sni", Kind::copied, "server_name", "relay.example"},
    {"tlsservername", Kind::copied, "server_name", "relay.example"},
    {"sslservername", Kind::copied, "server_name", "relay.example"},
    {"proxysslname", Kind::copied, "server_name", "relay.example"},
    {"proxysslservername",
     Kind::words,
     {},
     "remove it: the server's name is always sent; server_name gives another one"},
    {"verifyhost", Kind::copied, "server_name", "relay.example"},
    {"verifyhostname",
     Kind::words,
     {},
     "verify = \"full\" checks the name too, and is the default"},
    {"verifychain", Kind::chain},
    {"verifypeer", Kind::pinned},
    {"verifydepth", Kind::words, {}, "remove it: the length of a chain is bounded already"},
    {"proxysslverifydepth", Kind::words, {}, "remove it: the length of a chain is bounded already"},
    {"requirecert", Kind::words, {}, "client_ca = \"ca.pem\" lets in clients with a certificate"},
    {"sslverifyclient",
     Kind::words,
     {},
     "client_ca = \"ca.pem\" lets in clients with a certificate"},
    {"verifyclient", Kind::words, {}, "client_ca = \"ca.pem\" lets in clients with a certificate"},
    {"clientauth", Kind::words, {}, "client_ca = \"ca.pem\" lets in clients with a certificate"},
    {"verifymode", Kind::verification},
    {"sslverify", Kind::verification},
    {"tlsverify", Kind::verification},
    {"verifyssl", Kind::verification},
    {"verifytls", Kind::verification},
    {"proxysslverify", Kind::verification},
    {"verification", Kind::verification},
    {"checkcertificate", Kind::verification},
    {"validate", Kind::verification},
    {"verifycert", Kind::verification},
    {"verifycertificate", Kind::verification},
    {"rejectunauthorized", Kind::verification},
    {"insecure", Kind::fixed, "verify", "\"none\""},
    {"insecureskipverify", Kind::fixed, "verify", "\"none\""},
    {"skipverify", Kind::fixed, "verify", "\"none\""},
    {"tlsskipverify", Kind::fixed, "verify", "\"none\""},
    {"allowselfsigned", Kind::fixed, "verify", "\"first-use\""},
    {"selfsigned", Kind::fixed, "verify", "\"first-use\""},
    {"tofu", Kind::fixed, "verify", "\"first-use\""},
    {"fingerprint", Kind::pinned},
    {"pinnedkey", Kind::pinned},
    {"pins", Kind::pinned},
    {"pinnedpubkey", Kind::pinned},
    {"thumbprint", Kind::pinned},
    {"certfingerprint", Kind::pinned},
    {"crlfile", Kind::copied, "crl", "ca.crl"},
    {"sslcrl", Kind::copied, "crl", "ca.crl"},
    {"proxysslcrl", Kind::copied, "crl", "ca.crl"},
    {"crlpath",
     Kind::words,
     {},
     "crl takes one file: join the lists in PEM, then crl = \"lists.pem\""},
    {"ocsp", Kind::words, {}, no_revocation_services},
    {"ocspaia", Kind::words, {}, no_revocation_services},
    {"ocspflag", Kind::words, {}, no_revocation_services},
    {"ocspnonce", Kind::words, {}, no_revocation_services},
    {"ocsprequire", Kind::words, {}, no_revocation_services},
    {"sslstapling", Kind::words, {}, no_revocation_services},
    // its own identity
    {"crt", Kind::copied, "cert", "relay.pem"},
    {"certfile", Kind::copied, "cert", "relay.pem"},
    {"certificate", Kind::copied, "cert", "relay.pem"},
    {"certificatefile", Kind::copied, "cert", "relay.pem"},
    {"certpath", Kind::copied, "cert", "relay.pem"},
    {"certchain", Kind::copied, "cert", "relay.pem"},
    {"pem", Kind::copied, "cert", "relay.pem"},
    {"pemfile", Kind::copied, "cert", "relay.pem"},
    {"sslcert", Kind::copied, "cert", "relay.pem"},
    {"tlscert", Kind::copied, "cert", "relay.pem"},
    {"sslcertificate", Kind::copied, "cert", "relay.pem"},
    {"proxysslcertificate", Kind::copied, "cert", "client.pem"},
    {"keystore", Kind::copied, "cert", "relay.pem"},
    {"clientcert", Kind::copied, "cert", "client.pem"},
    {"keyfile", Kind::copied, "key", "relay.key"},
    {"keypath", Kind::copied, "key", "relay.key"},
    {"privatekey", Kind::copied, "key", "relay.key"},
    {"privkey", Kind::copied, "key", "relay.key"},
    {"privatekeyfile", Kind::copied, "key", "relay.key"},
    {"pkey", Kind::copied, "key", "relay.key"},
    {"sslkey", Kind::copied, "key", "relay.key"},
    {"tlskey", Kind::copied, "key", "relay.key"},
    {"certkey", Kind::copied, "key", "relay.key"},
    {"clientkey", Kind::copied, "key", "client.key"},
    {"sslcertificatekey", Kind::copied, "key", "relay.key"},
    {"proxysslcertificatekey", Kind::copied, "key", "client.key"},
    {"sslpasswordfile", Kind::copied, "key_password_file", "password.txt"},
    {"passwordfile", Kind::copied, "key_password_file", "password.txt"},
    {"passphrasefile", Kind::copied, "key_password_file", "password.txt"},
    {"keypassword",
     Kind::words,
     {},
     "key_password_file = \"password.txt\" names a file that holds it"},
    {"keypass", Kind::words, {}, "key_password_file = \"password.txt\" names a file that holds it"},
    {"passphrase",
     Kind::words,
     {},
     "key_password_file = \"password.txt\" names a file that holds it"},
    {"password",
     Kind::words,
     {},
     "key_password_file = \"password.txt\" names a file that holds it"},
    {"engine", Kind::words, {}, no_counterpart},
    {"engineid", Kind::words, {}, no_counterpart},
    {"enginenum", Kind::words, {}, no_counterpart},
    {"enginectrl", Kind::words, {}, no_counterpart},
    {"enginedefault", Kind::words, {}, no_counterpart},
    {"provider", Kind::words, {}, no_counterpart},
    {"fips", Kind::words, {}, no_counterpart},
    {"psksecrets", Kind::words, {}, "remove it: tunnel has no pre-shared keys; pin trusts one key"},
    {"pskidentity",
     Kind::words,
     {},
     "remove it: tunnel has no pre-shared keys; pin trusts one key"},
    // modes
    {"clientmode", Kind::yes_or_no, "client"},
    {"isclient", Kind::yes_or_no, "client"},
    {"mode", Kind::words, {}, "client = true for a client; without it the service is a server"},
    {"role", Kind::words, {}, "client = true for a client; without it the service is a server"},
    {"ssl", Kind::yes_or_no, "tls"},
    {"usetls", Kind::yes_or_no, "tls"},
    {"usessl", Kind::yes_or_no, "tls"},
    {"enabletls", Kind::yes_or_no, "tls"},
    {"secure", Kind::yes_or_no, "tls"},
    {"proxyssl", Kind::yes_or_no, "tls"},
    {"plain", Kind::fixed, "tls", "false"},
    {"notls", Kind::fixed, "tls", "false"},
    {"protocol", Kind::words, {}, no_starttls},
    {"starttls", Kind::words, {}, no_starttls},
    {"protocolhost", Kind::words, {}, no_starttls},
    {"protocolusername", Kind::words, {}, no_starttls},
    {"protocolpassword", Kind::words, {}, no_starttls},
    {"protocolauthentication", Kind::words, {}, no_starttls},
    {"protocoldomain", Kind::words, {}, no_starttls},
    {"protocolheader", Kind::words, {}, no_starttls},
    // the protocol
    {"ciphers", Kind::words, {}, fixed_suites},
    {"ciphersuites", Kind::words, {}, fixed_suites},
    {"cipher", Kind::words, {}, fixed_suites},
    {"cipherlist", Kind::words, {}, fixed_suites},
    {"sslciphers", Kind::words, {}, fixed_suites},
    {"proxysslciphers", Kind::words, {}, fixed_suites},
    {"tlsciphers", Kind::words, {}, fixed_suites},
    {"sslpreferserverciphers", Kind::words, {}, fixed_suites},
    {"curve", Kind::words, {}, fixed_group},
    {"curves", Kind::words, {}, fixed_group},
    {"sslecdhcurve", Kind::words, {}, fixed_group},
    {"ecdhe", Kind::words, {}, fixed_group},
    {"dhparam", Kind::words, {}, fixed_group},
    {"ssldhparam", Kind::words, {}, fixed_group},
    {"sslversion", Kind::version},
    {"sslversionmin", Kind::version, "min_version"},
    {"sslversionmax", Kind::version, "max_version"},
    {"sslminver", Kind::version, "min_version"},
    {"sslmaxver", Kind::version, "max_version"},
    {"tlsversion", Kind::version, "min_version"},
    {"tlsminversion", Kind::version, "min_version"},
    {"mintlsversion", Kind::version, "min_version"},
    {"mintls", Kind::version, "min_version"},
    {"tlsmaxversion", Kind::version, "max_version"},
    {"maxtlsversion", Kind::version, "max_version"},
    {"sslprotocols", Kind::version, "min_version"},
    {"proxysslprotocols", Kind::version, "min_version"},
    {"tlsprotocols", Kind::version, "min_version"},
    {"options", Kind::words, {}, only_modern},
    {"renegotiation", Kind::words, {}, only_modern},
    {"compression", Kind::words, {}, only_modern},
    {"securitylevel", Kind::words, {}, only_modern},
    {"session", Kind::words, {}, fixed_resumption},
    {"sessions", Kind::words, {}, fixed_resumption},
    {"sessionresume", Kind::yes_or_no, "resume"},
    {"sessiontickets", Kind::yes_or_no, "resume"},
    {"sslsessiontickets", Kind::yes_or_no, "resume"},
    {"nosession", Kind::fixed, "resume", "false"},
    {"sessioncachesize", Kind::words, {}, fixed_resumption},
    {"sessioncachetimeout", Kind::words, {}, fixed_resumption},
    {"sslsessioncache", Kind::words, {}, fixed_resumption},
    {"sslsessiontimeout", Kind::words, {}, fixed_resumption},
    {"ticketkeysecret", Kind::words, {}, "remove it: keys of tickets are made in memory"},
    {"ticketmacsecret", Kind::words, {}, "remove it: keys of tickets are made in memory"},
    // time and number
    {"timeout", Kind::duration, "idle_timeout"},
    {"timeoutidle", Kind::duration, "idle_timeout"},
    {"idle", Kind::duration, "idle_timeout"},
    {"proxytimeout", Kind::duration, "idle_timeout"},
    {"timeoutclient", Kind::duration, "idle_timeout"},
    {"timeoutserver", Kind::duration, "idle_timeout"},
    {"timeouttunnel", Kind::duration, "idle_timeout"},
    {"timeoutconnect", Kind::duration, "connect_timeout"},
    {"proxyconnecttimeout", Kind::duration, "connect_timeout"},
    {"timeoutbusy", Kind::duration, "handshake_timeout"},
    {"sslhandshaketimeout", Kind::duration, "handshake_timeout"},
    {"timeoutclose", Kind::duration, "close_timeout"},
    {"timeoutocsp", Kind::words, {}, no_revocation_services},
    {"keepaliveinterval", Kind::duration, "keepalive"},
    {"tcpkeepalive", Kind::duration, "keepalive"},
    {"duration", Kind::duration, "open_for"},
    {"lifetime", Kind::duration, "open_for"},
    {"maxconn", Kind::count, "max_connections"},
    {"maxconns", Kind::count, "max_connections"},
    {"maxclients", Kind::count, "max_connections"},
    {"limitconn", Kind::count, "max_connections"},
    {"connections", Kind::count, "max_connections"},
    {"socket",
     Kind::words,
     {},
     "keepalive = \"60s\" probes a silent peer; other socket options are not set"},
    {"delay", Kind::words, {}, "remove it: a name is looked up again for each connection"},
    {"retry",
     Kind::words,
     {},
     "remove it: each new client is a new attempt, over every target of connect"},
    {"reset",
     Kind::words,
     {},
     "unclean_end = \"reset\" or \"close\" says how an unclean end is passed on"},
    {"transparent", Kind::words, {}, no_counterpart},
    {"logid", Kind::words, {}, no_counterpart},
    {"exec", Kind::words, {}, "remove it: tunnel starts no program; connect to one that listens"},
    {"execargs",
     Kind::words,
     {},
     "remove it: tunnel starts no program; connect to one that listens"},
    {"pty", Kind::words, {}, "remove it: tunnel starts no program; connect to one that listens"},
    {"redirect", Kind::words, {}, no_counterpart},
    {"libwrap", Kind::words, {}, "allow = \"192.0.2.0/24\" says who may come in"},
    {"allowlist", Kind::copied, "allow", "192.0.2.0/24"},
    {"whitelist", Kind::copied, "allow", "192.0.2.0/24"},
    {"allowfrom", Kind::copied, "allow", "192.0.2.0/24"},
    {"allowed", Kind::copied, "allow", "192.0.2.0/24"},
    {"denylist", Kind::copied, "deny", "192.0.2.0/24"},
    {"blacklist", Kind::copied, "deny", "192.0.2.0/24"},
    {"denyfrom", Kind::copied, "deny", "192.0.2.0/24"},
    // the process
    {"debug", Kind::log_level},
    {"loglevel", Kind::log_level},
    {"verbose", Kind::log_level},
    {"verbosity", Kind::log_level},
    {"log", Kind::words, {}, "[log] is a table of its own"},
    {"logfile", Kind::logged, "file", "tunnel.log"},
    {"errorlog", Kind::logged, "file", "tunnel.log"},
    {"logformat", Kind::logged, "format", "json"},
    {"syslog", Kind::words, {}, log_to_stderr},
    {"pid", Kind::words, {}, always_foreground},
    {"pidfile", Kind::words, {}, always_foreground},
    {"foreground", Kind::words, {}, always_foreground},
    {"daemon", Kind::words, {}, always_foreground},
    {"daemonize", Kind::words, {}, always_foreground},
    {"background", Kind::words, {}, always_foreground},
    {"service", Kind::words, {}, always_foreground},
    {"setuid", Kind::run, "user", "nobody"},
    {"setgid", Kind::run, "group", "nogroup"},
    {"chroot",
     Kind::words,
     {},
     "remove it: the sandbox is on unless [process] says sandbox = false"},
    {"workerprocesses", Kind::run, "workers", "2"},
    {"threads", Kind::run, "workers", "2"},
    {"nbthread", Kind::run, "workers", "2"},
};

const Foreign* find_foreign(std::string_view key) {
  const std::string bare = bare_name(key);
  const auto* at = std::find_if(std::begin(foreign), std::end(foreign),
                                [&](const Foreign& one) { return one.name == bare; });
  return at == std::end(foreign) ? nullptr : at;
}

bool is_client(const RawTable& table) {
  const RawEntry* entry = find(table, "client");
  const bool* value = entry != nullptr ? std::get_if<bool>(&entry->value.value) : nullptr;
  return value != nullptr && *value;
}

const std::string* string_of(const RawValue& value) {
  return std::get_if<std::string>(&value.value);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

// The number or the digits of a value; empty for others.
std::string digits_of(const RawValue& value) {
  if (const auto* n = std::get_if<std::int64_t>(&value.value)) return std::to_string(*n);
  const std::string* text = string_of(value);
  return text != nullptr && is_number(*text) ? *text : "";
}

std::string copied(const RawValue& value, std::string_view example) {
  const bool fits = string_of(value) != nullptr || std::holds_alternative<RawList>(value.value);
  return fits ? toml_text(value) : toml_string(example);
}

std::string address_text(const std::string& text, bool listening) {
  if (text.find("${") != text.npos) return toml_string(text);
  auto address = read_address(text, {}, listening);
  return toml_string(address ? text : address.error().hint);
}

Suggestion address_line(const RawValue& value, bool listening) {
  const std::string_view key = listening ? "accept" : "connect";
  if (const std::string port = digits_of(value); !port.empty())
    return Suggestion::setting(key, listening ? port : toml_string("127.0.0.1:" + port));
  if (const std::string* text = string_of(value))
    return Suggestion::setting(key, address_text(*text, listening));
  if (std::holds_alternative<RawList>(value.value))
    return Suggestion::setting(key, toml_text(value));
  return Suggestion::setting(key, listening ? "5999" : "\"relay.example:443\"");
}

// The value of the table's first key of that kind that is a number, or is none.
const RawValue* sibling(const RawTable& table, Kind kind, bool number) {
  for (const RawEntry& entry : table) {
    const Foreign* one = find_foreign(entry.key);
    if (one != nullptr && one->kind == kind && digits_of(entry.value).empty() != number)
      return &entry.value;
  }
  return nullptr;
}

std::string with_port(const std::string& host, const std::string& port) {
  return is_ipv6(host) ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

// Host and port in two keys are one value here.
Suggestion joined_line(const RawTable& table, Kind kind, bool listening) {
  const std::string_view key = listening ? "accept" : "connect";
  const RawValue* host = sibling(table, kind, false);
  const RawValue* port = sibling(table, kind, true);
  if (host == nullptr && port != nullptr) {
    const std::string digits = digits_of(*port);
    return Suggestion::setting(key, listening ? digits : toml_string("relay.example:" + digits));
  }
  const std::string* name = host != nullptr ? string_of(*host) : nullptr;
  if (name == nullptr)
    return Suggestion::setting(key, listening ? "5999" : "\"relay.example:443\"");
  if (port == nullptr) return Suggestion::setting(key, address_text(*name, listening));
  return Suggestion::setting(key, address_text(with_port(*name, digits_of(*port)), listening));
}

Suggestion duration_line(std::string_view key, const RawValue& value) {
  if (const std::string digits = digits_of(value); !digits.empty())
    return Suggestion::string_setting(key, digits + "s");
  const std::string* text = string_of(value);
  if (text == nullptr) return Suggestion::string_setting(key, "30s");
  const auto read = duration(*text);
  return Suggestion::string_setting(key, read ? *text : read.error().hint);
}

std::optional<bool> truth(const RawValue& value) {
  if (const bool* b = std::get_if<bool>(&value.value)) return *b;
  if (const auto* n = std::get_if<std::int64_t>(&value.value)) return *n != 0;
  const std::string* text = string_of(value);
  return text != nullptr ? truth_of(*text) : std::nullopt;
}

Suggestion verification_line(const RawValue& value) {
  if (truth(value).value_or(true)) return Suggestion::string_setting("verify", "full");
  return Suggestion::string_setting("verify", "none");
}

std::string target_of(const RawTable& table) {
  const RawEntry* connect = find(table, "connect");
  const std::string* text = connect != nullptr ? string_of(connect->value) : nullptr;
  return text != nullptr && host_port(*text, false) ? *text : "HOST:PORT";
}

Suggestion pinned_line(const RawTable& table) {
  if (!is_client(table))
    return "client_pin says which clients may come in: tunnel pin FILE.pem shows the line";
  return fmt::format("pin trusts exactly that server: tunnel pin {} shows the line",
                     target_of(table));
}

Suggestion chain_line(const RawTable& table, const RawValue& value) {
  if (is_client(table)) return verification_line(value);
  return Suggestion::string_setting("client_ca", "ca.pem");
}

// "TLSv1.2", "tlsv1_3" and lists of such.
Suggestion version_line(std::string_view key, const RawValue& value) {
  std::string text = toml_text(value);
  std::replace(text.begin(), text.end(), '_', '.');
  const bool has_12 = text.find("1.2") != text.npos;
  const bool has_13 = text.find("1.3") != text.npos;
  if (key.empty()) key = has_12 && !has_13 ? "max_version" : "min_version";  // exactly that one
  return Suggestion::string_setting(key, has_13 && !has_12 ? "1.3" : "1.2");
}

Suggestion log_level_line(const RawValue& value) {
  std::string level = "debug";
  if (const std::string digits = digits_of(value); digits.size() == 1) {
    static constexpr std::array<std::string_view, 10> by_number = {
        "error", "error", "error", "error", "warn", "info", "info", "debug", "debug", "debug"};
    level = by_number[static_cast<std::size_t>(digits[0] - '0')];
  } else if (const std::string* text = string_of(value)) {
    level = closest_choice(*text, {"error", "warn", "info", "debug", "trace"});
  }
  return below_header("log", fmt::format("level = \"{}\"", level));
}

Suggestion process_line(const Foreign& one, const RawValue& value) {
  if (one.key == "workers") {
    const std::string digits = digits_of(value);
    return below_header("process", fmt::format("workers = {}", digits.empty() ? "2" : digits));
  }
  const std::string digits = digits_of(value);
  return below_header(
      "process", fmt::format("{} = {}", one.key,
                             digits.empty() ? copied(value, one.example) : toml_string(digits)));
}

Suggestion count_line(std::string_view key, const RawValue& value) {
  const std::string digits = digits_of(value);
  return Suggestion::setting(key, digits.empty() || digits == "0" ? "1000" : digits);
}

Suggestion host_or_port_line(const RawTable& table, const RawEntry& entry) {
  const bool port = !digits_of(entry.value).empty();
  if (find(table, "connect") != nullptr) {
    if (find(table, "accept") == nullptr) return joined_line(table, Kind::host_or_port, true);
    return port ? Suggestion("remove it: the ports belong to accept and connect")
                : Suggestion::setting("server_name", copied(entry.value, "relay.example"));
  }
  return joined_line(table, Kind::host_or_port, false);
}

Suggestion fixed_line(const Foreign& one, const RawValue& value) {
  if (!truth(value).value_or(true)) return "remove it: that is so already";
  const std::string* text = string_of(value);
  const bool by_turns = one.key == "balance" && text != nullptr && text->starts_with("r");
  return Suggestion::setting(one.key, by_turns ? "\"round-robin\"" : one.example);
}

Suggestion line_for(const Foreign& one, const RawEntry& entry, const RawTable& table) {
  const RawValue& value = entry.value;
  switch (one.kind) {
    case Kind::copied:
      return Suggestion::setting(one.key, copied(value, one.example));
    case Kind::authorities:
      return Suggestion::setting(is_client(table) ? "ca" : "client_ca", copied(value, "ca.pem"));
    case Kind::listener:
      return address_line(value, true);
    case Kind::target:
      return address_line(value, false);
    case Kind::listener_part:
      return joined_line(table, one.kind, true);
    case Kind::target_part:
      return joined_line(table, one.kind, false);
    case Kind::host_or_port:
      return host_or_port_line(table, entry);
    case Kind::duration:
      return duration_line(one.key, value);
    case Kind::count:
      return count_line(one.key, value);
    case Kind::yes_or_no:
      return Suggestion::setting(one.key, truth(value).value_or(true) ? "true" : "false");
    case Kind::verification:
      return verification_line(value);
    case Kind::chain:
      return chain_line(table, value);
    case Kind::pinned:
      return pinned_line(table);
    case Kind::version:
      return version_line(one.key, value);
    case Kind::fixed:
      return fixed_line(one, value);
    case Kind::logged:
      return below_header("log", fmt::format("{} = {}", one.key, copied(value, one.example)));
    case Kind::log_level:
      return log_level_line(value);
    case Kind::run:
      return process_line(one, value);
    case Kind::words:
      return std::string(one.example);
  }
  return {};
}

constexpr std::string_view service_keys[] = {"client",
                                             "tls",
                                             "accept",
                                             "connect",
                                             "balance",
                                             "server_name",
                                             "verify",
                                             "ca",
                                             "pin",
                                             "crl",
                                             "cert",
                                             "key",
                                             "client_ca",
                                             "client_pin",
                                             "client_names",
                                             "min_version",
                                             "max_version",
                                             "resume",
                                             "allow",
                                             "deny",
                                             "open_for",
                                             "until",
                                             "keepalive",
                                             "max_connections",
                                             "connect_timeout",
                                             "idle_timeout",
                                             "close_timeout",
                                             "warm",
                                             "handshake_timeout",
                                             "explain",
                                             "unclean_end",
                                             "key_password_file"};
constexpr std::string_view log_keys[] = {"level", "format"};
constexpr std::string_view process_keys[] = {"workers", "user", "group", "sandbox",
                                             "drain_timeout"};

template <std::size_t n>
bool holds(const std::string_view (&keys)[n], std::string_view key) {
  return std::find(std::begin(keys), std::end(keys), key) != std::end(keys);
}

}  // namespace

std::string bare_name(std::string_view key) {
  std::string out = lower_case(key);
  std::erase_if(out, [](char c) { return c == '-' || c == '_' || c == ' '; });
  return out;
}

std::optional<Suggestion> foreign_key(const RawEntry& entry, const RawTable& table) {
  const Foreign* one = find_foreign(entry.key);
  if (one == nullptr) return std::nullopt;
  return line_for(*one, entry, table);
}

std::string_view foreign_meaning(std::string_view key, const RawTable& table) {
  const RawEntry* entry = find(table, key);
  const Foreign* one = find_foreign(key);
  if (entry == nullptr || one == nullptr) return {};
  // the keys whose absence is a mistake
  const std::string meant = line_for(*one, *entry, table).key;
  for (const std::string_view required : {"accept", "connect", "cert", "key"})
    if (meant == required) return required;
  return {};
}

std::string_view home_of(std::string_view key) {
  if (holds(service_keys, key)) return "service";
  if (holds(log_keys, key)) return "log";
  if (holds(process_keys, key)) return "process";
  return {};
}

Suggestion below_header(std::string_view header, std::string_view line) {
  return fmt::format("[{}]\n    {}", header, line);
}

}  // namespace tunnel::config
