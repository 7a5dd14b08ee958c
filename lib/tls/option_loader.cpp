// Reading the files that TLS options name.
#include "tls/option_loader.hpp"

#include <fmt/format.h>
#include <mbedtls/ssl.h>

#include <optional>

#include "base/path.hpp"
#include "x509/known_servers.hpp"
#include "x509/password.hpp"
#include "x509/revocation.hpp"

namespace tunnel::tls {

namespace {

using Field = OptionError::Field;

// Of the Certificate message of TLS 1.3 (RFC 8446 section 4.4.2), which mbedTLS writes in one
// piece.
std::size_t message_size(const mbedtls_x509_crt& chain) {
  constexpr std::size_t header = 4 + 1 + 3;
  constexpr std::size_t for_each = 3 + 2;
  std::size_t out = header;
  for (const auto* one = &chain; one != nullptr; one = one->next) out += one->raw.len + for_each;
  return out;
}

}  // namespace

std::string OptionLoader::authorities_line() const {
  return options_.wording->line(Setting::authorities, "...");
}

bool OptionLoader::add_system(os::SystemTrust& trust) {
  auto found = os::system_trust();
  if (!found) {
    Error error = found.error();
    error.hint += ", or name the authority with " + authorities_line();
    refuse(Field::system_authorities, std::move(error));
    return false;
  }
  trust = std::move(*found);
  return true;
}

std::shared_ptr<const x509::Certificates> OptionLoader::authorities(x509::Rules& rules) {
  os::SystemTrust trust;
  const bool by_system = options_.client && options_.system_authorities;
  if (by_system && !add_system(trust)) return nullptr;
  rules.system = trust.judge;
  // one file at a time first, so that a mistake has its own place
  bool good = true;
  for (std::size_t i = 0; i < options_.authorities.size(); ++i) {
    const std::filesystem::path& path = options_.authorities[i];
    if (auto loaded = cache_.load(os::SystemTrust{.paths = {path}}); !loaded) {
      refuse(Field::authorities, loaded.error(), i);
      good = false;
    } else if (auto whole = x509::check_whole(path, options_.files); !whole) {
      refuse(Field::authorities, whole.error(), i);
      good = false;
    }
    trust.paths.push_back(path);
  }
  if (!good) return nullptr;
  if (!options_.authorities.empty())
    if (auto named = cache_.load(os::SystemTrust{.paths = options_.authorities}))
      rules.named = *named;
  auto loaded = cache_.load(trust);
  if (loaded) return *loaded;
  if (!by_system) {
    refuse(Field::authorities, loaded.error());
    return nullptr;
  }
  refuse(Field::system_authorities,
         {"the system's trust store: " + loaded.error().what,
          os::how_to_install_trust() + ", or name the authority with " + authorities_line()});
  return nullptr;
}

x509::Rules OptionLoader::rules() {
  x509::Rules rules;
  rules.wording = options_.wording;
  rules.peer_is_client = !options_.client;
  rules.chain = options_.client ? options_.verify == Verify::chain : !options_.authorities.empty();
  rules.any_key = options_.any_key;
  rules.pins = options_.pins;
  if (!options_.client) rules.names = options_.names;
  if (options_.client && options_.verify == Verify::first_use) {
    if (auto known = x509::KnownServers::of_this_user())
      rules.known = *known;
    else
      refuse(Field::verify, known.error());
  }
  if (!options_.verifies()) return rules;
  rules.system_authorities = options_.client && options_.system_authorities;
  rules.authorities = rules.chain ? authorities(rules)
                                  // mbedTLS insists on a list
                                  : std::make_shared<const x509::Certificates>();
  if (options_.revocation_lists) {
    if (auto lists = x509::load_revocation_lists(*options_.revocation_lists, options_.files))
      rules.lists = *lists;
    else
      refuse(Field::revocation_lists, lists.error());
  }
  return rules;
}

std::shared_ptr<x509::Certificates> OptionLoader::chain() {
  if (!options_.certificate) return nullptr;
  if (auto chain = x509::load_chain(*options_.certificate, options_.files))
    return *chain;
  else
    refuse(Field::certificate, chain.error());
  return nullptr;
}

std::shared_ptr<x509::PrivateKey> OptionLoader::key() {
  if (!options_.key) return nullptr;
  std::optional<x509::Password> password;
  if (options_.key_password) {
    auto read = x509::read_password(*options_.key_password, options_.files);
    if (!read) {
      refuse(Field::key_password, read.error());
      return nullptr;
    }
    password = std::move(*read);
  }
  auto key = x509::load_key(*options_.key, password ? &*password : nullptr, *options_.wording,
                            options_.files);
  if (!key) {
    refuse(Field::key, key.error());
    return nullptr;
  }
  if (password && !(*key)->was_encrypted) {
    refuse(Field::key_password,
           {fmt::format("the key in {} is not encrypted, so no password is needed",
                        shown(*options_.key)),
            "remove it"});
    return nullptr;
  }
  return *key;
}

void OptionLoader::check_identity(const x509::Certificates* chain, const x509::PrivateKey* key) {
  if (chain != nullptr && !x509::is_for(chain->chain, options_.client))
    refuse(Field::certificate, {fmt::format("{} is not for {}", shown(*options_.certificate),
                                            options_.client ? "clients" : "servers"),
                                fmt::format("its extended key usage must have {}",
                                            options_.client ? "clientAuth" : "serverAuth")});
  if (chain != nullptr && message_size(chain->chain) > MBEDTLS_SSL_OUT_CONTENT_LEN)
    refuse(Field::certificate,
           {fmt::format("the certificates in {} are too large to be sent: they need {} bytes of a "
                        "message, and it can have {}",
                        shown(*options_.certificate), message_size(chain->chain),
                        MBEDTLS_SSL_OUT_CONTENT_LEN),
            "leave out what no client needs, or spread the names over several certificates"});
  if (chain == nullptr || key == nullptr) return;
  if (auto pair = x509::check_pair(*chain, *key); !pair)
    refuse(Field::key, {fmt::format("{} does not fit {}: {}", shown(*options_.key),
                                    shown(*options_.certificate), pair.error().what),
                        pair.error().hint});
}

}  // namespace tunnel::tls
