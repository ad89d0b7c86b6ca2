// Values as text: Python's str and repr, and JSON.
#include <algorithm>
#include <cmath>

#include "formats/jinja/operators.h"
#include "formats/jinja/python_text.h"

namespace r1::jinja {
namespace {

void append_items(TextBuilder& text, Heap& heap, const List& items, int depth) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text << ", ";
    append_repr(text, heap, items[i], depth + 1);
  }
}

void append_entries(TextBuilder& text, Heap& heap, const Dict& dict, int depth) {
  text << "{";
  for (std::size_t i = 0; i < dict.entries.size(); ++i) {
    if (i > 0) text << ", ";
    append_repr(text, heap, dict.entries[i].first, depth + 1);
    text << ": ";
    append_repr(text, heap, dict.entries[i].second, depth + 1);
  }
  text << "}";
}

/// json.dumps, one value after the other.
class JsonWriter {
 public:
  JsonWriter(Heap& heap, const JsonStyle& style) : heap_(heap), style_(style), text_(heap) {}
  std::string take() { return text_.take(); }

  void write(const Value& value, int depth) {
    if (depth > nesting_limit) throw Fault("a value is nested too deep for tojson");
    heap_.spend_step();
    switch (value.kind()) {
      case Kind::string:
        write_string(value.string());
        return;
      case Kind::list:
      case Kind::tuple:
        write_list(value.items(), depth);
        return;
      case Kind::dict:
        write_dict(value.dict(), depth);
        return;
      default:
        text_ << scalar(value);
    }
  }

 private:
  std::string scalar(const Value& value) const {
    switch (value.kind()) {
      case Kind::none:
        return "null";
      case Kind::boolean:
        return value.boolean() ? "true" : "false";
      case Kind::integer:
        return number_text(value.integer());
      case Kind::floating: {
        const double number = value.floating();
        if (std::isnan(number)) return "NaN";
        if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
        return number_text(number);
      }
      default:
        throw Fault("tojson: a value of type '" + std::string(type_name(value)) +
                    "' has no JSON form");
    }
  }

  void write_unit(char32_t unit) {
    std::string escape = "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) {
      escape.push_back("0123456789abcdef"[unit >> shift & 15u]);
    }
    text_ << escape;
  }

  void write_escaped(char32_t point) {
    switch (point) {
      case '"':
        text_ << "\\\"";
        return;
      case '\\':
        text_ << "\\\\";
        return;
      case '\n':
        text_ << "\\n";
        return;
      case '\r':
        text_ << "\\r";
        return;
      case '\t':
        text_ << "\\t";
        return;
      case '\f':
        text_ << "\\f";
        return;
      case '\b':
        text_ << "\\b";
        return;
      default:
        break;
    }
    if (point >= 0x10000) {
      write_unit(0xd800 + ((point - 0x10000) >> 10));
      point = 0xdc00 + ((point - 0x10000) & 0x3ffu);
    }
    write_unit(point);
  }

  void write_string(std::string_view string) {
    text_ << "\"";
    std::size_t plain = 0;  // where the run not yet written begins
    for (std::size_t i = 0; i < string.size();) {
      const std::size_t size = character_size(string, i);
      const auto first = static_cast<unsigned char>(string[i]);
      if (first < 0x20 || first == '"' || first == '\\' || (style_.ascii && first > 0x7e)) {
        text_ << string.substr(plain, i - plain);
        write_escaped(code_point(string, i));
        plain = i + size;
      }
      i += size;
    }
    text_ << string.substr(plain) << "\"";
  }

  void new_line(int depth) {
    if (style_.one_line) return;
    text_ << "\n";
    for (int i = 0; i < depth; ++i) text_ << style_.indent;
  }

  void write_list(const List& items, int depth) {
    if (items.empty()) {
      text_ << "[]";
      return;
    }
    text_ << "[";
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) text_ << style_.item_separator;
      new_line(depth + 1);
      write(items[i], depth + 1);
    }
    new_line(depth);
    text_ << "]";
  }

  void write_dict(const Dict& dict, int depth) {
    if (dict.entries.empty()) {
      text_ << "{}";
      return;
    }
    auto entries = dict.entries;
    heap_.spend_elements(2 * entries.size());
    if (style_.sort_keys) {
      std::stable_sort(entries.begin(), entries.end(),
                       [&](const auto& a, const auto& b) { return less(heap_, a.first, b.first); });
    }
    text_ << "{";
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (i > 0) text_ << style_.item_separator;
      new_line(depth + 1);
      const Value& key = entries[i].first;
      write_string(key.is_string() ? key.string() : scalar(key));
      text_ << style_.key_separator;
      write(entries[i].second, depth + 1);
    }
    new_line(depth);
    text_ << "}";
  }

  Heap& heap_;
  const JsonStyle& style_;
  TextBuilder text_;
};

}  // namespace

void append_repr(TextBuilder& text, Heap& heap, const Value& value, int depth) {
  if (depth > nesting_limit) throw Fault("a value is nested too deep to be printed");
  heap.spend_step();
  switch (value.kind()) {
    case Kind::undefined:
      text << "Undefined";
      return;
    case Kind::none:
      text << "None";
      return;
    case Kind::boolean:
      text << (value.boolean() ? "True" : "False");
      return;
    case Kind::integer:
      text << number_text(value.integer());
      return;
    case Kind::floating:
      text << number_text(value.floating());
      return;
    case Kind::string:
      text << python_repr(value.string());
      return;
    case Kind::list:
      text << "[";
      append_items(text, heap, value.items(), depth);
      text << "]";
      return;
    case Kind::tuple:
      text << "(";
      append_items(text, heap, value.items(), depth);
      text << (value.items().size() == 1 ? ",)" : ")");
      return;
    case Kind::dict:
      append_entries(text, heap, value.dict(), depth);
      return;
    case Kind::name_space:
      text << "<Namespace ";
      append_entries(text, heap, value.attributes(), depth);
      text << ">";
      return;
    case Kind::loop:
    case Kind::callable:
      text << "<" << type_name(value) << ">";
      return;
  }
}

std::string to_text(Heap& heap, const Value& value) {
  if (value.is_string()) {
    heap.spend(value.string().size());
    return value.string();
  }
  if (value.is_undefined()) return {};
  TextBuilder text(heap);
  append_repr(text, heap, value);
  return text.take();
}

std::string to_json(Heap& heap, const Value& value, const JsonStyle& style) {
  JsonWriter writer(heap, style);
  writer.write(value, 0);
  return writer.take();
}

}  // namespace r1::jinja
