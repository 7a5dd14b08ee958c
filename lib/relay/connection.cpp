// The life of one connection, from top to bottom.
#include "relay/connection.hpp"

#include <fmt/format.h>

#include <asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "net/lingering_close.hpp"
#include "net/plain_stream.hpp"
#include "protocol/detect.hpp"
#include "relay/explain.hpp"
#include "relay/handshake.hpp"
#include "relay/relay.hpp"
#include "x509/peer_certificate.hpp"

namespace tunnel {

namespace {

// A device on the way that drops idle connections shows itself by this.
std::string silence_text(const Ending& ending) {
  constexpr std::chrono::seconds worth_saying{60};
  return ending.quiet < worth_saying
             ? std::string()
             : fmt::format(" (nothing had moved for {})", duration_text(ending.quiet));
}

}  // namespace

Connection::Connection(Worker& worker, Log& log, std::shared_ptr<const ServiceSnapshot> snapshot,
                       std::shared_ptr<ServiceCounters> counters,
                       std::shared_ptr<UpstreamPool> upstream_pool, std::uint64_t id,
                       std::shared_ptr<ConnectionSlot> slot, net::Socket front)
    : worker_(worker),
      log_(log),
      snapshot_(std::move(snapshot)),
      id_(id),
      upstream_pool_(std::move(upstream_pool)),
      slot_(std::move(slot)),
      front_(std::move(front)),
      back_(std::make_unique<Upstream>(worker, *snapshot_,
                                       std::shared_ptr<ServiceStats>(counters, &counters->stats))),
      counters_(std::move(counters)) {
  worker_.connections.insert(this);
  slot_->on_evicted([this](std::string why) { stop(std::move(why)); });
}

Connection::~Connection() {
  // a peer that is still connected must not take this for a clean end
  net::reset(front_);
  back_.reset();
  // its bytes count with those of ended connections from now on
  counters_->bytes.up.add(bytes_.up.value());
  counters_->bytes.down.add(bytes_.down.value());
  worker_.relaying.erase(this);  // where an exception has ended it
  worker_.connections.erase(this);
  slot_->release();
}

ConnectionStatus Connection::status() const {
  return {service_.name,
          id_,
          front_peer_,
          client_,
          back_->target(),
          back_->address(),
          open_,
          Clock::now() - started_,
          bytes_.up.value(),
          bytes_.down.value()};
}

net::Awaitable<void> Connection::run() {
  front_peer_ = net::peer_of(front_);
  front_host_ = net::host_of(front_);
  if (front_peer_.empty()) front_peer_ = front_host_ = "a client that has gone";
  if (service_.accepts_tls()) return run_server();
  net::set_connection_options(front_, service_.keepalive);
  return service_.connects_tls() ? run_client() : run_plain();
}

// A client in plaintext, whose first bytes are kept if it may have to be told in HTTP what went
// wrong. In client mode they are checked: TLS within TLS may be intended, but more often it is a
// browser at https:// that should have used http://.
class Connection::LocalStream : public net::PlainStream {
 public:
  explicit LocalStream(Connection& owner) : PlainStream(owner.front_), owner_(owner) {}

  net::Received receive(net::Buffers::Lease& lease, const tls::RecordLayout& layout,
                        net::FirstBytes& first) {
    net::Received out = PlainStream::receive(lease, layout, first);
    if (!checked_ && out.size > 0) [[unlikely]] {
      checked_ = true;
      const auto bytes = lease.bytes().subspan(layout.head, std::min(out.size, enough));
      if (owner_.service_.connects_tls() &&
          is_client_hello({reinterpret_cast<const char*>(bytes.data()), bytes.size()}))
        owner_.warn_of_tls_in_tls();
      owner_.keep_request(lease.bytes().subspan(layout.head, out.size));
    }
    return out;
  }

 private:
  static constexpr std::size_t enough = 6;

  Connection& owner_;
  bool checked_ = false;
};

net::Awaitable<void> Connection::run_client() {
  bool preconnected = false;
  if (const auto pool = std::exchange(upstream_pool_, nullptr)) {
    if (auto ready = pool->acquire()) {
      back_ = std::move(ready);
      preconnected = true;
    }
  }
  if (!preconnected) {
    const auto opened = co_await back_->open();
    if (!stopped_.empty() || !opened) {
      co_await fail(opened);
      co_return;
    }
  }
  back_->take_certificate();  // unused, and it would take memory
  log_failover();
  if (std::string notice = back_->take_notice(); !notice.empty())
    log_.write(event(LogLevel::warn, "first-use", std::move(notice)));
  log_open(back_->engine(), preconnected);
  LocalStream front(*this);
  co_await relay(front, *back_->stream());
}

net::Awaitable<void> Connection::run_server() {
  // a client that sends nothing costs next to nothing
  const bool spoke = co_await wait_for_client(front_, worker_, service_);
  if (!stopped_.empty() || !spoke) {
    const HandshakeEnd end = stopped_.empty()
                                 ? silent_client(front_host_, *snapshot_->context, service_)
                                 : stopped_handshake();
    counters_->stats.handshakes.add_failure(end.cause);
    count_failed_handshake(end);
    co_return;
  }
  slot_->on_first_byte();
  net::set_connection_options(front_, service_.keepalive);
  tls::Engine engine(snapshot_->context, front_host_);
  net::TlsStream front(front_, engine);
  HandshakeEnd end = co_await run_handshake(
      front, worker_, service_,
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_));
  slot_->charge(front.time_spent());
  if (!stopped_.empty()) end = stopped_handshake();
  counters_->stats.handshakes.add(engine, end);
  if (!end.result) {
    count_failed_handshake(end);
    if (front_.is_open()) co_await net::close_lingering(front_, service_.timeouts.close);
    co_return;
  }
  // so far it did not count towards max_connections
  if (const auto acquired = co_await slot_->acquire(); !acquired) {
    counters_->failed.add(1);
    if (slot_->should_log_failure())
      log_failure(LogLevel::warn, stopped_.empty() ? acquired.error() : Error{stopped_});
    co_return;
  }
  if (const auto certificate = engine.take_certificate()) client_ = certificate->name;
  // the target is dialled only after the handshake
  co_await run_to_plain(front, &engine);
}

HandshakeEnd Connection::stopped_handshake() const {
  return {Error{stopped_}, tls::FailureCause::stopped, {}};
}

// Any scanner can cause this: it is a warning, not an error.
void Connection::count_failed_handshake(const HandshakeEnd& end) {
  counters_->failed.add(1);
  if (slot_->should_log_failure()) log_failure(LogLevel::warn, end.result.error());
}

net::Awaitable<void> Connection::run_plain() {
  LocalStream front(*this);
  co_await run_to_plain(front, nullptr);
}

template <class Front>
net::Awaitable<void> Connection::run_to_plain(Front& front, const tls::Engine* engine) {
  const auto opened = co_await back_->open();
  if (!stopped_.empty() || !opened) {
    co_await fail(opened);
    co_return;
  }
  log_failover();
  log_open(engine, false);
  net::PlainStream back(back_->socket());
  co_await relay(front, back);
}

net::Awaitable<void> Connection::fail(const Result<std::monostate>& opened) {
  using namespace asio::experimental::awaitable_operators;
  const Error why = stopped_.empty() ? opened.error() : Error{stopped_};
  counters_->failed.add(1);
  log_failure(LogLevel::error, why);
  // the upstream may still have to read our alert
  co_await (dismiss_client(why) && back_->close_lingering());
}

// Without an explanation the client is reset.
net::Awaitable<void> Connection::dismiss_client(const Error& why) {
  if (service_.explain != config::Explain::off && stopped_.empty() && front_.is_open())
    co_await explain(front_, service_.explain, why, service_.timeouts, request_);
  net::reset(front_);
}

template <class Front, class Back>
net::Awaitable<void> Connection::relay(Front& front, Back& back) {
  std::optional<OpenConnection> open(worker_.traffic);
  counters_->opened.add(1);
  open_ = true;
  // a program here may keep its connection for later
  if (slot_->is_local()) timeouts_.unused = {};
  Relay<Front, Back> relay(front, back, worker_.buffers, timeouts_, service_.unclean_end,
                           service_.explain, back_->target(), bytes_, worker_.traffic.bytes);
  // if this program is killed, half a stream must not look like a complete one
  net::reset_on_close(front_, true);
  net::reset_on_close(back_->socket(), true);
  relay_ = &relay;
  worker_.relaying.insert(this);
  const Ending ending = co_await relay.run();
  worker_.relaying.erase(this);
  relay_ = nullptr;
  open.reset();
  open_ = false;
  if (is_failure(ending)) {
    co_await fail_unanswered(ending);
    co_return;
  }
  log_close(ending, bytes_.up.value() - ending.undelivered_up,
            bytes_.down.value() - ending.undelivered_down);
}

// An idle connection that a browser keeps for later, and the device closes, is nothing to warn of.
bool Connection::is_failure(const Ending& ending) const {
  constexpr std::chrono::seconds kept_for_later{10};
  if (!ending.unanswered || !stopped_.empty()) return false;
  if (ending.client_waits || bytes_.up.value() > 0 || !ending.cleanly) return true;
  return service_.explain != config::Explain::http && Clock::now() - started_ < kept_for_later;
}

net::Awaitable<void> Connection::fail_unanswered(const Ending& ending) {
  const tls::Engine* engine = back_->engine();
  const bool refused = !ending.cleanly && engine != nullptr && !engine->failure().what.empty();
  const Error why = refused
                        ? engine->failure()
                        : ended_without_a_byte(back_->target(), ending.cleanly, engine != nullptr);
  counters_->failed.add(1);
  log_unanswered(why, bytes_.up.value() - ending.undelivered_up);
  if (ending.client_waits) co_await dismiss_client(why);
}

// The log of a scanner's connections must not fill up in server mode.
void Connection::log_unanswered(const Error& why, std::uint64_t up) {
  const auto took = Clock::now() - started_;
  const bool quiet = service_.accepts_tls() && !slot_->should_log_failure();
  LogEvent out = event(
      quiet ? LogLevel::debug : LogLevel::warn, "close",
      fmt::format("{} (after {}, {} up, 0 B down)", why.what, duration_text(took), bytes_text(up)));
  if (!why.hint.empty()) out.message += "; " + why.hint;
  out.fields.emplace_back("up", static_cast<std::int64_t>(up));
  out.fields.emplace_back("down", std::int64_t{0});
  out.fields.emplace_back("duration", std::chrono::duration<double>(took).count());
  out.fields.emplace_back("outcome", why.what);
  if (!why.hint.empty()) out.fields.emplace_back("next", why.hint);
  log_.write(out);
}

void Connection::keep_request(std::span<const std::byte> bytes) {
  constexpr std::size_t enough = 1024;
  if (service_.explain != config::Explain::http) return;
  bytes = bytes.first(std::min(bytes.size(), enough));
  request_.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void Connection::stop(std::string why) {
  stopped_ = why;
  slot_->cancel();
  if (relay_ != nullptr) return relay_->cut(std::move(why));
  back_->cancel();
  net::reset(front_);
}

void Connection::ask_peers(net::PeerLiveness::Clock::time_point now, net::LocalAddresses& changed) {
  front_liveness_.ask(front_, now, changed);
  back_liveness_.ask(back_->socket(), now, changed);
}

bool Connection::ask_witness(net::PeerLiveness::Clock::time_point now) {
  return front_liveness_.ask_witness(now) || back_liveness_.ask_witness(now);
}

void Connection::check_addresses(net::LocalAddresses& addresses) {
  lose(Side::client, net::PeerLiveness::check_address(front_, addresses));
  lose(Side::upstream, net::PeerLiveness::check_address(back_->socket(), addresses));
}

void Connection::check_peers(net::LivenessRound& round) {
  lose(Side::client, front_liveness_.check(front_, round, service_.keepalive));
  lose(Side::upstream, back_liveness_.check(back_->socket(), round, service_.keepalive));
  // nothing more can be read from a peer that has ended, or written to one that has closed
  if ((front_liveness_.finished() && back_liveness_.finished()) || front_liveness_.closed() ||
      back_liveness_.closed())
    relay_->expect_end();
}

void Connection::lose(Side side, const std::string& why) {
  if (why.empty()) return;
  relay_->lose(side, fmt::format("{} {}, so both sides were reset",
                                 side == Side::client ? "the client" : back_->target(), why));
}

LogEvent Connection::event(LogLevel level, std::string_view name, std::string message) const {
  LogEvent out{level, name, service_.name, id_, std::move(message), {{"peer", front_peer_}}};
  if (!back_->target().empty()) {
    out.fields.emplace_back("upstream", back_->target());
    out.fields.emplace_back("upstream_address", back_->address());
  }
  return out;
}

void Connection::log_failure(LogLevel level, const Error& error) {
  LogEvent out = event(level, "failed", error.message());
  out.fields.emplace_back("outcome", error.what);
  if (!error.hint.empty()) out.fields.emplace_back("next", error.hint);
  log_.write(out);
}

void Connection::log_failover() {
  if (std::string why = back_->take_failover(); !why.empty())
    log_.write(event(LogLevel::warn, "detour", std::move(why)));
}

void Connection::warn_of_tls_in_tls() {
  net::ErrorCode error;
  const std::string here = net::text(front_.local_endpoint(error));
  log_.write(event(
      LogLevel::warn, "tls_in_tls",
      fmt::format("{} speaks TLS by itself, within the TLS of the tunnel; if that is not meant, "
                  "point it to http://{} without TLS: the tunnel adds the TLS",
                  front_peer_, here)));
}

void Connection::log_open(const tls::Engine* engine, bool preconnected) {
  if (!log_.shows(LogLevel::info)) return;
  const auto took = Clock::now() - started_;
  std::string tls = "without TLS";
  if (engine != nullptr) {
    tls = fmt::format("{}, {}", engine->version(), tls::cipher_of(engine->suite()));
    if (!engine->group().empty()) tls += fmt::format(", {}", engine->group());
    if (engine->resumed()) tls += ", resumed";
    if (preconnected) tls += ", kept ready";
  }
  if (!client_.empty()) tls += fmt::format(", client \"{}\"", client_);
  LogEvent out = event(LogLevel::info, "open",
                       fmt::format("open from {} to {}, {}, {}", front_peer_, back_->address(), tls,
                                   duration_text(took)));
  if (engine != nullptr) {
    out.fields.emplace_back("tls", engine->version());
    out.fields.emplace_back("suite", engine->suite());
    if (engine->resumed()) out.fields.emplace_back("resumed", std::int64_t{1});
    if (preconnected) out.fields.emplace_back("warm", std::int64_t{1});
    if (!engine->group().empty()) out.fields.emplace_back("group", std::string(engine->group()));
  }
  // escaped already
  if (!client_.empty()) out.fields.emplace_back("client", client_);
  out.fields.emplace_back("duration", std::chrono::duration<double>(took).count());
  log_.write(out);
}

void Connection::log_close(const Ending& ending, std::uint64_t up, std::uint64_t down) {
  const auto took = Clock::now() - started_;
  LogEvent out = event(ending.wrong ? LogLevel::warn : LogLevel::info, "close",
                       fmt::format("{} after {}{}, {} up, {} down", ending.how, duration_text(took),
                                   silence_text(ending), bytes_text(up), bytes_text(down)));
  out.fields.emplace_back("up", static_cast<std::int64_t>(up));
  out.fields.emplace_back("down", static_cast<std::int64_t>(down));
  out.fields.emplace_back("duration", std::chrono::duration<double>(took).count());
  out.fields.emplace_back("outcome", ending.how);
  log_.write(out);
}

}  // namespace tunnel
