// The methods of strings: "...".strip() and so on.
#include <algorithm>

#include "formats/jinja/builtins.h"
#include "formats/jinja/operators.h"
#include "formats/jinja/python_text.h"
#include "formats/jinja/string_operations.h"

namespace r1::jinja {
namespace {

using Text = std::string_view;

Value strip_method(Interpreter& run, const Value& self, const Arguments& arguments) {
  return stripped(run.heap(), self, arguments.positional[0], true, true);
}
Value lstrip(Interpreter& run, const Value& self, const Arguments& arguments) {
  return stripped(run.heap(), self, arguments.positional[0], true, false);
}
Value rstrip(Interpreter& run, const Value& self, const Arguments& arguments) {
  return stripped(run.heap(), self, arguments.positional[0], false, true);
}

/// Where `part` last occurs before `end`, or npos.
std::size_t find_last(Heap& heap, Text text, Text part, std::size_t end) {
  for (std::size_t i = std::min(text.size(), end) + 1; i-- > 0;) {
    heap.spend(1);
    if (i + part.size() > end || text[i] != part[0]) continue;
    heap.spend(part.size());
    if (text.substr(i, part.size()) == part) return i;
  }
  return Text::npos;
}

Text separator_of(const Value& value) {
  const Text separator = text_of(value);
  if (separator.empty()) throw Fault("split(): an empty separator");
  return separator;
}

/// The pieces between white space.
std::vector<Text> words(Text text, Integer limit) {
  std::vector<Text> pieces;
  for (text = strip_left(text); !text.empty(); text = strip_left(text)) {
    if (limit >= 0 && static_cast<Integer>(pieces.size()) == limit) {
      pieces.push_back(text);
      break;
    }
    std::size_t stop = 0;
    while (stop < text.size() && !is_space(code_point(text, stop)))
      stop += character_size(text, stop);
    pieces.push_back(text.substr(0, stop));
    text.remove_prefix(stop);
  }
  return pieces;
}

Value list_of(Heap& heap, const std::vector<Text>& pieces) {
  List items;
  for (const Text piece : pieces) items.push_back(heap.string(piece));
  return heap.list(std::move(items));
}

Value split(Interpreter& run, const Value& self, const Arguments& arguments) {
  Heap& heap = run.heap();
  Text text = text_of(self);
  heap.spend(text.size());
  const Value& separator = arguments.positional[0];
  const Integer limit = integer_or(arguments.positional[1], -1);
  if (separator.is_undefined() || separator.is_none()) return list_of(heap, words(text, limit));
  const Text by = separator_of(separator);
  std::vector<Text> pieces;
  while (limit < 0 || static_cast<Integer>(pieces.size()) < limit) {
    heap.spend_elements(1);
    const std::size_t found = find_text(text, by);
    if (found == Text::npos) break;
    pieces.push_back(text.substr(0, found));
    text.remove_prefix(found + by.size());
  }
  pieces.push_back(text);
  return list_of(heap, pieces);
}

Value rsplit(Interpreter& run, const Value& self, const Arguments& arguments) {
  Heap& heap = run.heap();
  Text text = text_of(self);
  const Integer limit = integer_or(arguments.positional[1], -1);
  if (arguments.positional[0].is_undefined() || arguments.positional[0].is_none()) {
    if (limit >= 0) throw Fault("rsplit() with a limit needs a separator");
    return split(run, self, arguments);
  }
  const Text by = separator_of(arguments.positional[0]);
  std::vector<Text> pieces;
  while (limit < 0 || static_cast<Integer>(pieces.size()) < limit) {
    const std::size_t found = find_last(heap, text, by, text.size());
    if (found == Text::npos) break;
    pieces.push_back(text.substr(found + by.size()));
    text = text.substr(0, found);
  }
  pieces.push_back(text);
  std::reverse(pieces.begin(), pieces.end());
  return list_of(heap, pieces);
}

Value partition(Interpreter& run, const Value& self, const Arguments& arguments) {
  const Text text = text_of(self), by = separator_of(arguments.positional[0]);
  Heap& heap = run.heap();
  const std::size_t found = find_text(text, by);
  if (found == Text::npos) return heap.tuple({self, heap.string(""), heap.string("")});
  return heap.tuple({heap.string(text.substr(0, found)), heap.string(by),
                     heap.string(text.substr(found + by.size()))});
}

Value rpartition(Interpreter& run, const Value& self, const Arguments& arguments) {
  const Text text = text_of(self), by = separator_of(arguments.positional[0]);
  Heap& heap = run.heap();
  const std::size_t found = find_last(heap, text, by, text.size());
  if (found == Text::npos) return heap.tuple({heap.string(""), heap.string(""), self});
  return heap.tuple({heap.string(text.substr(0, found)), heap.string(by),
                     heap.string(text.substr(found + by.size()))});
}

Value splitlines(Interpreter& run, const Value& self, const Arguments& arguments) {
  if (flag_or(arguments.positional[0], false)) throw Fault("splitlines(True) is not supported");
  run.heap().spend(self.string().size());
  return list_of(run.heap(), split_lines(self.string()));
}

/// For startswith and endswith: any of a tuple's strings, or the one given.
template <typename Matches>
Value any_of(const Value& candidates, const Matches& matches) {
  if (!candidates.is(Kind::tuple)) return {matches(text_of(candidates))};
  const List& items = candidates.items();
  return {std::any_of(items.begin(), items.end(),
                      [&](const Value& item) { return matches(text_of(item)); })};
}

Value startswith(Interpreter&, const Value& self, const Arguments& arguments) {
  return any_of(arguments.positional[0],
                [&](Text part) { return self.string().starts_with(part); });
}
Value endswith(Interpreter&, const Value& self, const Arguments& arguments) {
  return any_of(arguments.positional[0], [&](Text part) { return self.string().ends_with(part); });
}

Value removeprefix(Interpreter& run, const Value& self, const Arguments& arguments) {
  const Text text = self.string(), part = text_of(arguments.positional[0]);
  return text.starts_with(part) ? run.heap().string(text.substr(part.size())) : self;
}
Value removesuffix(Interpreter& run, const Value& self, const Arguments& arguments) {
  const Text text = self.string(), part = text_of(arguments.positional[0]);
  return text.ends_with(part) ? run.heap().string(text.substr(0, text.size() - part.size())) : self;
}

Value replace_method(Interpreter& run, const Value& self, const Arguments& arguments) {
  const auto& given = arguments.positional;
  return run.heap().string(replace(run.heap(), self.string(), text_of(given[0]), text_of(given[1]),
                                   integer_or(given[2], -1)));
}

Value position_or_none(const std::string& text, std::size_t found) {
  if (found == Text::npos) return {Integer{-1}};
  return Value::of(character_count(Text(text).substr(0, found)));
}

Value find_method_of_string(Interpreter& run, const Value& self, const Arguments& arguments) {
  run.heap().spend(self.string().size());
  return position_or_none(self.string(),
                          find_text(self.string(), text_of(arguments.positional[0])));
}

Value rfind(Interpreter& run, const Value& self, const Arguments& arguments) {
  const std::string& text = self.string();
  const Text part = text_of(arguments.positional[0]);
  run.heap().spend(text.size());
  return position_or_none(
      text, part.empty() ? text.size() : find_last(run.heap(), text, part, text.size()));
}

Value index(Interpreter& run, const Value& self, const Arguments& arguments) {
  const Value found = find_method_of_string(run, self, arguments);
  if (found.integer() < 0) throw Fault("index(): the text is not in the string");
  return found;
}

Value count(Interpreter& run, const Value& self, const Arguments& arguments) {
  const std::string& text = self.string();
  const Text part = text_of(arguments.positional[0]);
  run.heap().spend(text.size());
  if (part.empty()) return Value::of(character_count(text) + 1);
  std::size_t number = 0;
  for (std::size_t i = find_text(text, part); i != Text::npos;
       i = find_text(text, part, i + part.size())) {
    ++number;
  }
  return Value::of(number);
}

Value join_list(Interpreter& run, const Value& self, const Arguments& arguments) {
  const List& items = elements(run.heap(), arguments.positional[0]);
  for (const Value& item : items) text_of(item);
  return joined(run.heap(), self.string(), items);
}

Value upper_method(Interpreter& run, const Value& self, const Arguments&) {
  run.heap().spend(self.string().size());
  return run.heap().string(to_upper(self.string()));
}
Value lower_method(Interpreter& run, const Value& self, const Arguments&) {
  run.heap().spend(self.string().size());
  return run.heap().string(to_lower(self.string()));
}
Value capitalize_method(Interpreter& run, const Value& self, const Arguments&) {
  run.heap().spend(self.string().size());
  return run.heap().string(capitalize(self.string()));
}

Value title(Interpreter& run, const Value& self, const Arguments&) {
  run.heap().spend(self.string().size());
  std::string result;
  bool inside = false;
  for (const Text character : characters(self.string())) {
    result += inside ? to_lower(character) : to_upper(character);
    inside = is_letter(code_point(character, 0));
  }
  return run.heap().string(std::move(result));
}

/// Whether the string is not empty and all its characters satisfy the condition.
template <typename Condition>
Value all_characters(Interpreter& run, const Value& self, const Condition& condition) {
  run.heap().spend_elements(self.string().size());
  const std::vector<Text> all = characters(self.string());
  return {!all.empty() && std::all_of(all.begin(), all.end(), [&](Text character) {
    return condition(code_point(character, 0));
  })};
}

bool is_digit(char32_t point) {
  return point >= '0' && point <= '9';
}

Value isdigit(Interpreter& run, const Value& self, const Arguments&) {
  return all_characters(run, self, is_digit);
}
Value isalpha(Interpreter& run, const Value& self, const Arguments&) {
  return all_characters(run, self, is_letter);
}
Value isalnum(Interpreter& run, const Value& self, const Arguments&) {
  return all_characters(run, self, [](char32_t c) { return is_letter(c) || is_digit(c); });
}
Value isspace(Interpreter& run, const Value& self, const Arguments&) {
  return all_characters(run, self, is_space);
}
Value isupper(Interpreter& run, const Value& self, const Arguments&) {
  run.heap().spend(self.string().size());
  const std::string up = to_upper(self.string());
  return {self.string() == up && up != to_lower(self.string())};
}
Value islower(Interpreter& run, const Value& self, const Arguments&) {
  run.heap().spend(self.string().size());
  const std::string low = to_lower(self.string());
  return {self.string() == low && low != to_upper(self.string())};
}

/// `left` and `right` say on which sides the padding goes.
Value padded(Interpreter& run, const Value& self, const Arguments& arguments, bool left,
             bool right) {
  Heap& heap = run.heap();
  const Value fill =
      arguments.positional[1].is_undefined() ? heap.string(" ") : arguments.positional[1];
  if (character_count(text_of(fill)) != 1) throw Fault("the fill must be one character");
  const Integer size = static_cast<Integer>(length(heap, self));
  const Integer missing = std::max<Integer>(integer_or(arguments.positional[0], 0), size) - size;
  // Python's center puts the odd one to the left where the width is odd.
  const Integer before = left && right ? missing / 2 + (missing & (size + missing) & 1)
                         : left        ? missing
                                       : 0;
  const Value front = arithmetic(heap, "*", fill, before);
  const Value back = arithmetic(heap, "*", fill, missing - before);
  return arithmetic(heap, "+", arithmetic(heap, "+", front, self), back);
}
Value ljust(Interpreter& run, const Value& self, const Arguments& arguments) {
  return padded(run, self, arguments, false, true);
}
Value rjust(Interpreter& run, const Value& self, const Arguments& arguments) {
  return padded(run, self, arguments, true, false);
}
Value center(Interpreter& run, const Value& self, const Arguments& arguments) {
  return padded(run, self, arguments, true, true);
}

}  // namespace

std::span<const Builtin> string_methods() {
  static const std::vector<Builtin> table = {
      {"capitalize", {}, capitalize_method},
      {"center", {"width", "fillchar"}, center},
      {"count", {"sub"}, count},
      {"endswith", {"suffix"}, endswith},
      {"find", {"sub"}, find_method_of_string},
      {"index", {"sub"}, index},
      {"isalnum", {}, isalnum},
      {"isalpha", {}, isalpha},
      {"isdecimal", {}, isdigit},
      {"isdigit", {}, isdigit},
      {"islower", {}, islower},
      {"isnumeric", {}, isdigit},
      {"isspace", {}, isspace},
      {"isupper", {}, isupper},
      {"join", {"iterable"}, join_list},
      {"ljust", {"width", "fillchar"}, ljust},
      {"lower", {}, lower_method},
      {"lstrip", {"chars"}, lstrip},
      {"partition", {"sep"}, partition},
      {"removeprefix", {"prefix"}, removeprefix},
      {"removesuffix", {"suffix"}, removesuffix},
      {"replace", {"old", "new", "count"}, replace_method},
      {"rfind", {"sub"}, rfind},
      {"rjust", {"width", "fillchar"}, rjust},
      {"rpartition", {"sep"}, rpartition},
      {"rsplit", {"sep", "maxsplit"}, rsplit},
      {"rstrip", {"chars"}, rstrip},
      {"split", {"sep", "maxsplit"}, split},
      {"splitlines", {"keepends"}, splitlines},
      {"startswith", {"prefix"}, startswith},
      {"strip", {"chars"}, strip_method},
      {"title", {}, title},
      {"upper", {}, upper_method},
  };
  return table;
}

}  // namespace r1::jinja
