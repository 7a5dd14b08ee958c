// KeyUpdate in both directions, our own renewal of keys, and the end of the sequence numbers.
#include "support/record_suites.hpp"

#include <limits>

namespace tunnel::tls {
namespace {

using namespace test;
using Status = RecordEnd::Status;

const char* const our_update = "handshake 24 0 0 1 0";

template <typename Check>
void for_each_end(Check check) {
  for_each_suite_of(Version::tls13, [&](const Protected& how) {
    for (const bool client : {true, false}) {
      CAPTURE(client);
      Facing facing(how.keys(client), how.settings());
      check(facing);
    }
  });
}

TEST_CASE("data goes on under the peer's next key") {
  for_each_end([](Facing& facing) {
    for (int i = 0; i < 100; ++i)
      CHECK_EQ(facing.end.text(joined(
                   {facing.peer.data("old"), facing.peer.key_update(), facing.peer.data("new")})),
               "oldnew");
    CHECK(facing.end.output.empty());
    CHECK_EQ(facing.peer.hear(facing.end.seal("under the first")), "data under the first");
  });
}

TEST_CASE("a peer that does not renew its key after saying so is refused") {
  for_each_end([](Facing& facing) {
    const RecordBytes update = facing.peer.handshake({24, 0, 0, 1, 0});
    check_refuses(facing, joined({update, facing.peer.data("old key")}), Alert::bad_record_mac, "");
  });
}

TEST_CASE("a KeyUpdate that asks is answered at once, and the answer asks for nothing") {
  for_each_end([](Facing& facing) {
    for (int i = 0; i < 10; ++i) {
      CHECK_EQ(facing.end.text(joined({facing.peer.key_update(1), facing.peer.data("x")})), "x");
      CHECK_EQ(facing.peer.hear(facing.end.said()), our_update);
      CHECK_EQ(facing.peer.hear(facing.end.seal("y")), "data y");
    }
  });
}

TEST_CASE("a KeyUpdate in pieces counts when it is whole") {
  for_each_end([](Facing& facing) {
    for (const std::byte byte : body_of({24, 0, 0, 1})) {
      CHECK(
          facing.end.open(facing.peer.record(ContentType::handshake, std::span(&byte, 1))).empty());
      CHECK(facing.end.output.empty());
    }
    CHECK(facing.end.open(facing.peer.handshake({1})).empty());
    facing.peer.renew();
    CHECK_EQ(facing.peer.hear(facing.end.said()), our_update);
    CHECK_EQ(facing.end.text(facing.peer.data("new")), "new");
  });
}

TEST_CASE("several questions have one answer while nobody takes it") {
  for_each_end([](Facing& facing) {
    for (int i = 0; i < 20; ++i) {
      CHECK(facing.end.open(facing.peer.key_update(1)).empty());
      CHECK(facing.end.status == Status::ok);
    }
    // one said, one owed
    CHECK_EQ(facing.peer.hear(facing.end.seal("y")),
             std::string(our_update) + ", " + our_update + ", data y");
    CHECK_EQ(facing.peer.hear(facing.end.seal("z")), "data z");
    CHECK_EQ(facing.end.text(facing.peer.data("x")), "x");
    CHECK(facing.end.output.empty());
  });
}

TEST_CASE("an owed answer comes when the one before it has been taken") {
  for_each_end([](Facing& facing) {
    CHECK(facing.end.open(facing.peer.key_update(1)).empty());
    CHECK(facing.end.open(facing.peer.key_update(1)).empty());
    CHECK_EQ(facing.peer.hear(facing.end.said()), our_update);
    CHECK_EQ(facing.end.text(facing.peer.data("x")), "x");
    CHECK_EQ(facing.peer.hear(facing.end.said()), our_update);
    CHECK_EQ(facing.end.text(facing.peer.data("x")), "x");
    CHECK(facing.end.output.empty());
  });
}

TEST_CASE("nothing follows a KeyUpdate under the old key") {
  for_each_end([](Facing& facing) {
    check_refuses(facing, facing.peer.handshake({24, 0, 0, 1, 0, 24}), Alert::unexpected_message,
                  "went on under a key that it had given up");
  });
  for_each_end([](Facing& facing) {
    check_refuses(facing, facing.peer.handshake({24, 0, 0, 1, 0, 24, 0, 0, 1, 0}),
                  Alert::unexpected_message, "went on under a key that it had given up");
  });
}

TEST_CASE("a KeyUpdate behind a ticket in the same record is one") {
  for_each_suite_of(Version::tls13, [](const Protected& how) {
    Facing facing(how.keys(true), how.settings());
    const RecordBytes both = facing.peer.handshake({4, 0, 0, 1, 9, 24, 0, 0, 1, 0});
    facing.peer.renew();
    CHECK_EQ(facing.end.text(joined({both, facing.peer.data("new")})), "new");
  });
}

TEST_CASE("data inside a KeyUpdate is refused") {
  for_each_end([](Facing& facing) {
    const RecordBytes wire = joined({facing.peer.handshake({24, 0, 0, 1}), facing.peer.data("x")});
    check_refuses(facing, wire, Alert::unexpected_message, "interrupted a handshake message");
  });
}

TEST_CASE("a KeyUpdate has one byte, 0 or 1") {
  for (const unsigned request : {2U, 24U, 255U})
    for_each_end([&](Facing& facing) {
      check_refuses(facing, facing.peer.handshake({24, 0, 0, 1, request}), Alert::illegal_parameter,
                    "sent a KeyUpdate of no kind");
    });
  for (const unsigned size : {0U, 2U, 255U})
    for_each_end([&](Facing& facing) {
      check_refuses(facing, facing.peer.handshake({24, 0, 0, size}), Alert::decode_error,
                    "sent a handshake message of a wrong size");
    });
}

TEST_CASE("32 KeyUpdates in a row are allowed and the 33rd is not; data begins anew") {
  for (const unsigned request : {0U, 1U})
    for_each_end([&](Facing& facing) {
      for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 32; ++i) {
          CHECK(facing.end.open(facing.peer.key_update(request)).empty());
          CHECK(facing.end.status == Status::ok);
          facing.peer.hear(facing.end.said());
        }
        CHECK_EQ(facing.end.text(facing.peer.data("x")), "x");
        facing.peer.hear(facing.end.said());
      }
      for (int i = 0; i < 32; ++i) {
        CHECK(facing.end.open(joined({facing.peer.key_update(request), facing.peer.data("")}))
                  .empty());
        facing.peer.hear(facing.end.said());
      }
      check_refuses(facing, facing.peer.key_update(request), Alert::unexpected_message,
                    "renewed its key without end");
    });
}

TEST_CASE("many KeyUpdates in one block are taken a few at a time, and none is lost") {
  for_each_end([&](Facing& facing) {
    RecordBytes wire;
    for (int i = 0; i < 100; ++i)
      wire = joined({wire, facing.peer.key_update(0), facing.peer.data("x")});
    std::string got;
    int calls = 0;
    while (!wire.empty()) {
      RecordBytes block = wire;
      Fragments plain;
      std::size_t used = 0;
      REQUIRE(facing.end.records.open(block, plain, used) == Status::ok);
      REQUIRE(used > 0);
      for (const auto piece : plain.all())
        got.append(reinterpret_cast<const char*>(piece.data()), piece.size());
      wire.erase(wire.begin(), wire.begin() + static_cast<std::ptrdiff_t>(used));
      ++calls;
    }
    CHECK_EQ(got, std::string(100, 'x'));
    CHECK_EQ(calls, 13);
  });
}

TEST_CASE("this end renews its key by itself, in time, and the peer follows") {
  for_each_suite_of(Version::tls13, [](const Protected& how) {
    for (const bool client : {true, false}) {
      Facing facing(how.keys(client), {.backend = how.backend, .rekey_after = 3});
      RecordEnd other(how.keys(!client), how.settings());
      std::string said;
      for (int i = 0; i < 10; ++i) {
        const RecordBytes wire = facing.end.seal("x");
        said += facing.peer.hear(wire) + "; ";
        CHECK_EQ(other.text(wire), "x");
        CHECK(other.output.empty());
      }
      const std::string update = std::string(our_update) + ", data x; data x; data x; ";
      CHECK_EQ(said, "data x; data x; data x; " + update + update + our_update + ", data x; ");
    }
  });
}

TEST_CASE("a block of more records than a key may seal has a key of its own") {
  for_each_suite_of(Version::tls13, [](const Protected& how) {
    RecordEnd one(how.keys(true), {.backend = how.backend, .rekey_after = 3});
    RecordEnd other(how.keys(false), how.settings());
    const RecordBytes much = test::Noise().bytes(5 * max_plaintext + 1);
    for (int i = 0; i < 5; ++i) CHECK(other.open(one.seal(much)) == much);
    CHECK(one.open(other.seal(much)) == much);
  });
}

TEST_CASE("TLS 1.2 has no KeyUpdate") {
  for_each_suite_of(Version::tls12, [](const Protected& how) {
    Facing facing(how.keys(), {.backend = how.backend, .rekey_after = 3});
    for (int i = 0; i < 10; ++i) CHECK_EQ(facing.peer.hear(facing.end.seal("x")), "data x");
  });
}

TEST_CASE("the records that a handshake has counted are counted here too") {
  for_each_suite([](const Protected& how) {
    RecordKeys keys = how.keys();
    keys.read = 70'000;
    keys.written = 5'000'000'000;
    Facing facing(keys, {.backend = how.backend, .rekey_after = 6'000'000'000});
    CHECK_EQ(facing.end.text(facing.peer.data("in")), "in");
    CHECK_EQ(facing.peer.hear(facing.end.seal("out")), "data out");
  });
}

TEST_CASE("sequence numbers never begin again") {
  constexpr std::uint64_t end = std::numeric_limits<std::uint64_t>::max();
  for_each_suite([](const Protected& how) {
    {
      RecordKeys keys = how.keys();
      keys.written = end - 2;
      Facing facing(keys, {.backend = how.backend, .rekey_after = end});
      CHECK_EQ(facing.peer.hear(facing.end.seal("x")), "data x");
      CHECK_EQ(facing.peer.hear(facing.end.seal("y")), "data y");
      CHECK(facing.end.seal("z").empty());
      CHECK(facing.end.status == Status::failed);
      CHECK(facing.end.output.empty());
    }
    RecordKeys keys = how.keys();
    keys.read = end - 1;
    Facing facing(keys, how.settings());
    const RecordBytes last = facing.peer.data("last");
    CHECK_EQ(facing.end.text(last), "last");
    CHECK(facing.end.open(last).empty());
    check_refused(facing, Alert::internal_error, "sent more records than can be counted");
  });
}

}  // namespace
}  // namespace tunnel::tls
