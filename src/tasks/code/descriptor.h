// File descriptors that close themselves, and files that live in memory only.
#pragma once

#include <string_view>
#include <utility>

namespace r1 {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  void close();

 private:
  int number_ = -1;
};

/// A file without a name that holds `text`, to be read from its beginning; whoever gets it can
/// change nothing in it. Throws Error.
Descriptor memory_file(std::string_view text);

/// Throws Error about what the system refused, with its reason.
[[noreturn]] void throw_system_error(std::string_view what);

}  // namespace r1
