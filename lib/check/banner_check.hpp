// What a device should say first, and what to make of what it said.
#pragma once

#include <chrono>
#include <string_view>

#include "base/error.hpp"
#include "check/report.hpp"
#include "config/config.hpp"
#include "net/relay_stream.hpp"
#include "protocol/banner.hpp"

namespace tunnel::check {

class BannerCheck {
 public:
  // Both outlive it.
  BannerCheck(const config::Service& service, const config::SocketAddress& target);

  // Whether the server should speak first.
  bool is_expected() const { return expected_ != nullptr; }
  std::chrono::milliseconds patience() const;
  // Whether nothing more has to be read.
  bool is_complete(std::string_view bytes) const;
  // Completes the step, whose bytes are there. `end` is how the stream ended, and `failure` why its
  // TLS failed, which may be empty.
  void judge(Step& step, net::Received::End end, const Error& failure) const;

 private:
  const config::Service& service_;
  const config::SocketAddress& target_;
  const BannerProtocol* const expected_;  // null: any, or a server that waits for its client
};

}  // namespace tunnel::check
