// What a protected record may look like: data, padding, lengths, types, and the wire cut anywhere.
#include "support/record_suites.hpp"

namespace tunnel::tls {
namespace {

using namespace test;
using Status = RecordEnd::Status;

const char* const too_long = "sent a record that is too long";
const char* const too_short = "sent a record that is too short";
const char* const too_much = "sent a record with too much in it";
const char* const not_protected = "sent something that is no protected record";
const char* const no_place = "sent a record that has no place after the handshake";

RecordBytes header(unsigned type, unsigned minor, std::size_t length) {
  return body_of(
      {type, 3, minor, static_cast<unsigned>(length >> 8), static_cast<unsigned>(length & 255)});
}

TEST_CASE("data of every size passes both ways and in both roles") {
  for_each_suite([](const Protected& how) {
    for (const bool client : {true, false}) {
      Facing facing(how.keys(client), how.settings());
      RecordEnd other(how.keys(!client), how.settings());
      test::Noise noise;
      for (const std::size_t size :
           {1U, 2U, 15U, 16U, 17U, 1000U, 16'383U, 16'384U, 16'385U, 32'768U, 50'001U}) {
        CAPTURE(size);
        const RecordBytes plain = noise.bytes(size);
        const RecordBytes wire = facing.end.seal(plain);
        const std::size_t records = (size + max_plaintext - 1) / max_plaintext;
        CHECK_EQ(wire.size(), size + records * facing.end.records.record_layout().size(0));
        CHECK(other.open(wire) == plain);
        CHECK(facing.end.open(other.seal(plain)) == plain);
      }
      CHECK(facing.end.seal("").empty());
      CHECK(facing.end.status == Status::ok);
    }
  });
}

TEST_CASE("each library opens what every other has sealed") {
  for_each_suite([](const Protected& how) {
    test::for_each_aead([&](const AeadBackend& backend, Cipher cipher) {
      if (cipher != how.suite.cipher) return;
      RecordEnd one(how.keys(true), how.settings());
      RecordEnd other(how.keys(false), {.backend = &backend});
      const RecordBytes plain = test::Noise().bytes(20'000);
      CHECK(other.open(one.seal(plain)) == plain);
      CHECK(one.open(other.seal(plain)) == plain);
    });
  });
}

TEST_CASE("empty records of data are no end") {
  for_each_suite([](const Protected& how) {
    Facing facing(how.keys(), how.settings());
    for (int i = 0; i < 100; ++i) {
      CHECK_EQ(facing.end.text(facing.peer.data("")), "");
      CHECK(facing.end.status == Status::ok);
    }
    CHECK_EQ(facing.end.text(
                 joined({facing.peer.data("a"), facing.peer.data(""), facing.peer.data("b")})),
             "ab");
  });
}

TEST_CASE("padding is taken away") {
  for_each_suite_of(Version::tls13, [](const Protected& how) {
    Facing facing(how.keys(), how.settings());
    for (const std::size_t padding : {1U, 2U, 255U, 16'380U}) {
      CHECK_EQ(facing.end.text(
                   facing.peer.record(ContentType::application_data, body_of("text"), padding)),
               "text");
      CHECK(
          facing.end.open(facing.peer.record(ContentType::application_data, {}, padding)).empty());
      CHECK(facing.end.status == Status::ok);
    }
    // zeros that are data are none of it
    const RecordBytes zeros(100);
    CHECK(facing.end.open(facing.peer.record(ContentType::application_data, zeros, 7)) == zeros);
  });
}

TEST_CASE("a record of padding alone is refused") {
  for_each_suite_of(Version::tls13, [](const Protected& how) {
    for (const std::size_t padding : {0U, 1U, 1000U}) {
      Facing facing(how.keys(), how.settings());
      check_refuses(facing, facing.peer.nothing_but_padding(padding), Alert::unexpected_message,
                    "sent a record without a content");
    }
  });
}

TEST_CASE("a record is as long as it may be, and no longer") {
  for_each_suite([](const Protected& how) {
    const std::size_t bound = max_plaintext + (how.tls13() ? 256 : 2048);
    {
      // not authentic, but that shows only when it is whole
      Facing facing(how.keys(), how.settings());
      CHECK(facing.end.open(header(23, 3, bound)).empty());
      CHECK(facing.end.status == Status::ok);
      check_refuses(facing, RecordBytes(bound), Alert::bad_record_mac, "");
    }
    for (const std::size_t length : {bound + 1, std::size_t{65'535}}) {
      Facing facing(how.keys(), how.settings());
      check_refuses(facing, header(23, 3, length), Alert::record_overflow, too_long);
    }
  });
}

TEST_CASE("a record holds 2^14 bytes and not one more") {
  for_each_suite([](const Protected& how) {
    const RecordBytes full(max_plaintext, std::byte{1});
    const RecordBytes more(max_plaintext + 1, std::byte{1});
    {
      Facing facing(how.keys(), how.settings());
      CHECK(facing.end.open(facing.peer.record(ContentType::application_data, full)) == full);
      check_refuses(facing, facing.peer.record(ContentType::application_data, more),
                    Alert::record_overflow, too_much);
    }
    if (!how.tls13()) return;
    // with the padding
    const RecordBytes text = body_of("text");
    Facing facing(how.keys(), how.settings());
    CHECK(facing.end.open(facing.peer.record(ContentType::application_data, text,
                                             max_plaintext - text.size())) == text);
    check_refuses(
        facing,
        facing.peer.record(ContentType::application_data, text, max_plaintext - text.size() + 1),
        Alert::record_overflow, too_much);
  });
}

TEST_CASE("a record too short for its tag is refused from its header on") {
  for_each_suite([](const Protected& how) {
    const RecordLayout frame = frame_of(how.suite);
    const std::size_t least = frame.size(0) - record_header_size;
    for (std::size_t length = 0; length < least; ++length) {
      Facing facing(how.keys(), how.settings());
      check_refuses(facing, header(23, 3, length), Alert::bad_record_mac, too_short);
    }
    Facing facing(how.keys(), how.settings());
    check_refuses(facing, joined({header(23, 3, least), RecordBytes(least)}), Alert::bad_record_mac,
                  "");
  });
}

TEST_CASE("records in the clear are never believed") {
  for_each_suite([](const Protected& how) {
    for (const bool client : {true, false}) {
      const auto refuse = [&](unsigned type, const RecordBytes& body) {
        CAPTURE(type);
        Facing facing(how.keys(client), how.settings());
        const RecordBytes wire = joined({header(type, 3, body.size()), body});
        const bool right_type = type == 23 || !how.tls13();
        check_refuses(facing, wire, right_type ? Alert::bad_record_mac : Alert::unexpected_message,
                      !right_type         ? not_protected
                      : body.size() < 100 ? too_short
                                          : "");
      };
      refuse(20, body_of({1}));
      refuse(21, body_of({1, 0}));
      refuse(21, body_of({2, 40}));
      refuse(22, body_of({0, 0, 0, 0}));
      refuse(22, RecordBytes(100));
      refuse(23, body_of("some data"));
      refuse(23, RecordBytes(100));
    }
  });
}

TEST_CASE("only the outer types of the version are records") {
  for_each_suite([](const Protected& how) {
    for (unsigned type = 0; type < 256; ++type) {
      if (how.tls13() ? type == 23 : (type >= 20 && type <= 23)) continue;
      Facing facing(how.keys(), how.settings());
      RecordBytes wire = facing.peer.data("data");
      wire[0] = static_cast<std::byte>(type);
      CHECK(facing.end.open(wire).empty());
      test::check_refused(facing, Alert::unexpected_message, not_protected);
    }
  });
}

TEST_CASE("TLS 1.2 has one version on its records, TLS 1.3 authenticates whatever stands there") {
  for_each_suite([](const Protected& how) {
    for (const std::size_t at : {std::size_t{1}, std::size_t{2}}) {
      Facing facing(how.keys(), how.settings());
      RecordBytes wire = facing.peer.data("data");
      wire[at] = std::byte{4};
      check_refuses(facing, wire, how.tls13() ? Alert::bad_record_mac : Alert::protocol_version,
                    how.tls13() ? "" : not_protected);
    }
  });
}

TEST_CASE("inside a record there is data, an alert or a handshake message, and nothing else") {
  for_each_suite([](const Protected& how) {
    for (const bool client : {true, false})
      for (const unsigned type : {1U, 19U, 20U, 24U, 25U, 26U, 255U}) {
        // a type on the outside of TLS 1.2 is refused with the header
        if (!how.tls13() && type != 20) continue;
        CAPTURE(type);
        Facing facing(how.keys(client), how.settings());
        check_refuses(facing, facing.peer.record(static_cast<ContentType>(type), body_of({1})),
                      Alert::unexpected_message, no_place);
      }
  });
}

TEST_CASE("a bit that is changed anywhere in a record spoils it") {
  for_each_suite([](const Protected& how) {
    const std::size_t size = Facing(how.keys()).peer.data("data").size();
    for (std::size_t at = 0; at < size; ++at) {
      CAPTURE(at);
      Facing facing(how.keys(), how.settings());
      CHECK_EQ(facing.end.text(facing.peer.data("before")), "before");
      RecordBytes wire = facing.peer.data("data");
      wire[at] ^= std::byte{1};
      // a longer one is awaited until it is there, a shorter one is followed by its own end
      const RecordBytes rest(at == 3 ? 256 : at == 4 ? 1 : 0);
      CHECK(facing.end.open(joined({wire, rest})).empty());
      CHECK(facing.end.status == Status::failed);
    }
  });
}

TEST_CASE("records out of order, repeated or left out are refused after what came before") {
  for_each_suite([](const Protected& how) {
    for (const int what : {0, 1, 2}) {
      Facing facing(how.keys(), how.settings());
      const RecordBytes a = facing.peer.data("a");
      const RecordBytes b = facing.peer.data("b");
      const RecordBytes c = facing.peer.data("c");
      const RecordBytes wire = what == 0   ? joined({a, c})
                               : what == 1 ? joined({a, a, b})
                                           : joined({a, c, b});
      CHECK_EQ(facing.end.text(wire), "a");
      test::check_refused(facing, Alert::bad_record_mac, "");
    }
  });
}

TEST_CASE("a wire cut anywhere says the same as a whole one") {
  for_each_suite([](const Protected& how) {
    const auto script = [&](Facing& facing) {
      using Type = ContentType;
      auto& peer = facing.peer;
      RecordBytes wire = joined({peer.data("one"), peer.data(""), peer.data("two")});
      if (how.tls13()) {
        const RecordBytes ticket = body_of({4, 0, 0, 3, 7, 8, 9});
        wire = joined({wire, peer.record(Type::handshake, ticket),
                       peer.record(Type::handshake, std::span(ticket).first(5)),
                       peer.record(Type::handshake, std::span(ticket).subspan(5)),
                       peer.record(Type::application_data, body_of("padded"), 9)});
        wire = joined({wire, peer.key_update(1), peer.alert(1, 90)});
      } else {
        wire = joined({wire, peer.handshake({0, 0, 0, 0}), peer.alert(1, 41)});
      }
      return joined({wire, peer.data("three"), peer.alert(1, 0), peer.data("never")});
    };
    std::string said;
    std::size_t size = 0;
    const std::string expected = how.tls13() ? "onetwopaddedthree" : "onetwothree";
    {
      Facing facing(how.keys(), how.settings());
      const RecordBytes wire = script(facing);
      size = wire.size();
      CHECK_EQ(facing.end.text(wire), expected);
      CHECK(facing.end.status == Status::closed);
      said = facing.peer.hear(facing.end.said());
    }
    for (std::size_t cut = 0; cut <= size; ++cut) {
      CAPTURE(cut);
      Facing facing(how.keys(), how.settings());
      const RecordBytes wire = script(facing);
      std::string got = facing.end.text(std::span(wire).first(cut));
      got += facing.end.text(std::span(wire).subspan(cut));
      CHECK_EQ(got, expected);
      CHECK(facing.end.status == Status::closed);
      // an end that has been said hinders an answer that was still owed
      const std::string answer = facing.peer.hear(facing.end.said());
      CHECK((answer == said || (how.tls13() && answer == "handshake 24 0 0 1 0")));
    }
    Facing facing(how.keys(), how.settings());
    std::string got;
    for (const std::byte byte : script(facing)) got += facing.end.text(std::span(&byte, 1));
    CHECK_EQ(got, expected);
    CHECK(facing.end.status == Status::closed);
  });
}

}  // namespace
}  // namespace tunnel::tls
