// What tests may wish of the record path, and what is refused.
#include "tls/tuning.hpp"

#include <doctest/doctest.h>

#include <string>

#include "tls/record/aead/aead.hpp"

namespace tunnel::tls {
namespace {

Result<Tuning> tuned(const std::string& variable, const std::string& value) {
  return tuning_from([&](const std::string& name) {
    return name == variable ? std::optional<std::string>(value) : std::nullopt;
  });
}

TEST_CASE("without a wish the build decides") {
  const auto tuning = tuned("HOME", "x");
  REQUIRE(tuning);
  CHECK_EQ(tuning->own_records, Tuning().own_records);
  CHECK_EQ(tuning->records.backend, nullptr);
  CHECK_EQ(tuning->records.rekey_after, std::uint64_t{1} << 24);
}

TEST_CASE("each wish is one of few") {
  CHECK(tuned("TUNNEL_TEST_RECORDS", "own")->own_records);
  CHECK_FALSE(tuned("TUNNEL_TEST_RECORDS", "mbedtls")->own_records);
  CHECK_EQ(tuned("TUNNEL_TEST_REKEY_AFTER", "100")->records.rekey_after, 100);
  for (const char* wrong : {"", "Own", "openssl"}) {
    CHECK_FALSE(tuned("TUNNEL_TEST_RECORDS", wrong));
    CHECK_FALSE(tuned("TUNNEL_TEST_AEAD", wrong));
    CHECK_FALSE(tuned("TUNNEL_TEST_REKEY_AFTER", wrong));
  }
  for (const char* wrong : {"-1", "1x", "99999999999999999999"})
    CHECK_FALSE(tuned("TUNNEL_TEST_REKEY_AFTER", wrong));
}

TEST_CASE("every library that is compiled in can be wished for, and psa is always there") {
  for (const AeadBackend* backend : aead_backends()) {
    const std::string name(backend->name().substr(0, backend->name().find(' ')));
    CAPTURE(name);
    const auto tuning = tuned("TUNNEL_TEST_AEAD", name);
    REQUIRE(tuning);
    CHECK_EQ(tuning->records.backend, backend);
  }
  const auto tuning = tuned("TUNNEL_TEST_AEAD", "psa");
  REQUIRE(tuning);
  CHECK_EQ(tuning->records.backend, aead_backends().back());
}

}  // namespace
}  // namespace tunnel::tls
