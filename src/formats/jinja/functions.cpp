// Global functions: range(), namespace() and what chat templates are given besides.
#include <algorithm>
#include <array>
#include <ctime>

#include "formats/jinja/builtins.h"
#include "formats/jinja/operators.h"

namespace r1::jinja {
namespace {

/// As the sandbox of the reference.
constexpr Integer range_limit = 100000;

Value range(Interpreter& run, const Value&, const Arguments& arguments) {
  const auto& given = arguments.positional;
  if (given[0].is_undefined()) throw Fault("range() needs an argument");
  const bool one = given[1].is_undefined();
  const Integer start = one ? 0 : integer_or(given[0], 0);
  const Integer stop = integer_or(given[one ? 0 : 1], 0);
  const Integer step = integer_or(given[2], 1);
  if (step == 0) throw Fault("range() with a step of zero");
  for (const Integer number : {start, stop, step}) {
    if (number > Integer{1} << 64 || number < -(Integer{1} << 64)) throw Fault("range() too large");
  }
  const Integer span = step > 0 ? stop - start : start - stop, by = step > 0 ? step : -step;
  const Integer count = span <= 0 ? 0 : (span + by - 1) / by;
  if (count > range_limit) throw Fault("range() of more than 100000 numbers");
  List items;
  for (Integer i = 0; i < count; ++i) items.emplace_back(start + i * step);
  return run.heap().list(std::move(items));
}

/// The entries of dict(a=1) and namespace(a=1), copied from the dict given before them if any.
Dict entries_of(Interpreter& run, const Arguments& arguments) {
  Dict dict;
  for (const Value& given : arguments.positional) {
    if (!given.is(Kind::dict)) throw Fault("dict() and namespace() copy dicts only");
    for (const auto& [key, value] : given.dict().entries) set_entry(run.heap(), dict, key, value);
  }
  for (const auto& [name, value] : arguments.named) {
    set_entry(run.heap(), dict, run.heap().string(name), value);
  }
  return dict;
}
Value dict(Interpreter& run, const Value&, const Arguments& arguments) {
  return run.heap().dict(entries_of(run, arguments));
}
Value name_space(Interpreter& run, const Value&, const Arguments& arguments) {
  return run.heap().name_space(entries_of(run, arguments));
}

Value raise_exception(Interpreter& run, const Value&, const Arguments& arguments) {
  throw Fault(to_text(run.heap(), arguments.positional[0]));
}

Value strftime_now(Interpreter& run, const Value&, const Arguments& arguments) {
  const std::string format(text_of(arguments.positional[0]));
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::array<char, 1024> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), format.c_str(), &local);
  if (size == 0 && !format.empty()) throw Fault("strftime_now() cannot write this format");
  return run.heap().string(std::string_view(text.data(), size));
}

}  // namespace

std::span<const Builtin> functions() {
  static const std::vector<Builtin> table = {
      {"dict", {}, dict, true},
      {"namespace", {}, name_space, true},
      {"raise_exception", {"message"}, raise_exception},
      {"range", {"start", "stop", "step"}, range},
      {"strftime_now", {"format"}, strftime_now},
  };
  return table;
}

}  // namespace r1::jinja
