#include "formats/jinja/string_operations.h"

#include "formats/jinja/builtins.h"
#include "formats/jinja/operators.h"
#include "formats/jinja/python_text.h"

namespace r1::jinja {

std::string replace(Heap& heap, std::string_view text, std::string_view from, std::string_view to,
                    Integer count) {
  heap.spend(text.size());
  TextBuilder result(heap);
  std::size_t position = 0;
  for (Integer done = 0; count < 0 || done < count; ++done) {
    heap.spend_step();
    if (from.empty()) {  // between all characters
      result << to;
      if (position == text.size()) return result.take();
      const std::size_t size = character_size(text, position);
      result << text.substr(position, size);
      position += size;
      continue;
    }
    const std::size_t found = find_text(text, from, position);
    if (found == std::string_view::npos) break;
    result << text.substr(position, found - position) << to;
    position = found + from.size();
  }
  result << text.substr(position);
  return result.take();
}

Value stripped(Heap& heap, const Value& text, const Value& set, bool left, bool right) {
  std::string_view rest = text_of(text);
  heap.spend(rest.size());
  if (set.is_undefined() || set.is_none()) {
    if (left) rest = strip_left(rest);
    if (right) rest = strip_right(rest);
  } else {
    const std::string_view members = text_of(set);
    heap.spend(members.size() > Heap::work_limit / (rest.size() + 1)
                   ? Heap::work_limit
                   : members.size() * rest.size());
    if (left) rest = strip_left(rest, members);
    if (right) rest = strip_right(rest, members);
  }
  return heap.string(rest);
}

Value joined(Heap& heap, std::string_view separator, const List& items) {
  TextBuilder text(heap);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text << separator;
    text << to_text(heap, items[i]);
  }
  return heap.string(text.take());
}

Value formatted(Heap& heap, std::string_view format, const List& values) {
  TextBuilder text(heap);
  std::size_t next = 0;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      text << format.substr(i, 1);
      continue;
    }
    const char kind = ++i < format.size() ? format[i] : '\0';
    if (kind == '%') {
      text << "%";
      continue;
    }
    if (next == values.size()) throw Fault("too few values for the format");
    const Value& value = values[next++];
    if (kind == 's') {
      text << to_text(heap, value);
    } else if (kind == 'r') {
      append_repr(text, heap, value);
    } else if ((kind == 'd' || kind == 'i') && value.is_integer()) {
      text << number_text(value.integer());
    } else {
      throw Fault("a format other than %s, %d, %i, %r and %% is not supported");
    }
  }
  if (next < values.size()) throw Fault("too many values for the format");
  return heap.string(text.take());
}

}  // namespace r1::jinja
