// Runs of a test over every version, cipher and AEAD library, and what a refused record looks like.
#pragma once

#include <doctest/doctest.h>

#include "support/aead.hpp"
#include "support/records.hpp"

namespace tunnel::test {

// One of them.
struct Protected {
  tls::Suite suite;
  const tls::AeadBackend* backend;

  bool tls13() const { return suite.version == tls::Version::tls13; }
  tls::RecordKeys keys(bool client = true) const { return record_keys(suite, client); }
  tls::RecordSettings settings() const { return {.backend = backend}; }
};

// Calls `check(Protected)`.
template <typename Check>
void for_each_suite(Check check) {
  for (const tls::Version version : {tls::Version::tls12, tls::Version::tls13})
    for_each_aead([&](const tls::AeadBackend& backend, tls::Cipher cipher) {
      const std::string_view protocol = version == tls::Version::tls13 ? "TLS 1.3" : "TLS 1.2";
      CAPTURE(protocol);
      check(Protected{suite(version, cipher), &backend});
    });
}
template <typename Check>
void for_each_suite_of(tls::Version version, Check check) {
  for_each_suite([&](const Protected& how) {
    if (how.suite.version == version) check(how);
  });
}

// The end has failed for this reason, and its peer reads the alert.
inline void check_refused(Facing& facing, Alert alert, std::string_view reason) {
  const auto& failure = facing.end.records.failure();
  CHECK(facing.end.status == RecordEnd::Status::failed);
  CHECK_EQ(std::string_view(failure.reason), reason);
  CHECK_EQ(failure.received, -1);
  REQUIRE(failure.sent.has_value());
  CHECK_EQ(static_cast<unsigned>(*failure.sent), static_cast<unsigned>(alert));
  CHECK_EQ(facing.peer.hear(facing.end.said()),
           "alert 2 " + std::to_string(static_cast<unsigned>(alert)));
}

// The same, from one wire; and nothing is believed any more.
inline void check_refuses(Facing& facing, const RecordBytes& wire, Alert alert,
                          std::string_view reason) {
  CHECK(facing.end.open(wire).empty());
  check_refused(facing, alert, reason);
  CHECK(facing.end.open(facing.peer.data("more")).empty());
  CHECK(facing.end.status == RecordEnd::Status::failed);
  CHECK(facing.end.seal("more").empty());
  CHECK(facing.end.status == RecordEnd::Status::failed);
}

}  // namespace tunnel::test
