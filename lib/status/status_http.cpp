// cpp-httplib without its sockets and threads: it parses requests and writes responses in memory.
#include "status/status_http.hpp"

#include <httplib.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/path.hpp"
#include "base/text.hpp"

namespace tunnel::status {

namespace {

class Memory : public httplib::Stream {
 public:
  explicit Memory(const std::string& input) : input_(input) {}

  bool is_readable() const override { return at_ < input_.size(); }
  bool wait_readable() const override { return true; }
  bool wait_writable() const override { return true; }
  ssize_t read(char* out, size_t size) override {
    const std::size_t n = std::min(size, input_.size() - at_);
    std::memcpy(out, input_.data() + at_, n);
    at_ += n;
    return static_cast<ssize_t>(n);
  }
  ssize_t write(const char* data, size_t size) override {
    output_.append(data, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }
  time_t duration() const override { return 0; }

  const std::string& output() const { return output_; }

 private:
  const std::string& input_;
  std::size_t at_ = 0;
  std::string output_;
};

// Opens up process_request(), as the library's TLS server does.
class Processor : public httplib::Server {
 public:
  using httplib::Server::process_request;
};

constexpr std::size_t longest_answer = 64 << 20;

}  // namespace

std::string respond(const std::string& head,
                    const std::function<Response(const Request&)>& handle) {
  Memory stream(head);
  Processor processor;
  processor.set_pre_routing_handler([&](const httplib::Request& request, httplib::Response& out) {
    Response response = handle({request.method, request.path, request.get_header_value("Host"),
                                request.get_header_value("Authorization")});
    out.status = response.status;
    for (auto& [name, value] : response.headers) out.set_header(name, value);
    out.set_content(std::move(response.body), response.type);
    return httplib::Server::HandlerResponse::Handled;  // before it would read a body
  });
  bool closed = true;
  processor.process_request(stream, "", 0, "", 0, true, closed, [](httplib::Request& request) {
    request.ranges.clear();           // a thousand ranges would be a thousand copies
    request.headers.erase("Expect");  // no body is read
    request.headers.erase("Upgrade");
  });
  return stream.output();
}

Result<std::string> fetch(const config::SocketAddress& from, const std::string& path) {
  const config::UnixSocket* local = from.local();
  httplib::Client client = local != nullptr ? httplib::Client(local->path, 80)
                                            : httplib::Client(from.tcp()->host, from.tcp()->port);
  if (local != nullptr) client.set_address_family(AF_UNIX);
  client.set_connection_timeout(2);
  client.set_max_timeout(std::chrono::seconds(10));
  client.set_keep_alive(false);
  std::string body;
  const auto result =
      client.Get(path, {{"Host", "localhost"}}, [&](const char* data, std::size_t size) {
        if (size > longest_answer - body.size()) return false;
        body.append(data, size);
        return true;
      });
  if (!result) {
    if (result.error() == httplib::Error::Connection)
      return Error{fmt::format("nobody answers at {}", from.text()),
                   "is the tunnel running, and does its configuration have this [status] listen?"};
    return Error{fmt::format("{} does not answer as a tunnel's status does ({})", from.text(),
                             httplib::to_string(result.error())),
                 "is it the address of [status] listen?"};
  }
  if (result->status != 200)
    return Error{fmt::format("{} answers {}: {}", from.text(), result->status, escaped(body)),
                 "is it the address of [status] listen?"};
  return body;
}

}  // namespace tunnel::status
