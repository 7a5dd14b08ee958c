// The wishes of tests.
#include "tls/tuning.hpp"

#include <fmt/format.h>

#include <charconv>

#include "tls/record/aead/aead.hpp"

namespace tunnel::tls {

namespace {

Error unknown(const char* name, const std::string& value) {
  return {fmt::format("{}: \"{}\" is not known", name, value), "it is for tests: unset it"};
}

const AeadBackend* backend_named(const std::string& name) {
  // it calls itself by the library behind it
  if (name == "psa") return aead_backends().back();
  for (const AeadBackend* backend : aead_backends())
    if (backend->name().starts_with(name + " ")) return backend;
  return nullptr;
}

}  // namespace

Result<Tuning> tuning_from(
    const std::function<std::optional<std::string>(const std::string&)>& environment) {
  Tuning out;
  if (const auto path = environment("TUNNEL_TEST_RECORDS")) {
    if (*path != "own" && *path != "mbedtls") return unknown("TUNNEL_TEST_RECORDS", *path);
    out.own_records = *path == "own";
  }
  if (const auto name = environment("TUNNEL_TEST_AEAD")) {
    out.records.backend = backend_named(*name);
    if (out.records.backend == nullptr) return unknown("TUNNEL_TEST_AEAD", *name);
  }
  if (const auto limit = environment("TUNNEL_TEST_REKEY_AFTER")) {
    const char* const end = limit->data() + limit->size();
    const auto [stop, error] = std::from_chars(limit->data(), end, out.records.rekey_after);
    if (error != std::errc() || stop != end) return unknown("TUNNEL_TEST_REKEY_AFTER", *limit);
  }
  return out;
}

}  // namespace tunnel::tls
