// Handshake messages among protected records: tickets, renegotiation, and what has no place there.
#include "support/record_suites.hpp"

namespace tunnel::tls {
namespace {

using namespace test;
using Status = RecordEnd::Status;

const char* const no_place = "sent a handshake message that has no place after the handshake";
const char* const wrong_size = "sent a handshake message of a wrong size";
const char* const interrupted = "interrupted a handshake message";

// NewSessionTicket with this many bytes after its header.
RecordBytes ticket(std::size_t size) {
  RecordBytes out =
      body_of({4, static_cast<unsigned>(size >> 16), static_cast<unsigned>(size >> 8 & 255),
               static_cast<unsigned>(size & 255)});
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<std::byte>(i % 250 + 1));
  return out;
}

// In records with `chunk` bytes each.
RecordBytes in_pieces(test::RecordPeer& peer, const RecordBytes& message, std::size_t chunk) {
  RecordBytes wire;
  for (std::size_t at = 0; at < message.size(); at += chunk)
    wire = joined(
        {wire, peer.record(ContentType::handshake,
                           std::span(message).subspan(at, std::min(chunk, message.size() - at)))});
  return wire;
}

TEST_CASE("a client ignores tickets, whole, in pieces, and several in one record") {
  for_each_suite_of(Version::tls13, [](const Protected& how) {
    Facing facing(how.keys(), how.settings());
    const auto passes = [&](const RecordBytes& wire) {
      CHECK_EQ(facing.end.text(joined({wire, facing.peer.data("data")})), "data");
      CHECK(facing.end.status == Status::ok);
      CHECK(facing.end.output.empty());
    };
    for (const std::size_t size : {1U, 201U, 16'380U})
      passes(facing.peer.record(ContentType::handshake, ticket(size)));
    for (const std::size_t chunk : {1U, 2U, 3U, 4U, 5U, 7U, 100U})
      passes(in_pieces(facing.peer, ticket(120), chunk));
    passes(facing.peer.record(ContentType::handshake, joined({ticket(50), ticket(60)})));
    // two and the beginning of a third, which ends in the next record
    passes(in_pieces(facing.peer, joined({ticket(50), ticket(60), ticket(70)}), 130));
    passes(in_pieces(facing.peer, joined({ticket(50), ticket(60), ticket(70)}), 56));
    for (int i = 0; i < 100; ++i) passes(facing.peer.record(ContentType::handshake, ticket(9)));
  });
}

TEST_CASE("a ticket as long as its fields can be is ignored, and one byte more is refused") {
  for_each_suite_of(Version::tls13, [](const Protected& how) {
    constexpr std::size_t longest = 4 + 4 + 1 + 255 + 2 + 65'535 + 2 + 65'534;
    Facing facing(how.keys(), how.settings());
    const RecordBytes wire = in_pieces(facing.peer, ticket(longest), 16'384);
    CHECK_EQ(facing.end.text(joined({wire, facing.peer.data("data")})), "data");
    const RecordBytes longer = ticket(longest + 1);
    check_refuses(facing, facing.peer.record(ContentType::handshake, std::span(longer).first(4)),
                  Alert::decode_error, wrong_size);
  });
}

TEST_CASE("a server is given no ticket") {
  for_each_suite_of(Version::tls13, [](const Protected& how) {
    Facing facing(how.keys(false), how.settings());
    check_refuses(facing, facing.peer.record(ContentType::handshake, ticket(50)),
                  Alert::unexpected_message, no_place);
  });
}

TEST_CASE("nothing comes between the pieces of a message") {
  for_each_suite_of(Version::tls13, [](const Protected& how) {
    for (const std::size_t first : {1U, 3U, 4U, 30U})
      for (const bool data : {true, false}) {
        Facing facing(how.keys(), how.settings());
        const RecordBytes message = ticket(50);
        CHECK(facing.end
                  .open(facing.peer.record(ContentType::handshake, std::span(message).first(first)))
                  .empty());
        CHECK(facing.end.status == Status::ok);
        check_refuses(facing, data ? facing.peer.data("between") : facing.peer.alert(1, 0),
                      Alert::unexpected_message, interrupted);
      }
  });
}

TEST_CASE("an empty handshake record is refused") {
  for_each_suite([](const Protected& how) {
    for (const bool client : {true, false}) {
      Facing facing(how.keys(client), how.settings());
      check_refuses(facing, facing.peer.record(ContentType::handshake, {}),
                    Alert::unexpected_message, "sent an empty handshake record");
    }
  });
}

TEST_CASE("no other handshake message is believed") {
  for_each_suite([](const Protected& how) {
    for (const bool client : {true, false})
      for (unsigned type = 0; type < 256; ++type) {
        const bool known =
            how.tls13() ? type == 24 || (client && type == 4) : type == (client ? 0 : 1);
        if (known) continue;
        CAPTURE(type);
        Facing facing(how.keys(client), how.settings());
        CHECK(facing.end.open(facing.peer.handshake({type, 0, 0, 1, 0})).empty());
        test::check_refused(facing, Alert::unexpected_message, no_place);
      }
  });
}

TEST_CASE("TLS 1.2 refuses to renegotiate, a few times, and then the connection") {
  for_each_suite_of(Version::tls12, [](const Protected& how) {
    for (const bool client : {true, false}) {
      Facing facing(how.keys(client), how.settings());
      const RecordBytes hello =
          client ? body_of({0, 0, 0, 0}) : joined({body_of({1, 0, 0, 40}), RecordBytes(40)});
      for (int i = 0; i < 5; ++i) {
        const RecordBytes wire = i % 2 == 0 ? facing.peer.record(ContentType::handshake, hello)
                                            : in_pieces(facing.peer, hello, 3);
        CHECK(facing.end.open(wire).empty());
        CHECK(facing.end.status == Status::ok);
        CHECK_EQ(facing.peer.hear(facing.end.said()), "alert 1 100");
        // data does not buy another try
        CHECK_EQ(facing.end.text(facing.peer.data("data")), "data");
      }
      check_refuses(facing, facing.peer.record(ContentType::handshake, hello),
                    Alert::unexpected_message, "asked for a renegotiation again and again");
    }
  });
}

TEST_CASE("a HelloRequest is empty and a ClientHello has its bounds") {
  for_each_suite_of(Version::tls12, [](const Protected& how) {
    {
      Facing facing(how.keys(true), how.settings());
      check_refuses(facing, facing.peer.handshake({0, 0, 0, 1, 0}), Alert::decode_error,
                    wrong_size);
    }
    Facing facing(how.keys(false), how.settings());
    check_refuses(facing, facing.peer.handshake({1, 255, 255, 255}), Alert::decode_error,
                  wrong_size);
  });
}

}  // namespace
}  // namespace tunnel::tls
