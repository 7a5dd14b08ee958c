// Dialling, and the client's handshake.
#include "tunnel/upstream.hpp"

#include "config/values.hpp"
#include "net/closing.hpp"
#include "tunnel/handshake.hpp"

namespace tunnel {

// The certificate must be for what the user wrote; a name's final dot is DNS's alone.
tls::ServerName server_name(const config::Service& service, const config::HostPort& target) {
  tls::ServerName out;
  out.target = target.text();
  out.text = service.server_name.empty() ? target.host : service.server_name;
  // one address may have several servers behind it, each with its own name and key
  if (out.text != target.host) out.target += " " + out.text;
  if (out.text.ends_with('.')) out.text.pop_back();
  out.is_address = config::is_address(out.text);
  return out;
}

Upstream::Upstream(Worker& worker, const config::Service& service,
                   std::shared_ptr<const tls::Context> context)
    : worker_(worker),
      service_(service),
      context_(std::move(context)),
      dialer_(worker.io.get_executor()) {}

Upstream::~Upstream() { net::reset(socket()); }

net::Awaitable<Result<std::monostate>> Upstream::open() {
  const auto reached =
      co_await dialer_.dial(service_.connect, service_.timeouts.connect, service_.keepalive);
  if (!reached) co_return reached.error();
  target_ = reached->target.text();
  address_ = reached->target.path.empty() ? net::text(reached->endpoint) : target_;
  if (!context_) co_return std::monostate{};
  engine_.emplace(context_, target_, server_name(service_, reached->target));
  stream_.emplace(socket(), *engine_);
  auto shaken = co_await shake_hands(*stream_, worker_, service_);
  notice_ = engine_->take_notice();
  co_return shaken;
}

void Upstream::cancel() {
  dialer_.cancel();
  net::reset(socket());
}

net::Awaitable<void> Upstream::close_gently() {
  if (stream_ && socket().is_open()) co_await net::close_gently(socket(), service_.timeouts.close);
}

}  // namespace tunnel
