// An exception as text for the log.
#pragma once

#include <exception>
#include <new>
#include <string>

namespace tunnel {

// `exception` is not null.
inline std::string exception_text(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::bad_alloc&) {
    return "out of memory";
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown";
  }
}

}  // namespace tunnel
