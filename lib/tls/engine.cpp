// One TLS connection: mbedTLS shakes hands, then the records are ours.
#include "tls/engine.hpp"

#include <fmt/format.h>
#include <mbedtls/ssl_ciphersuites.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "tls/mbedtls_session.hpp"
#include "tls/tls_error.hpp"
#include "x509/peer_certificate.hpp"

namespace tunnel::tls {

// Bytes sent, while a ticket is waited for.
constexpr std::size_t longest_wait = 64 * 1024;

struct Engine::State {
  State(std::shared_ptr<const Context> shared, std::string peer_name, x509::ServerName name)
      : context(std::move(shared)),
        peer(std::move(peer_name)),
        library(std::make_unique<MbedtlsSession>(*context, peer, std::move(name), output)) {}

  Status note_handshake();
  Status hand_over();
  Status open_by_library(std::span<const std::byte> wire, Fragments& plain);
  Status open_before_ticket(std::span<std::byte> wire, Fragments& plain);
  bool is_for_library(std::span<const std::byte> record);
  Status keep(std::span<const std::byte> left);
  Status open_records(std::span<std::byte> wire, Fragments& plain);
  Status seal_by_library(std::span<const std::byte> block, std::size_t plain);
  Status fail(Error error) {
    failure = std::move(error);
    return Status::failed;
  }
  Failure record_facts() const;
  Status fail_by_record();

  const std::shared_ptr<const Context> context;
  const std::string peer;
  Bytes output;
  // Gone once the records are ours: most of what a handshake needs is memory.
  std::unique_ptr<MbedtlsSession> library;
  std::optional<RecordLayer> records;
  RecordLayout frame;
  bool ended = false;  // feed_end was called
  bool said_close = false;
  std::size_t sealed = 0;  // by mbedTLS, while a ticket is waited for
  bool more = false;       // `rest` has not been looked at
  bool closed = false;     // by the peer, while mbedTLS reads
  Bytes rest;              // of the wire: the beginning of a record, or what the handshake left
  Bytes opened;            // by mbedTLS, until the next call
  unsigned suite = 0;
  Version version = Version::tls13;
  std::string_view group;
  bool resumed = false;
  bool keeps_certificates = false;
  x509::PeerCertificates certificates;
  std::unique_ptr<x509::PeerCertificate> certificate;
  std::string notice;
  Error failure;
};

Engine::Engine(std::shared_ptr<const Context> context, std::string peer, x509::ServerName name)
    : state_(std::make_unique<State>(std::move(context), std::move(peer), std::move(name))) {}
Engine::~Engine() = default;

// --- the handshake

void Engine::feed(std::span<const std::byte> wire) { state_->library->feed(wire); }
void Engine::keep_input() {
  if (state_->library) state_->library->keep_input();
}
void Engine::feed_end(bool by_reset) {
  state_->ended = true;
  if (state_->library) state_->library->feed_end(by_reset);
}

void Engine::keep_certificates() {
  state_->keeps_certificates = true;
  state_->library->keep_certificates();
}

Engine::Status Engine::handshake() {
  State& state = *state_;
  const Status status = state.library->handshake();
  if (status != Status::starved && state.keeps_certificates)
    state.certificates = state.library->certificates();
  if (status != Status::starved) {
    const x509::PeerIdentity& peer = state.library->peer();
    if (peer.certificate())
      state.certificate = std::make_unique<x509::PeerCertificate>(*peer.certificate());
    else if (const auto* leaf = state.library->unverified_leaf())
      state.certificate = std::make_unique<x509::PeerCertificate>(x509::describe(*leaf));
    state.notice = peer.notice();
  }
  if (status == Status::ok) return state.note_handshake();
  if (status != Status::starved) state.failure = state.library->failure();
  return status;
}

Engine::Status Engine::State::note_handshake() {
  suite = library->suite();
  version = library->version();
  group = library->group();
  resumed = library->resumed();
  if (const auto known = suite_of(suite)) frame = frame_of(*known);
  more = library->has_input();
  if (!context->own_records()) return Status::ok;
  // mbedTLS reads exactly one record at a time, so what it has not asked for is still in its queue
  rest = library->take_input();
  return library->awaits_ticket() ? Status::ok : hand_over();
}

Engine::Status Engine::State::hand_over() {
  const auto keys = library->hand_over();
  if (!keys)
    return fail({fmt::format("{} ended the handshake in the middle of a record", peer), ""});
  if (!records) records = RecordLayer::make(*keys, context->records(), output);
  if (!records) return fail({"the keys of the connection could not be derived", ""});
  records->go_on_at(keys->read, keys->written, said_close);
  library.reset();
  return Status::ok;
}

bool Engine::hears_more() const { return state_->library && state_->library->hears_more(); }

void Engine::hear(std::span<const std::byte> wire) {
  state_->library->hear(wire);
  state_->failure = state_->library->failure();
}

Error Engine::overdue(std::chrono::milliseconds limit) const {
  return state_->failure.what.empty() ? state_->library->overdue(limit) : state_->failure;
}

// --- reading

bool Engine::ready() const { return state_->more; }

bool Engine::mid_record() const {
  return !state_->rest.empty() || (state_->library && state_->library->mid_record());
}

std::size_t Engine::rest(std::span<std::byte> block) {
  Bytes& rest = state_->rest;
  const std::size_t n = std::min(block.size(), rest.size());
  std::copy_n(rest.begin(), n, block.begin());
  if (n == rest.size())
    rest = {};
  else
    rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(n));
  return n;
}

Engine::Status Engine::open(std::span<std::byte> wire, Fragments& plain) {
  State& state = *state_;
  // what did not fit into the block is still to come
  state.more = !state.rest.empty();
  if (!state.library) return state.open_records(wire, plain);
  return state.context->own_records() ? state.open_before_ticket(wire, plain)
                                      : state.open_by_library(wire, plain);
}

Engine::Status Engine::State::open_records(std::span<std::byte> wire, Fragments& plain) {
  std::size_t used = 0;
  switch (records->open(wire, plain, used)) {
    case RecordLayer::Status::closed:
      return Status::closed;
    case RecordLayer::Status::failed:
      return fail_by_record();
    case RecordLayer::Status::ok:
      break;
  }
  const auto left = wire.subspan(used);
  const std::size_t size = whole_record_size(left);
  if (size > 0 && left.size() >= size) more = true;
  return keep(left);
}

// The beginning of a record, until more comes.
Engine::Status Engine::State::keep(std::span<const std::byte> left) {
  rest.insert(rest.begin(), left.begin(), left.end());
  if (!ended || more) return Status::ok;
  failure = explain_truncation(record_facts());
  return Status::truncated;
}

Failure Engine::State::record_facts() const {
  Failure facts;
  facts.client = context->client();
  facts.peer = peer;
  facts.in_handshake = false;
  // mbedTLS may still have them
  if (!records) return facts;
  const RecordLayer::Failure& found = records->failure();
  facts.alert = found.received;
  facts.reason = found.reason;
  facts.asked_to_renegotiate = records->asked_to_renegotiate();
  return facts;
}

Engine::Status Engine::State::fail_by_record() {
  failure = explain_record(record_facts());
  return Status::failed;
}

// The ticket that is waited for is mbedTLS's to read, and nothing else: it would refuse a
// KeyUpdate.
Engine::Status Engine::State::open_before_ticket(std::span<std::byte> wire, Fragments& plain) {
  for (;;) {
    const std::size_t size = whole_record_size(wire);
    if (wire.size() < size || size == 0) return keep(wire);
    if (!is_for_library(wire.first(size))) {
      library->give_up_ticket();
      break;
    }
    library->feed(wire.first(size));
    wire = wire.subspan(size);
    std::array<std::byte, 1> room;  // tickets bring no data
    std::size_t n = 0;
    Status status = Status::ok;
    while (status == Status::ok) status = library->read(room, n);
    // it has been told of an end that may be further on
    if (status != Status::starved && status != Status::truncated) return fail(library->failure());
    if (library->ticket_came()) break;
  }
  const Status status = hand_over();
  return status == Status::ok ? open_records(wire, plain) : status;
}

bool Engine::State::is_for_library(std::span<const std::byte> record) {
  const auto keys = library->hand_over();
  if (!keys) return false;
  if (!records) records = RecordLayer::make(*keys, context->records(), output);
  return records && records->holds_tickets(record, keys->read);
}

Engine::Status Engine::State::open_by_library(std::span<const std::byte> wire, Fragments& plain) {
  opened.clear();
  if (closed) return Status::closed;
  library->feed(wire);
  if (ended) library->feed_end(false);
  std::array<std::byte, max_plaintext> room;
  Status status = Status::ok;
  while (status == Status::ok) {
    std::size_t n = 0;
    status = library->read(room, n);
    opened.insert(opened.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(n));
  }
  if (failure.what.empty() && (status == Status::failed || status == Status::truncated))
    failure = library->failure();
  closed = status == Status::closed;
  plain.add(opened);
  return status == Status::starved ? Status::ok : status;
}

// --- writing

RecordLayout Engine::record_layout() const { return state_->frame; }

Engine::Status Engine::seal(std::span<std::byte> block, std::size_t plain,
                            std::span<const std::byte>& wire) {
  State& state = *state_;
  wire = {};
  // who sends and hears nothing waits for no ticket: mbedTLS is slow, and renews no key
  state.sealed += plain;
  if (state.library && state.context->own_records() && state.sealed > longest_wait) {
    state.library->give_up_ticket();
    if (state.hand_over() != Status::ok) return Status::failed;
  }
  if (state.library) return state.seal_by_library(block, plain);
  return state.records->seal(block, plain, wire) == RecordLayer::Status::ok
             ? Status::ok
             : state.fail_by_record();
}

Engine::Status Engine::State::seal_by_library(std::span<const std::byte> block, std::size_t plain) {
  while (plain > 0) {
    const std::size_t n = std::min(plain, max_plaintext);
    if (library->write(block.subspan(frame.head, n)) != Status::ok) return fail(library->failure());
    block = block.subspan(frame.size(n));
    plain -= n;
  }
  return Status::ok;
}

Engine::Status Engine::close() {
  State& state = *state_;
  state.said_close = true;
  if (!state.library)
    return state.records->close() == RecordLayer::Status::ok ? Status::ok : state.fail_by_record();
  return state.library->close() == Status::ok ? Status::ok : state.fail(state.library->failure());
}

Bytes& Engine::output() { return state_->output; }
const Error& Engine::failure() const { return state_->failure; }

FailureCause Engine::cause() const {
  return state_->library ? state_->library->cause() : FailureCause::closed;
}

// --- in words

std::string Engine::version() const {
  return state_->version == Version::tls13 ? "TLS 1.3" : "TLS 1.2";
}

std::string Engine::suite() const {
  // mbedTLS writes hyphens where IANA has underscores, and TLS1-3 for TLS
  std::string name = mbedtls_ssl_get_ciphersuite_name(static_cast<int>(state_->suite));
  if (name.starts_with("TLS1-3-")) name.replace(0, 7, "TLS-");
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string_view Engine::group() const { return state_->group; }
bool Engine::resumed() const { return state_->resumed; }
const x509::PeerCertificates& Engine::peer_certificates() const { return state_->certificates; }
std::string Engine::take_notice() { return std::exchange(state_->notice, {}); }
std::unique_ptr<x509::PeerCertificate> Engine::take_certificate() {
  return std::move(state_->certificate);
}

std::string cipher_of(std::string_view suite) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> known = {
      {{"AES_256_GCM", "AES-256-GCM"},
       {"AES_128_GCM", "AES-128-GCM"},
       {"CHACHA20_POLY1305", "ChaCha20-Poly1305"}}};
  for (const auto& [part, cipher] : known)
    if (suite.find(part) != suite.npos) return std::string(cipher);
  return std::string(suite);
}

}  // namespace tunnel::tls
