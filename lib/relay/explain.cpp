// The short conversations in which a client is told why.
#include "relay/explain.hpp"

#include <asio/read.hpp>
#include <asio/write.hpp>

#include <optional>
#include <string>
#include <utility>

#include "net/deadline.hpp"
#include "net/lingering_close.hpp"
#include "protocol/detect.hpp"
#include "protocol/refusal.hpp"

namespace tunnel {

namespace {

// For what the client has to say: it is there, and waits.
constexpr std::chrono::seconds patience{10};

net::Awaitable<bool> say(net::Socket& socket, std::string text) {
  const auto [error, n] = co_await asio::async_write(socket, asio::buffer(text), net::as_result);
  co_return !error;
}

// The server speaks first, and only now it is known that this has to be the tunnel.
net::Awaitable<std::optional<std::string>> answer_viewer(net::Socket& socket, const Error& why) {
  std::string version(vnc_version);
  if (!co_await say(socket, version)) co_return std::nullopt;
  const auto [error, n] = co_await asio::async_read(socket, asio::buffer(version), net::as_result);
  if (error) co_return std::nullopt;
  co_return vnc_refusal(version, why);
}

net::Awaitable<std::optional<std::string>> answer_browser(net::Socket& socket, const Error& why) {
  std::string head;
  while (!is_whole_http_head(head) && head.size() < longest_http_head) {
    const std::size_t before = head.size();
    head.resize(longest_http_head);
    const auto [error, n] = co_await socket.async_read_some(
        asio::buffer(head.data() + before, head.size() - before), net::as_result);
    head.resize(before + n);
    if (error) break;
    // https where http is spoken: no answer in the clear would be understood
    const Detection found = detect_client(head);
    if (!found.more && found.protocol != Protocol::http) co_return std::nullopt;
  }
  if (head.empty()) co_return std::nullopt;
  co_return http_refusal(head, why);
}

}  // namespace

net::Awaitable<void> explain(net::Socket& socket, config::Explain protocol, const Error& why,
                             const config::Timeouts& timeouts) {
  net::Deadline deadline(socket.get_executor());
  deadline.start(patience, [&socket] { net::reset(socket); });
  std::optional<std::string> answer;
  if (protocol == config::Explain::vnc)
    answer = co_await answer_viewer(socket, why);
  else if (protocol == config::Explain::http)
    answer = co_await answer_browser(socket, why);
  else
    answer = ssh_refusal(why);
  bool told = false;
  if (answer) told = co_await say(socket, std::move(*answer));
  deadline.stop();
  if (!socket.is_open()) co_return;
  if (told)
    co_await net::close_lingering(socket, timeouts.close);
  else
    net::reset(socket);
}

}  // namespace tunnel
