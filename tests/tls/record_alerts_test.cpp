// Alerts among protected records: the end, warnings, failures, and those that break the rules.
#include "support/record_suites.hpp"

namespace tunnel::tls {
namespace {

using namespace test;
using Status = RecordEnd::Status;

const char* const wrong_size = "sent an alert of a wrong size";

TEST_CASE("after close_notify nothing is delivered and nothing is refused") {
  for_each_suite([](const Protected& how) {
    for (const bool client : {true, false})
      for (const unsigned level : {1U, 2U}) {
        Facing facing(how.keys(client), how.settings());
        const RecordBytes wire = joined({facing.peer.data("last"), facing.peer.alert(level, 0),
                                         facing.peer.data("never"), RecordBytes(40)});
        CHECK_EQ(facing.end.text(wire), "last");
        CHECK(facing.end.status == Status::closed);
        CHECK(facing.end.open(facing.peer.data("never")).empty());
        CHECK(facing.end.status == Status::closed);
        CHECK(facing.end.output.empty());
        // the other direction goes on, to its own end
        CHECK_EQ(facing.peer.hear(facing.end.seal("late")), "data late");
        CHECK(facing.end.records.close() == Status::ok);
        CHECK_EQ(facing.peer.hear(facing.end.said()), "alert 1 0");
      }
  });
}

TEST_CASE("an end is said once, and reading goes on after it") {
  for_each_suite([](const Protected& how) {
    Facing facing(how.keys(), how.settings());
    CHECK(facing.end.records.close() == Status::ok);
    CHECK(facing.end.records.close() == Status::ok);
    CHECK_EQ(facing.peer.hear(facing.end.said()), "alert 1 0");
    CHECK_EQ(facing.end.text(facing.peer.data("late")), "late");
    CHECK(facing.end.seal("too late").empty());
    CHECK(facing.end.status == Status::failed);
    CHECK_EQ(facing.end.text(facing.peer.data("later")), "later");
    CHECK(facing.end.status == Status::ok);
    CHECK(facing.end.open(facing.peer.alert(1, 0)).empty());
    CHECK(facing.end.status == Status::closed);
    CHECK(facing.end.output.empty());
  });
}

TEST_CASE("nothing follows the end that was said, neither answers nor alerts") {
  for_each_suite([](const Protected& how) {
    Facing facing(how.keys(), how.settings());
    CHECK(facing.end.records.close() == Status::ok);
    CHECK_EQ(facing.peer.hear(facing.end.said()), "alert 1 0");
    const RecordBytes question =
        how.tls13() ? facing.peer.key_update(1) : facing.peer.handshake({0, 0, 0, 0});
    CHECK_EQ(facing.end.text(joined({question, facing.peer.data("more")})), "more");
    CHECK(facing.end.output.empty());
    CHECK(facing.end.open(joined({body_of({23, 3, 3, 0, 40}), RecordBytes(40)})).empty());
    CHECK(facing.end.status == Status::failed);
    CHECK(facing.end.output.empty());
  });
}

TEST_CASE("a fatal alert ends the connection and is not answered") {
  for_each_suite([](const Protected& how) {
    for (const unsigned description : {10U, 20U, 40U, 80U, 116U, 255U}) {
      Facing facing(how.keys(), how.settings());
      const RecordBytes wire =
          joined({facing.peer.data("before"), facing.peer.alert(2, description),
                  facing.peer.data("never")});
      CHECK_EQ(facing.end.text(wire), "before");
      CHECK(facing.end.status == Status::failed);
      CHECK_EQ(facing.end.records.failure().received, static_cast<int>(description));
      CHECK_FALSE(facing.end.records.failure().sent.has_value());
      CHECK(facing.end.output.empty());
      CHECK(facing.end.seal("more").empty());
      CHECK(facing.end.status == Status::failed);
      CHECK(facing.end.records.close() == Status::failed);
      CHECK(facing.end.output.empty());
    }
  });
}

TEST_CASE("in TLS 1.3 an alert is fatal whatever its level says, but for user_canceled") {
  for_each_suite_of(Version::tls13, [](const Protected& how) {
    for (unsigned description = 1; description < 256; ++description) {
      for (const unsigned level : {0U, 1U, 2U, 255U}) {
        Facing facing(how.keys(), how.settings());
        CHECK(facing.end.open(facing.peer.alert(level, description)).empty());
        CHECK((facing.end.status == Status::failed) == (description != 90));
        CHECK_EQ(facing.end.records.failure().received,
                 description == 90 ? -1 : static_cast<int>(description));
        CHECK(facing.end.output.empty());
      }
    }
  });
}

TEST_CASE("in TLS 1.2 a warning is no failure, and any other level is") {
  for_each_suite_of(Version::tls12, [](const Protected& how) {
    for (const unsigned description : {41U, 90U, 100U, 112U}) {
      Facing facing(how.keys(), how.settings());
      CHECK_EQ(facing.end.text(joined({facing.peer.alert(1, description), facing.peer.data("a")})),
               "a");
      CHECK(facing.end.status == Status::ok);
      CHECK(facing.end.output.empty());
      for (const unsigned level : {0U, 2U, 3U}) {
        Facing other(how.keys(), how.settings());
        CHECK(other.end.open(other.peer.alert(level, description)).empty());
        CHECK(other.end.status == Status::failed);
      }
    }
  });
}

TEST_CASE("warnings without data between them are refused in the end") {
  for_each_suite([](const Protected& how) {
    const unsigned description = how.tls13() ? 90 : 41;
    Facing facing(how.keys(), how.settings());
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 5; ++i) {
        CHECK(facing.end.open(facing.peer.alert(1, description)).empty());
        CHECK(facing.end.status == Status::ok);
      }
      CHECK_EQ(facing.end.text(facing.peer.data("data")), "data");
    }
    // empty data is no data
    for (int i = 0; i < 5; ++i) {
      CHECK(facing.end.open(joined({facing.peer.alert(1, description), facing.peer.data("")}))
                .empty());
      CHECK(facing.end.status == Status::ok);
    }
    check_refuses(facing, facing.peer.alert(1, description), Alert::unexpected_message,
                  "sent warnings without end");
  });
}

TEST_CASE("an alert has two bytes") {
  for_each_suite([](const Protected& how) {
    for (const auto& body : {body_of({1}), body_of({1, 0, 0}), body_of({1, 90, 1, 0})}) {
      Facing facing(how.keys(), how.settings());
      check_refuses(facing, facing.peer.record(ContentType::alert, body), Alert::decode_error,
                    wrong_size);
    }
  });
}

// RFC 8446 section 5.4.
TEST_CASE("an alert of no bytes is an unexpected message") {
  for_each_suite([](const Protected& how) {
    Facing facing(how.keys(), how.settings());
    check_refuses(facing, facing.peer.record(ContentType::alert, {}), Alert::unexpected_message,
                  "sent an empty alert record");
  });
}

TEST_CASE("a padded alert is an alert") {
  for_each_suite_of(Version::tls13, [](const Protected& how) {
    Facing facing(how.keys(), how.settings());
    CHECK(facing.end.open(facing.peer.record(ContentType::alert, body_of({1, 0}), 100)).empty());
    CHECK(facing.end.status == Status::closed);
  });
}

}  // namespace
}  // namespace tunnel::tls
