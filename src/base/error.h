// What a user can cause (a bad file, option or request) is reported by this one exception.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace r1 {

/// One sentence for the user: where it happened, what is wrong, what to do about it.
class Error : public std::runtime_error {
 public:
  /// where: the file, option or field; what: the fault; remedy: what the user can do (may be
  /// empty).
  Error(std::string_view where, std::string_view what, std::string_view remedy = {});
};

}  // namespace r1
