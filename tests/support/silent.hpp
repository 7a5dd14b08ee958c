// A target that does not answer: on Linux, a listener whose queue is full.
#pragma once

#include <vector>

#include "config/config.hpp"
#include "net/io.hpp"

#ifdef __linux__

namespace tunnel::test {

// That system lets further clients wait without an answer.
struct Silent {
  asio::io_context io;
  net::Acceptor acceptor{io.get_executor()};
  std::vector<net::Socket> waiting;

  Silent() {
    acceptor.open(asio::ip::tcp::v4());
    acceptor.bind(net::Endpoint(asio::ip::address_v4::loopback(), 0));
    acceptor.listen(0);
    for (int i = 0; i < 4; ++i) {
      waiting.emplace_back(io.get_executor());
      waiting.back().open(asio::ip::tcp::v4());
      waiting.back().native_non_blocking(true);
      const net::Endpoint to = acceptor.local_endpoint();
      // Asio's own would wait for the answer
      ::connect(waiting.back().native_handle(), to.data(), static_cast<socklen_t>(to.size()));
    }
  }
  net::Endpoint endpoint() const { return acceptor.local_endpoint(); }
  config::HostPort target() const { return {"127.0.0.1", endpoint().port()}; }
};

}  // namespace tunnel::test

#endif
