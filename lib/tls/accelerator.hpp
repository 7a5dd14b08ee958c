// Who encrypts and computes for handshakes, and what that costs where it is not the fastest.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tunnel::tls {

// The libraries behind mbedTLS's PSA driver, and for what; empty where mbedTLS does it itself.
std::string handshake_accelerator();

// What is slow in this build, on this machine, in words; empty where nothing is.
std::string slowness();

// The same for AEAD back-ends of these names, with or without the driver.
std::string slowness_of(std::span<const std::string_view> backends, bool has_driver);

}  // namespace tunnel::tls
