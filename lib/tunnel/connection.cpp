// One client's story, top to bottom.
#include "tunnel/connection.hpp"

#include <fmt/format.h>

#include "config/values.hpp"
#include "net/closing.hpp"

namespace tunnel {

Connection::Connection(Worker& worker, Log& log, const config::Service& service,
                       std::shared_ptr<const tls::Context> context, std::uint64_t id,
                       net::Socket front)
    : worker_(worker),
      log_(log),
      service_(service),
      context_(std::move(context)),
      id_(id),
      front_(std::move(front)),
      back_(worker.io.get_executor()),
      deadline_(worker.io.get_executor()) {
  worker_.connections.insert(this);
}

Connection::~Connection() {
  // whoever is still there must not take the end for a clean one
  net::reset(front_);
  net::reset(back_.socket());
  worker_.connections.erase(this);
}

net::Awaitable<void> Connection::run() {
  front_peer_ = net::peer_of(front_);
  if (front_peer_.empty()) front_peer_ = "a client that has gone";
  net::set_connection_options(front_, service_.keepalive);
  if (service_.connects_tls()) return run_client();
  if (service_.accepts_tls()) return run_server();
  return run_plain();
}

// The certificate must be for what the user wrote; a name's final dot is DNS's alone.
tls::ServerName Connection::server_name() const {
  std::string name = service_.server_name.empty() ? upstream_host_ : service_.server_name;
  if (name.ends_with('.')) name.pop_back();
  const bool is_address = config::is_address(name);
  return {std::move(name), is_address};
}

net::Awaitable<void> Connection::run_client() {
  if (!co_await dial()) co_return;
  tls::Engine engine(context_, upstream_, server_name());
  net::TlsStream back(back_.socket(), engine);
  if (!co_await shake_hands(back, upstream_)) co_return;
  log_open(&engine);
  net::PlainStream front(front_);
  co_await relay(front, back);
}

net::Awaitable<void> Connection::run_server() {
  tls::Engine engine(context_, front_peer_);
  net::TlsStream front(front_, engine);
  if (!co_await shake_hands(front, front_peer_)) co_return;
  // nobody reaches the device before the handshake
  if (!co_await dial()) co_return;
  log_open(&engine);
  net::PlainStream back(back_.socket());
  co_await relay(front, back);
}

net::Awaitable<void> Connection::run_plain() {
  if (!co_await dial()) co_return;
  log_open(nullptr);
  net::PlainStream front(front_);
  net::PlainStream back(back_.socket());
  co_await relay(front, back);
}

net::Awaitable<bool> Connection::dial() {
  const auto reached =
      co_await back_.dial(service_.connect, service_.timeouts.connect, service_.keepalive);
  if (!stopped_.empty() || !reached) {
    log_failure(stopped_.empty() ? reached.error() : Error{stopped_});
    net::reset(front_);
    co_return false;
  }
  upstream_ = reached->target.text();
  upstream_host_ = reached->target.host;
  upstream_peer_ = net::text(reached->endpoint);
  co_return true;
}

net::Awaitable<bool> Connection::shake_hands(net::TlsStream& stream, const std::string& peer) {
  const auto limit = service_.timeouts.handshake;
  bool timed_out = false;
  deadline_.start(limit, [&stream, &timed_out] {
    timed_out = true;
    net::reset(stream.socket());
  });
  const auto done = co_await stream.handshake(worker_.buffers);
  deadline_.stop();
  if (done && stopped_.empty() && !timed_out) co_return true;
  if (!stopped_.empty())
    log_failure({stopped_});
  else if (timed_out)
    log_failure(
        {fmt::format("{} did not finish the TLS handshake within {}", peer, duration_text(limit)),
         service_.client ? "is it a TLS port, and the way to it free?"
                         : "it may not speak TLS, or wait for this end to speak first"});
  else
    log_failure(done.error());
  // the plaintext side learns at once and by a reset; the TLS side may still read our alert
  if (service_.client) net::reset(front_);
  if (stream.socket().is_open())
    co_await net::close_gently(stream.socket(), service_.timeouts.close);
  co_return false;
}

template <class Front, class Back>
net::Awaitable<void> Connection::relay(Front& front, Back& back) {
  Relay<Front, Back> relay(front, back, worker_.buffers, service_.timeouts, upstream_);
  cut_relay_ = [&relay](std::string why) { relay.cut(std::move(why)); };
  const Ending ending = co_await relay.run();
  cut_relay_ = nullptr;
  log_close(ending, relay.bytes_up(), relay.bytes_down());
}

void Connection::stop(std::string why) {
  stopped_ = why;
  if (cut_relay_) return cut_relay_(std::move(why));
  back_.cancel();
  net::reset(front_);
}

LogEvent Connection::event(LogLevel level, std::string_view name, std::string message) const {
  LogEvent out{level, name, service_.name, id_, std::move(message), {{"peer", front_peer_}}};
  if (!upstream_.empty()) {
    out.fields.emplace_back("upstream", upstream_);
    out.fields.emplace_back("upstream_address", upstream_peer_);
  }
  return out;
}

void Connection::log_failure(const Error& error) {
  LogEvent out = event(LogLevel::error, "failed", error.message());
  out.fields.emplace_back("outcome", error.what);
  if (!error.hint.empty()) out.fields.emplace_back("next", error.hint);
  log_.write(out);
}

void Connection::log_open(const tls::Engine* engine) {
  if (!log_.shows(LogLevel::info)) return;
  const auto took = Clock::now() - started_;
  std::string tls = "without TLS";
  if (engine != nullptr) {
    tls = fmt::format("{}, {}", engine->version(), tls::cipher_of(engine->suite()));
    if (!engine->group().empty()) tls += fmt::format(", {}", engine->group());
    if (engine->resumed()) tls += ", resumed";
  }
  LogEvent out = event(LogLevel::info, "open",
                       fmt::format("open from {} to {}, {}, {}", front_peer_, upstream_peer_, tls,
                                   duration_text(took)));
  if (engine != nullptr) {
    out.fields.emplace_back("tls", engine->version());
    out.fields.emplace_back("suite", engine->suite());
    if (engine->resumed()) out.fields.emplace_back("resumed", std::int64_t{1});
    if (!engine->group().empty()) out.fields.emplace_back("group", std::string(engine->group()));
  }
  out.fields.emplace_back("duration", std::chrono::duration<double>(took).count());
  log_.write(out);
}

void Connection::log_close(const Ending& ending, std::uint64_t up, std::uint64_t down) {
  const auto took = Clock::now() - started_;
  LogEvent out = event(ending.wrong ? LogLevel::warn : LogLevel::info, "close",
                       fmt::format("{} after {}, {} up, {} down", ending.how, duration_text(took),
                                   bytes_text(up), bytes_text(down)));
  out.fields.emplace_back("up", static_cast<std::int64_t>(up));
  out.fields.emplace_back("down", static_cast<std::int64_t>(down));
  out.fields.emplace_back("duration", std::chrono::duration<double>(took).count());
  out.fields.emplace_back("outcome", ending.how);
  log_.write(out);
}

}  // namespace tunnel
