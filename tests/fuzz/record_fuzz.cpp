// The same protected records, damaged and reordered, into both record paths: the same data comes
// out, and the end is as clean.
//
// Where the two differ on purpose, comparing stops, and only ours reads on:
// - KeyUpdate, which mbedTLS refuses (RFC 8446 section 4.6.3);
// - what is in a ticket, which is ours to ignore, and mbedTLS's to check;
// - alerts: mbedTLS lets any warning pass, in TLS 1.3 too, and takes close_notify for an end only
//   as a warning (RFC 8446 section 6); repeated warnings and renegotiations are refused here only;
// - change_cipher_spec in the clear, which mbedTLS drops in TLS 1.3 even after the handshake (RFC
//   8446 section 5 has it refused then);
// - more than three empty records in a row, which mbedTLS refuses and no RFC does.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "support/records.hpp"
#include "support/tls_context.hpp"
#include "tls/mbedtls_session.hpp"

namespace {

using namespace tunnel;
using test::RecordBytes;
using Status = tls::Engine::Status;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Contexts {
  test::Certificate relay = test::make_certificate({.names = {"relay.example"}});
  std::shared_ptr<const tls::Context> client[2], server[2];

  Contexts() {
    for (const int i : {0, 1}) {
      const auto version = i == 0 ? tls::Version::tls12 : tls::Version::tls13;
      client[i] = test::client_context({.ca = relay.pem, .min = version, .max = version});
      server[i] = test::server_context(relay, {.min = version, .max = version});
    }
  }
};

// One end whose records stay with mbedTLS.
struct Oracle {
  Oracle(const tls::Context& context, const char* peer)
      : session(context, peer, {context.client() ? "relay.example" : "", false}, output) {}

  RecordBytes output;
  tls::MbedtlsSession session;
  Status status = Status::starved;

  void shake(RecordBytes& from_peer) {
    const RecordBytes wire = std::exchange(from_peer, {});
    if (status == Status::ok) return;
    session.feed(wire);
    status = session.handshake();
    session.keep_input();
  }
  void read(std::span<const std::byte> wire, RecordBytes& out) {
    session.feed(wire);
    read_on(out);
    session.keep_input();
  }
  void read_on(RecordBytes& out) {
    static std::array<std::byte, tls::max_plaintext> room;
    for (status = Status::ok; status == Status::ok;) {
      std::size_t n = 0;
      status = session.read(room, n);
      out.insert(out.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(n));
    }
  }
};

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : bytes_(data, size) {}
  bool empty() const { return bytes_.empty(); }
  unsigned next() {
    if (bytes_.empty()) return 0;
    const unsigned value = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return value;
  }
  RecordBytes take(std::size_t size) {
    RecordBytes out;
    for (; size > 0; --size) out.push_back(static_cast<std::byte>(next()));
    return out;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

// One step of the wire.
struct Unit {
  RecordBytes wire;
  bool differs = false;  // from here on there is nothing to compare
};

class Script {
 public:
  Script(Input& input, const tls::RecordKeys& keys)
      : input_(input), peer_(keys), tls13_(keys.suite.version == tls::Version::tls13) {
    while (!input_.empty() && units.size() < 40) step();
  }

  // The last words, which are delivered where all before were accepted.
  RecordBytes end() { return test::joined({peer_.data("the end"), peer_.alert(1, 0)}); }

  std::vector<Unit> units;

 private:
  void step() {
    using Type = tls::ContentType;
    const unsigned what = input_.next();
    const unsigned many = what >> 4;
    switch (what & 15) {
      case 0:
      case 1:
        return add_data(input_.take(many), 0);
      case 2:
        return add_data(input_.take(many), input_.next() * 70);
      case 3: {
        static constexpr std::size_t sizes[] = {1000, 16'383, 16'384, 16'385, 16'640, 16'641};
        return add_data(RecordBytes(sizes[many % std::size(sizes)], std::byte{1}), 0);
      }
      case 4: {
        const unsigned level = input_.next(), description = input_.next();
        const bool end = description == 0 && level == 1;
        return add(peer_.alert(level, description),
                   !end && (tls13_ || level != 2 || description == 0));
      }
      case 5:
        return add(peer_.record(Type::alert, input_.take(many)), many == 2);
      case 6: {
        const RecordBytes body = input_.take(many);
        const unsigned type = body.empty() ? 255 : std::to_integer<unsigned>(body[0]);
        return add(peer_.record(Type::handshake, body),
                   tls13_ ? type == 4 || type == 24 : type == 0 || type == 1);
      }
      case 7:
        return tls13_ ? add(peer_.key_update(many % 2), true) : void();
      case 8:
        // in TLS 1.2 it stands outside, and is no protected record
        return add(peer_.record(static_cast<Type>(input_.next()), input_.take(many)), true);
      case 9:
        return add(input_.take(many + 5), false);
      case 10: {
        RecordBytes wire = test::body_of({input_.next(), 3, 3, 0, many});
        const RecordBytes body = input_.take(many);
        wire.insert(wire.end(), body.begin(), body.end());
        return add(std::move(wire), false);
      }
      case 11:
        if (Unit* unit = any()) unit->wire[place(*unit)] ^= static_cast<std::byte>(1 + many);
        return;
      case 12:
        if (Unit* unit = any()) unit->wire.resize(place(*unit));
        return;
      case 13:
        if (Unit* unit = any()) std::swap(units.back(), *unit);
        return;
      case 14:
        if (Unit* unit = any()) add(RecordBytes(unit->wire), unit->differs);
        return;
      default:
        if (!units.empty()) units.pop_back();
    }
  }
  void add_data(const RecordBytes& body, std::size_t padding) {
    if (!tls13_) padding = 0;
    empty_ = body.empty() ? empty_ + 1 : 0;
    add(peer_.record(tls::ContentType::application_data, body, padding), empty_ > 3);
  }
  void add(RecordBytes wire, bool differs) { units.push_back({std::move(wire), differs}); }
  Unit* any() {
    if (units.empty()) return nullptr;
    Unit& unit = units[units.size() - 1 - input_.next() % units.size()];
    return unit.wire.empty() ? nullptr : &unit;
  }
  std::size_t place(const Unit& unit) {
    return (input_.next() * 256 + input_.next()) % unit.wire.size();
  }

  Input& input_;
  test::RecordPeer peer_;
  const bool tls13_;
  unsigned empty_ = 0;
};

// Marks the unit in which a change_cipher_spec in the clear begins, by the lengths on the wire.
void mark_change_cipher_spec(std::vector<Unit>& units) {
  RecordBytes wire;
  std::vector<std::size_t> ends;
  for (const Unit& unit : units) {
    wire.insert(wire.end(), unit.wire.begin(), unit.wire.end());
    ends.push_back(wire.size());
  }
  for (std::size_t at = 0; at + tls::record_header_size < wire.size();) {
    const std::size_t size = tls::whole_record_size(std::span(wire).subspan(at));
    if (wire[at] == std::byte{20} && size == tls::record_header_size + 1) {
      const auto unit = std::upper_bound(ends.begin(), ends.end(), at) - ends.begin();
      units[static_cast<std::size_t>(unit)].differs = true;
      return;
    }
    at += size;
  }
}

void compare(const RecordBytes& ours, const test::RecordEnd& end, const RecordBytes& theirs,
             const Oracle& oracle) {
  require(ours == theirs);
  require((end.status == test::RecordEnd::Status::closed) == (oracle.status == Status::closed));
}

}  // namespace

// The first byte: bit 0 the server reads, bit 1 TLS 1.3, the others how the wire is cut. Then
// steps. Keys differ from run to run, but nothing here depends on them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static const Contexts contexts;
  Input input(data, size);
  const unsigned how = input.next();
  const bool to_server = (how & 1) != 0;
  const unsigned version = how >> 1 & 1;
  static constexpr std::size_t cuts[] = {100'000, 1, 2, 3, 5, 7, 100, 1000};
  const std::size_t chunk = cuts[how >> 2 & 7];

  Oracle client(*contexts.client[version], "relay.example:443");
  Oracle server(*contexts.server[version], "192.0.2.1:50000");
  while (client.status != Status::ok || server.status != Status::ok) {
    client.shake(server.output);
    server.shake(client.output);
    require(client.status == Status::ok || client.status == Status::starved);
  }
  client.shake(server.output);
  Oracle& oracle = to_server ? server : client;
  const auto keys = oracle.session.hand_over();
  require(keys.has_value());

  Script script(input, *keys);
  script.units.push_back({script.end()});
  if (version == 1) mark_change_cipher_spec(script.units);
  test::RecordEnd end(*keys);
  RecordBytes ours, theirs;
  bool comparing = true;
  for (const Unit& unit : script.units) {
    if (unit.differs && comparing) {
      comparing = false;
      compare(ours, end, theirs, oracle);
    }
    // a long one, cut small, would take long
    const std::size_t step = unit.wire.size() > 2000 ? std::max<std::size_t>(chunk, 500) : chunk;
    for (std::span<const std::byte> left = unit.wire; !left.empty();) {
      const auto piece = left.first(std::min(step, left.size()));
      left = left.subspan(piece.size());
      const RecordBytes part = end.open(piece);
      ours.insert(ours.end(), part.begin(), part.end());
      if (comparing && oracle.status != Status::failed && oracle.status != Status::closed)
        oracle.read(piece, theirs);
    }
    end.output.clear();
  }
  if (!comparing) return 0;
  // what is not a clean end is none in both, be it truncated or refused
  if (oracle.status != Status::failed && oracle.status != Status::closed) {
    oracle.session.feed_end(false);
    oracle.read_on(theirs);
  }
  compare(ours, end, theirs, oracle);
  return 0;
}
