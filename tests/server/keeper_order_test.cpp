// Orders survive the way from keeper to worker, and damaged ones are refused.
#include "server/keeper_order.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace tunnel {
namespace {

KeeperOrder reload_order() {
  KeeperOrder out{.kind = KeeperOrder::Kind::reload, .cause = "SIGHUP"};
  auto file = std::make_shared<os::FileCopy>();
  file->kind = os::FileCopy::Kind::file;
  file->others_can_read = true;
  file->bytes = std::string("key\0bytes", 9);
  out.files["relay.key"] = file;
  auto missing = std::make_shared<os::FileCopy>();
  missing->error = std::make_error_code(std::errc::permission_denied);
  out.files["folder/crl.pem"] = missing;
  out.changed = {"relay.key", "relay.pem"};
  out.listeners = {{"relay", "443", true, {7, 8}}, {"other", "unix:/run/o.sock", false, {9}}};
  out.refusals = {{"third", {"cannot listen", "stop that one"}}};
  return out;
}

TEST_CASE("an order arrives as it was sent") {
  const KeeperOrder order = reload_order();
  CHECK_EQ(descriptors_of(order), std::vector<os::NativeSocket>{7, 8, 9});
  const auto got = decode(encode(order), {17, 18, 19});
  REQUIRE(got);
  CHECK_EQ(got->kind, order.kind);
  CHECK_EQ(got->cause, order.cause);
  REQUIRE_EQ(got->files.size(), 2);
  CHECK_EQ(got->files.at("relay.key")->bytes, std::string("key\0bytes", 9));
  CHECK(got->files.at("relay.key")->others_can_read);
  CHECK_EQ(got->files.at("folder/crl.pem")->kind, os::FileCopy::Kind::missing);
  CHECK_EQ(got->files.at("folder/crl.pem")->error, std::errc::permission_denied);
  CHECK_EQ(got->changed, order.changed);
  REQUIRE_EQ(got->listeners.size(), 2);
  CHECK_EQ(got->listeners[0].sockets, std::vector<os::NativeSocket>{17, 18});
  CHECK(got->listeners[0].everywhere);
  CHECK_EQ(got->listeners[1].accept, "unix:/run/o.sock");
  CHECK_EQ(got->listeners[1].sockets, std::vector<os::NativeSocket>{19});
  REQUIRE_EQ(got->refusals.size(), 1);
  CHECK_EQ(got->refusals[0].error.message(), order.refusals[0].error.message());
}

TEST_CASE("an order that is cut off anywhere, or has too much, is refused") {
  const std::string whole = encode(reload_order());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(decode(whole.substr(0, size), {17, 18, 19}));
  }
  CHECK_FALSE(decode(whole + "x", {17, 18, 19}));
  CHECK_FALSE(decode(whole, {17, 18}));
  CHECK_FALSE(decode(whole, {17, 18, 19, 20}));
  std::string unknown = whole;
  unknown[0] = 99;
  CHECK_FALSE(decode(unknown, {17, 18, 19}));
}

}  // namespace
}  // namespace tunnel
