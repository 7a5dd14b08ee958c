// The environment of a configuration: variables and files.
#pragma once

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "os/file/file_view.hpp"

namespace tunnel::config {

class Environment {
 public:
  // `variables` returns a variable by its name; nothing if it is unset.
  template <std::invocable<const std::string&> Variables>
  requires(!std::same_as<Variables, Environment>)
      Environment(Variables variables, os::FileView files = {})
      : variables_(std::move(variables)), files_(std::move(files)) {}

  std::optional<std::string> operator()(const std::string& name) const { return variables_(name); }
  const os::FileView& files() const { return files_; }

 private:
  std::function<std::optional<std::string>(const std::string&)> variables_;
  os::FileView files_;
};

}  // namespace tunnel::config
