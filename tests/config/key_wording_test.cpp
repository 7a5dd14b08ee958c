// Each setting as a line of a file.
#include "config/key_wording.hpp"

#include <doctest/doctest.h>

namespace tunnel::config {
namespace {

TEST_CASE("each setting is a key with its value") {
  const KeyWording& file = file_wording();
  CHECK_EQ(file.line(Setting::authorities, "ca.pem"), "ca = \"ca.pem\"");
  CHECK_EQ(file.line(Setting::client_authorities, "ca.pem"), "client_ca = \"ca.pem\"");
  CHECK_EQ(file.line(Setting::client_names, "*.example"), "client_names = \"*.example\"");
  CHECK_EQ(file.line(Setting::client_pin, "sha256:A="), "client_pin = \"sha256:A=\"");
  CHECK_EQ(file.line(Setting::connect, "a:1"), "connect = \"a:1\"");
  CHECK_EQ(file.line(Setting::key_password_file, "..."), "key_password_file = \"...\"");
  CHECK_EQ(file.line(Setting::pin, "sha256:A="), "pin = \"sha256:A=\"");
  CHECK_EQ(file.line(Setting::plain), "tls = false");
  CHECK_EQ(file.line(Setting::revocation_lists, "crl.pem"), "crl = \"crl.pem\"");
  CHECK_EQ(file.line(Setting::server_name, "a.example"), "server_name = \"a.example\"");
  CHECK_EQ(file.line(Setting::first_use), "verify = \"first-use\"");
}

TEST_CASE("each setting has the name of its key") {
  const KeyWording& file = file_wording();
  CHECK_EQ(file.name(Setting::authorities), "ca");
  CHECK_EQ(file.name(Setting::client_authorities), "client_ca");
  CHECK_EQ(file.name(Setting::client_names), "client_names");
  CHECK_EQ(file.name(Setting::client_pin), "client_pin");
  CHECK_EQ(file.name(Setting::connect), "connect");
  CHECK_EQ(file.name(Setting::key_password_file), "key_password_file");
  CHECK_EQ(file.name(Setting::pin), "pin");
  CHECK_EQ(file.name(Setting::plain), "tls");
  CHECK_EQ(file.name(Setting::revocation_lists), "crl");
  CHECK_EQ(file.name(Setting::server_name), "server_name");
  CHECK_EQ(file.name(Setting::first_use), "verify");
}

TEST_CASE("the wording is the file's unless there is another") {
  class Other : public KeyWording {
    std::string key_name(std::string_view) const override { return "other"; }
  };
  CHECK_EQ(wording_or_file(nullptr).name(Setting::pin), "pin");
  CHECK_EQ(wording_or_file(std::make_shared<const Other>()).name(Setting::pin), "other");
}

}  // namespace
}  // namespace tunnel::config
