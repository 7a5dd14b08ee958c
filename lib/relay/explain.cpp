// The short exchanges that tell a client why.
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

// For the client to send its part: it is connected and waits.
constexpr std::chrono::seconds patience{10};

net::Awaitable<bool> write(net::Socket& socket, std::string text) {
  const auto [error, n] = co_await asio::async_write(socket, asio::buffer(text), net::as_result);
  co_return !error;
}

// In this protocol the server speaks first: here the tunnel does.
net::Awaitable<std::optional<std::string>> vnc_answer(net::Socket& socket, const Error& why) {
  std::string version(vnc_version);
  if (!co_await write(socket, version)) co_return std::nullopt;
  const auto [error, n] = co_await asio::async_read(socket, asio::buffer(version), net::as_result);
  if (error) co_return std::nullopt;
  co_return vnc_refusal(version, why);
}

// `head` is what was read of the request before.
net::Awaitable<std::optional<std::string>> http_answer(net::Socket& socket, const Error& why,
                                                       std::string head) {
  const bool was_read = !head.empty();
  for (;;) {
    // https to an http port: the client would not understand a plaintext answer
    const Detection found = detect_client(head);
    if (!head.empty() && !found.more && found.protocol != Protocol::http) co_return std::nullopt;
    if (was_read || is_whole_http_head(head) || head.size() >= longest_http_head) break;
    const std::size_t before = head.size();
    head.resize(longest_http_head);
    const auto [error, n] = co_await socket.async_read_some(
        asio::buffer(head.data() + before, head.size() - before), net::as_result);
    head.resize(before + n);
    if (error) break;
  }
  if (head.empty()) co_return std::nullopt;
  co_return http_refusal(head, why);
}

}  // namespace

net::Awaitable<void> explain(net::Socket& socket, config::Explain protocol, const Error& why,
                             const config::Timeouts& timeouts, const std::string& request) {
  net::Deadline deadline(socket.get_executor());
  deadline.start(patience, [&socket] { net::reset(socket); });
  std::optional<std::string> answer;
  if (protocol == config::Explain::vnc)
    answer = co_await vnc_answer(socket, why);
  else if (protocol == config::Explain::http)
    answer = co_await http_answer(socket, why, request);
  else
    answer = ssh_refusal(why);
  bool sent = false;
  if (answer) sent = co_await write(socket, std::move(*answer));
  deadline.stop();
  if (!socket.is_open()) co_return;
  if (sent)
    co_await net::close_lingering(socket, timeouts.close);
  else
    net::reset(socket);
}

}  // namespace tunnel
