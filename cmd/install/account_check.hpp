// Whether the account of a service can open what the service needs.
#pragma once

#include <optional>

#include "base/error.hpp"
#include "cmd/install/service_installer.hpp"

namespace tunnel::cmd {

// Why a service of this system could not start as its account, and what to run; nothing if it
// could, or if only root could tell.
std::optional<Error> account_problem(const Installation& service);

}  // namespace tunnel::cmd
