// `tunnel check`: how far a service would get, step by step, and why no further.
#pragma once

#include <string>
#include <vector>

#include "config/load.hpp"

namespace tunnel {

struct CheckWish {
  std::string only;   // the service of that name; empty: all
  bool json = false;  // one document instead of lines
};

// Goes to the targets of what has been checked for mistakes; `done` where all of them work.
int check(const config::Checked& checked, const CheckWish& wish);

}  // namespace tunnel
