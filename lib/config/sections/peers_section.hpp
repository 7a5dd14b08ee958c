// The keys of a service that say how it verifies servers and clients.
#pragma once

#include <filesystem>

#include "config/reader.hpp"

namespace tunnel::config {

// `verify` and `pin`; after `ca`.
void read_verify(Service& service, TableReader& reader);

// `client_ca`, `client_pin`, `client_names`. Relative paths are relative to `folder`.
void read_clients(Service& service, TableReader& reader, const std::filesystem::path& folder);

// `resume`, after the above.
void read_resume(Service& service, TableReader& reader);

// `key_password_file`, after `key`.
void read_key_password(Service& service, TableReader& reader, const std::filesystem::path& folder);

// Refuses keys that have no effect with a client's `verify`.
void refuse_unused_trust(const Service& service, TableReader& reader);

}  // namespace tunnel::config
