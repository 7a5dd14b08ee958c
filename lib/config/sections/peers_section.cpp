// Reads how a service verifies its peers, and refuses contradictions.
#include "config/sections/peers_section.hpp"

#include <fmt/format.h>

#include "base/host.hpp"
#include "base/pin_text.hpp"
#include "base/text.hpp"
#include "config/sections/service_section.hpp"

namespace tunnel::config {

namespace {

namespace fs = std::filesystem;

// The pins of `key`; `source` is the argument to suggest for `tunnel pin` if one is no pin.
std::vector<std::string> pins(std::string_view key, std::string_view source, TableReader& reader) {
  std::vector<std::string> out;
  for (const Text& text : reader.texts(key)) {
    auto one = parse_pin(text.value);
    if (one)
      out.push_back(std::move(*one));
    else
      reader.mistake(text.place, key, one.error().what,
                     one.error().hint.empty()
                         ? Suggestion(fmt::format("tunnel pin {} shows the right one", source))
                         : Suggestion::string_setting(key, one.error().hint));
  }
  return out;
}

}  // namespace

void read_verify(Service& service, TableReader& reader) {
  const auto verify = reader.one_of("verify", {"full", "pin", "first-use", "none"});
  const RawEntry* there = reader.own("verify");
  if (there == nullptr) there = reader.inherited("verify");
  if (there != nullptr) service.verify_place = there->value.place;

  std::vector<std::string> known =
      pins("pin", service.connect.empty() ? "HOST:PORT" : service.connect.front().text(), reader);
  if (verify)
    service.verify = static_cast<Verify>(*verify);
  else if (!known.empty() && !reader.has("ca"))
    service.verify = Verify::pin;
  if (service.verify == Verify::pin && !reader.has("pin") && service.connects_tls())
    reader.mistake(
        service.verify_place, "", "verify = \"pin\" needs a pin: the key to expect",
        fmt::format("tunnel pin {} shows it",
                    service.connect.empty() ? "HOST:PORT" : service.connect.front().text()));
  if (service.verify == Verify::full || service.verify == Verify::pin)
    service.pins = std::move(known);
}

void read_clients(Service& service, TableReader& reader, const fs::path& folder) {
  std::vector<FileRef> authorities;
  for (const Text& text : reader.texts("client_ca")) {
    if (text.value == "system")
      reader.mistake(text.place, "client_ca",
                     "\"system\" would let in anybody with a certificate from any public authority",
                     Suggestion::string_setting("client_ca", "our-clients.pem"));
    else if (auto file = readable(text, "client_ca", true, reader, folder))
      authorities.push_back(std::move(*file));
  }
  std::vector<std::string> keys = pins("client_pin", "FILE.pem", reader);
  std::vector<NamePattern> names;
  for (const Text& text : reader.texts("client_names")) {
    auto pattern = NamePattern::parse(text.value);
    if (pattern)
      names.push_back(std::move(*pattern));
    else
      reader.mistake(text.place, "client_names", pattern.error().what, pattern.error().hint);
  }
  // a client ignores these keys in [defaults]
  if (!service.accepts_tls()) return;
  if (const RawEntry* entry = reader.own("client_names"); entry && !reader.has("client_ca"))
    reader.mistake(entry->key_place, "",
                   "client_names does nothing without client_ca: a name proves nothing where no "
                   "authority vouches for it",
                   Suggestion::string_setting("client_ca", "our-clients.pem"));
  if (const RawEntry* entry = reader.own("crl"); entry && !reader.has("client_ca"))
    reader.mistake(entry->key_place, "",
                   "crl does nothing in server mode without client_ca: it is their authority that "
                   "revokes clients' certificates",
                   Suggestion::string_setting("client_ca", "our-clients.pem"));
  service.client_ca = std::move(authorities);
  service.client_pins = std::move(keys);
  if (reader.has("client_ca")) service.client_names = std::move(names);
}

void read_resume(Service& service, TableReader& reader) {
  const auto given = reader.boolean("resume");
  const bool authenticates =
      service.accepts_tls() && (reader.has("client_ca") || reader.has("client_pin"));
  service.resume = given.value_or(!service.client || !service.cert) && !authenticates;
  const RawEntry* own = reader.own("resume");
  if (authenticates && own != nullptr && given.value_or(false))
    reader.mistake(own->value.place, "resume",
                   "a client that goes on with a session shows no certificate, and here each must "
                   "show one",
                   Suggestion::setting("resume", "false"));
}

void read_key_password(Service& service, TableReader& reader, const fs::path& folder) {
  const auto file = reader.text("key_password_file");
  if (!file || !service.tls) return;
  auto readable_file = readable(*file, "key_password_file", false, reader, folder);
  const bool has_key = reader.has("key") || service.key.has_value();
  if (has_key) service.key_password_file = std::move(readable_file);
  if (const RawEntry* entry = reader.own("key_password_file");
      entry && !has_key && !reader.misnamed("key"))
    reader.mistake(entry->key_place, "", "key_password_file does nothing without a key",
                   Suggestion::string_setting("key", "client.key"));
}

void refuse_unused_trust(const Service& service, TableReader& reader) {
  const auto refuse = [&](std::string_view key, std::string_view with, const Suggestion& next) {
    if (const RawEntry* entry = reader.own(key))
      reader.mistake(entry->key_place, "",
                     fmt::format("{} does nothing with verify = {}", key, with), next);
  };
  const auto verify = [](std::string_view value, std::string_view words = {}) {
    return Suggestion::string_setting("verify", value, words);
  };
  switch (service.verify) {
    case Verify::full:
      return;
    case Verify::pin:
      for (const auto key : {"ca", "crl"})
        refuse(key, "\"pin\", where only the key counts", verify("full", " checks both"));
      break;
    case Verify::first_use:
      for (const auto key : {"ca", "crl"})
        refuse(key, "\"first-use\", where only the key counts", verify("full"));
      refuse("pin", "\"first-use\", which finds the key by itself", verify("pin"));
      break;
    case Verify::none:
      for (const auto key : {"ca", "crl"}) refuse(key, "\"none\"", verify("full"));
      refuse("pin", "\"none\"", verify("pin"));
      break;
  }
  const RawEntry* name = reader.own("server_name");
  if (name != nullptr && is_address(service.server_name))
    reader.mistake(name->key_place, "",
                   "server_name does nothing: an address is never sent, and this verify does not "
                   "check it",
                   "remove it, or give a name");
}

}  // namespace tunnel::config
