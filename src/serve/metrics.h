// What the server counts, in the text form that Prometheus reads.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "generate/engine.h"

namespace r1::serve {

/// For any thread.
class Metrics {
 public:
  void count_answer(const std::string& path, int status);
  void count_first_token(double seconds);
  void count_request(double seconds);
  std::string text(const EngineLoad& load, std::size_t connections) const;

 private:
  static constexpr std::array<double, 12> kBounds = {0.05, 0.1, 0.25, 0.5, 1,   2.5,
                                                     5,    10,  30,   60,  300, 1800};
  struct Histogram {
    std::array<std::uint64_t, kBounds.size() + 1> counts{};
    double sum = 0;
    void add(double seconds);
    void write(std::string& text, const char* name, const char* help) const;
  };
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::uint64_t> answers_;
  Histogram first_token_, request_;
};

}  // namespace r1::serve
