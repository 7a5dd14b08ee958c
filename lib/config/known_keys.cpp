// The table of keys.
#include "config/known_keys.hpp"

#include <algorithm>

namespace tunnel::config {

namespace {

constexpr KnownKey keys[] = {
    {"service", "accept", "5999", true},
    {"service", "allow", "\"192.0.2.0/24\"", true},
    {"service", "balance", "\"order\""},
    {"service", "ca", "\"ca.pem\"", true},
    {"service", "cert", "\"relay.pem\""},
    {"service", "client", "true"},
    {"service", "client_ca", "\"our-clients.pem\"", true},
    {"service", "client_names", "\"*.example\"", true},
    {"service", "client_pin", "", true},
    {"service", "close_timeout", "\"60s\""},
    {"service", "connect", "\"relay.example:443\"", true},
    {"service", "connect_timeout", "\"10s\""},
    {"service", "crl", "\"ca.crl\""},
    {"service", "deny", "\"192.0.2.0/24\"", true},
    {"service", "explain", "\"vnc\""},
    {"service", "handshake_timeout", "\"10s\""},
    {"service", "idle_timeout", "\"12h\""},
    {"service", "keepalive", "\"60s\""},
    {"service", "key", "\"relay.key\""},
    {"service", "key_password_file", "\"password.txt\""},
    {"service", "max_connections", "10000"},
    {"service", "max_per_source", "100"},
    {"service", "max_version", "\"1.3\""},
    {"service", "min_version", "\"1.2\""},
    {"service", "open_for", "\"30m\""},
    {"service", "pin", "", true},
    {"service", "resume", "true"},
    {"service", "server_name", "\"relay.example\""},
    {"service", "tls", "true"},
    {"service", "unclean_end", "\"reset\""},
    {"service", "until", ""},
    {"service", "verify", "\"full\""},
    {"service", "warm", "1"},
    {"log", "file", "\"tunnel.log\""},
    {"log", "format", "\"text\""},
    {"log", "level", "\"info\""},
    {"log", "syslog", "\"unix:/dev/log\""},
    {"log", "time", "true"},
    {"process", "drain_timeout", "\"30s\""},
    {"process", "group", "\"nogroup\""},
    {"process", "sandbox", "true"},
    {"process", "user", "\"nobody\""},
    {"process", "watch", "true"},
    {"process", "workers", "2"},
    {"status", "allow", "\"192.0.2.0/24\"", true},
    {"status", "listen", "\"127.0.0.1:9090\""},
    {"status", "token_file", "\"status.token\""},
};

}  // namespace

std::span<const KnownKey> known_keys() { return keys; }

const KnownKey* known_key(std::string_view name) {
  const auto* at = std::find_if(std::begin(keys), std::end(keys),
                                [&](const KnownKey& key) { return key.name == name; });
  return at == std::end(keys) ? nullptr : at;
}

}  // namespace tunnel::config
