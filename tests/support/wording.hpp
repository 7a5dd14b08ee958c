// The wording of a configuration file, for messages.
#pragma once

#include <memory>

#include "config/key_wording.hpp"

namespace tunnel::test {

inline std::shared_ptr<const Wording> wording() {
  return {std::shared_ptr<void>(), &config::file_wording()};
}

}  // namespace tunnel::test
