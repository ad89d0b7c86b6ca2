// What passes if one waits: connections that break, servers that are busy.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>

#include "base/error.h"
#include "net/http_client.h"

namespace r1::hub {

/// The server refuses for now, or is broken for now: trying again may help.
class TemporaryError : public Error {
 public:
  /// `wait`: seconds that the server asks for.
  TemporaryError(const std::string& where, const std::string& what, const std::string& remedy,
                 std::optional<std::int64_t> wait)
      : Error(where, what, remedy), wait_(wait) {}

  std::optional<std::int64_t> wait() const { return wait_; }

 private:
  std::optional<std::int64_t> wait_;
};

struct Retries {
  int most = 5;                           // one after another that bring no byte
  std::chrono::milliseconds pause{1000};  // before the first; each next one is twice as long
  std::chrono::seconds longest{300};      // a server that asks for more is not waited for
};

/// Calls `ask` until it succeeds. `moved` tells whether a broken connection had brought something:
/// then the failures before don't count. Throws what the last failure was.
template <typename Ask, typename Moved>
auto patiently(const Retries& retries, const Ask& ask, const Moved& moved) {
  for (int failures = 1;; ++failures) {
    auto pause = retries.pause * (1 << (failures - 1));
    try {
      return ask();
    } catch (const net::ConnectionError&) {
      if (moved()) {
        failures = 0;
        pause = {};
      } else if (failures > retries.most) {
        throw;
      }
    } catch (const TemporaryError& error) {
      const std::chrono::seconds wait(error.wait().value_or(0));
      if (failures > retries.most || wait > retries.longest) throw;
      pause = std::max<std::chrono::milliseconds>(pause, wait);
    }
    std::this_thread::sleep_for(pause);
  }
}

template <typename Ask>
auto patiently(const Retries& retries, const Ask& ask) {
  return patiently(retries, ask, [] { return false; });
}

}  // namespace r1::hub
