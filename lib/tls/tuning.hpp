// How records are protected: the build decides, and tests may decide otherwise.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "tls/record/record_settings.hpp"

namespace tunnel::tls {

struct Tuning {
#if defined(TUNNEL_RECORDS_BY_MBEDTLS)
  bool own_records = false;
#else
  bool own_records = true;
#endif
  RecordSettings records;
};

// What the environment wishes, for tests: TUNNEL_TEST_RECORDS=mbedtls leaves records to mbedTLS,
// TUNNEL_TEST_AEAD names the library that seals and opens them ("psa"), TUNNEL_TEST_REKEY_AFTER is
// how many records one key may seal.
Result<Tuning> tuning_from(
    const std::function<std::optional<std::string>(const std::string&)>& environment);

}  // namespace tunnel::tls
