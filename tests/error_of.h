// What a user is told when something fails.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"

namespace r1 {

/// The message of the Error that `action` throws, or "".
inline std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace r1
