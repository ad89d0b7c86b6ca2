// Filters on text and numbers: {{ x | trim }} and so on.
#include <charconv>
#include <cmath>

#include "formats/jinja/builtins.h"
#include "formats/jinja/operators.h"
#include "formats/jinja/python_text.h"
#include "formats/jinja/string_operations.h"

namespace r1::jinja {
namespace {

/// Text filters take the printed form of what is no string.
Value as_string(Interpreter& run, const Value& value) {
  return value.is_string() ? value : run.heap().string(to_text(run.heap(), value));
}

Value method(Interpreter& run, const Value& self, const std::string& name,
             const Arguments& arguments = {}) {
  return run.call(run.attribute(as_string(run, self), name), arguments);
}

Value upper_filter(Interpreter& run, const Value& self, const Arguments&) {
  return method(run, self, "upper");
}
Value lower_filter(Interpreter& run, const Value& self, const Arguments&) {
  return method(run, self, "lower");
}
Value capitalize_filter(Interpreter& run, const Value& self, const Arguments&) {
  return method(run, self, "capitalize");
}
Value trim(Interpreter& run, const Value& self, const Arguments& arguments) {
  return stripped(run.heap(), as_string(run, self), arguments.positional[0], true, true);
}
Value string_filter(Interpreter& run, const Value& self, const Arguments&) {
  return as_string(run, self);
}
Value safe(Interpreter&, const Value& self, const Arguments&) {
  return self;
}

Value title(Interpreter& run, const Value& self, const Arguments&) {
  const std::string text = to_text(run.heap(), self);
  std::string result;
  bool begins = true;
  for (std::size_t i = 0; i < text.size(); i += character_size(text, i)) {
    const std::string_view character = std::string_view(text).substr(i, character_size(text, i));
    result += begins ? to_upper(character) : to_lower(character);
    begins = is_space(code_point(text, i)) ||
             std::string_view("-({[<").find(text[i]) != std::string_view::npos;
  }
  return run.heap().string(std::move(result));
}

Value replace_filter(Interpreter& run, const Value& self, const Arguments& arguments) {
  const auto& given = arguments.positional;
  const std::string text = to_text(run.heap(), self);
  return run.heap().string(replace(run.heap(), text, to_text(run.heap(), given[0]),
                                   to_text(run.heap(), given[1]), integer_or(given[2], -1)));
}

Value escape(Interpreter& run, const Value& self, const Arguments&) {
  TextBuilder result(run.heap());
  for (const char c : to_text(run.heap(), self)) {
    switch (c) {
      case '&':
        result << "&amp;";
        break;
      case '<':
        result << "&lt;";
        break;
      case '>':
        result << "&gt;";
        break;
      case '"':
        result << "&#34;";
        break;
      case '\'':
        result << "&#39;";
        break;
      default:
        result << std::string_view(&c, 1);
    }
  }
  return run.heap().string(result.take());
}

/// One level of indentation: that many spaces, or the string given.
std::string indentation(Heap& heap, const Value& width, Integer fallback) {
  if (width.is_string()) return width.string();
  const Value spaces = arithmetic(heap, "*", heap.string(" "), integer_or(width, fallback));
  return spaces.string();
}

Value indent(Interpreter& run, const Value& self, const Arguments& arguments) {
  const std::string text = to_text(run.heap(), self) + "\n";
  const std::string margin = indentation(run.heap(), arguments.positional[0], 4);
  const bool first = flag_or(arguments.positional[1], false);
  const bool blank = flag_or(arguments.positional[2], false);
  TextBuilder result(run.heap());
  bool at_start = true;
  for (const std::string_view line : split_lines(text)) {
    if (!at_start) result << "\n";
    if (at_start ? first : blank || !line.empty()) result << margin;
    result << line;
    at_start = false;
  }
  return run.heap().string(result.take());
}

Value format(Interpreter& run, const Value& self, const Arguments& arguments) {
  if (!arguments.named.empty()) throw Fault("'format' takes no named arguments here");
  return formatted(run.heap(), to_text(run.heap(), self), arguments.positional);
}

Value default_filter(Interpreter& run, const Value& self, const Arguments& arguments) {
  const bool replaces =
      self.is_undefined() || (flag_or(arguments.positional[1], false) && !truthy(self));
  if (!replaces) return self;
  return arguments.positional[0].is_undefined() ? run.heap().string("") : arguments.positional[0];
}

Value tojson(Interpreter& run, const Value& self, const Arguments& arguments) {
  const auto& given = arguments.positional;
  JsonStyle style;
  style.ascii = flag_or(given[0], false);
  style.one_line = given[1].is_undefined() || given[1].is_none();
  if (!style.one_line) {
    style.indent = indentation(run.heap(), given[1], 0);
    style.item_separator = ",";
  }
  if (given[2].is_sequence() && given[2].items().size() == 2) {
    style.item_separator = text_of(given[2].items()[0]);
    style.key_separator = text_of(given[2].items()[1]);
  }
  style.sort_keys = flag_or(given[3], false);
  return run.heap().string(to_json(run.heap(), self, style));
}

Value abs_filter(Interpreter& run, const Value& self, const Arguments&) {
  if (self.is(Kind::floating)) return {std::fabs(self.floating())};
  if (!self.is_integer()) throw Fault("'abs' needs a number");
  return self.integer() < 0 ? arithmetic(run.heap(), "-", Integer{0}, self) : Value(self.integer());
}

/// The number written in the text, or undefined.
Value parsed(std::string_view text, int base) {
  text = strip(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t integer = 0;
  const char* end = text.data() + text.size();
  if (auto [stop, fault] = std::from_chars(text.data(), end, integer, base);
      fault == std::errc() && stop == end) {
    return {Integer{integer}};
  }
  double number = 0;
  if (auto [stop, fault] = std::from_chars(text.data(), end, number);
      fault == std::errc() && stop == end) {
    return {number};
  }
  return {};
}

Value int_filter(Interpreter&, const Value& self, const Arguments& arguments) {
  const Value fallback =
      arguments.positional[0].is_undefined() ? Value(Integer{0}) : arguments.positional[0];
  const Integer base = integer_or(arguments.positional[1], 10);
  if (base < 2 || base > 36) throw Fault("'int' with a base outside of 2 to 36");
  const Value number = self.is_string() ? parsed(self.string(), static_cast<int>(base)) : self;
  if (number.is_integer()) return {number.integer()};
  if (!number.is(Kind::floating) || !(std::fabs(number.floating()) < 0x1p100)) return fallback;
  return {static_cast<Integer>(number.floating())};
}

Value float_filter(Interpreter&, const Value& self, const Arguments& arguments) {
  const Value number = self.is_string() ? parsed(self.string(), 10) : self;
  if (number.is_number()) return {number.floating()};
  return arguments.positional[0].is_undefined() ? Value(0.0) : arguments.positional[0];
}

Value round_filter(Interpreter&, const Value& self, const Arguments& arguments) {
  if (!self.is_number()) throw Fault("'round' needs a number");
  const Integer digits = integer_or(arguments.positional[0], 0);
  if (digits < -300 || digits > 300) throw Fault("'round' with so many digits");
  const std::string_view method = arguments.positional[1].is_undefined()
                                      ? std::string_view("common")
                                      : text_of(arguments.positional[1]);
  if (self.is_integer() && method == "common" && digits >= 0) return {self.integer()};
  const double scale = std::pow(10.0, static_cast<double>(digits));
  const double scaled = self.floating() * scale;
  if (method == "ceil") return {std::ceil(scaled) / scale};
  if (method == "floor") return {std::floor(scaled) / scale};
  if (method == "common") return {std::nearbyint(scaled) / scale};
  throw Fault("'round' knows the methods common, ceil and floor");
}

}  // namespace

std::span<const Builtin> text_filters() {
  static const std::vector<Builtin> table = {
      {"abs", {}, abs_filter},
      {"capitalize", {}, capitalize_filter},
      {"d", {"default_value", "boolean"}, default_filter},
      {"default", {"default_value", "boolean"}, default_filter},
      {"e", {}, escape},
      {"escape", {}, escape},
      {"float", {"default"}, float_filter},
      {"format", {}, format, true},
      {"indent", {"width", "first", "blank"}, indent},
      {"int", {"default", "base"}, int_filter},
      {"lower", {}, lower_filter},
      {"replace", {"old", "new", "count"}, replace_filter},
      {"round", {"precision", "method"}, round_filter},
      {"safe", {}, safe},
      {"string", {}, string_filter},
      {"title", {}, title},
      {"tojson", {"ensure_ascii", "indent", "separators", "sort_keys"}, tojson},
      {"trim", {"chars"}, trim},
      {"upper", {}, upper_filter},
  };
  return table;
}

}  // namespace r1::jinja
