// Owns what one rendering creates and bounds the work it may do.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "formats/jinja/value.h"

namespace r1::jinja {

/// Everything made here lives as long as the Heap, so values need no reference counts, may form
/// cycles through namespaces, and are destroyed without recursion.
class Heap {
 public:
  /// Bytes that may be touched in all; a visited node or element counts as several.
  static constexpr std::size_t work_limit = std::size_t{1} << 28;
  static constexpr std::size_t step_work = 16;
  static constexpr std::size_t element_work = sizeof(Value);

  /// `work`: the budget, at most work_limit.
  explicit Heap(std::size_t work = work_limit) : work_left_(work) {}
  /// Takes from the budget, before the work is done. Throws Fault when it is used up.
  void spend(std::size_t bytes) {
    if (bytes > work_left_) exhausted();
    work_left_ -= bytes;
  }
  void spend_step() { spend(step_work); }
  void spend_elements(std::size_t count) {
    if (count > work_limit) exhausted();
    spend(count * element_work);
  }

  Value string(std::string text);
  Value string(std::string_view text) { return string(std::string(text)); }
  Value string(const char* text) { return string(std::string(text)); }
  Value list(List items);
  Value tuple(List items);
  Value dict(Dict entries);
  Value name_space(Dict attributes);
  Value loop(const List& items, std::size_t depth);
  Value callable(std::string_view name, std::function<Value(const Arguments&)> call);

 private:
  [[noreturn]] static void exhausted();
  std::size_t work_left_;
  std::deque<std::string> strings_;
  std::deque<List> lists_;
  std::deque<Dict> dicts_;
  std::deque<Loop> loops_;
  std::deque<Callable> callables_;
};

/// Text that grows piece by piece, each taken from the budget first.
class TextBuilder {
 public:
  explicit TextBuilder(Heap& heap) : heap_(heap) {}
  TextBuilder& operator<<(std::string_view piece) {
    heap_.spend(piece.size());
    text_.append(piece);
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  Heap& heap_;
  std::string text_;
};

}  // namespace r1::jinja
