// Tests: {% if x is defined %} and so on.
#include "formats/jinja/builtins.h"
#include "formats/jinja/operators.h"

namespace r1::jinja {
namespace {

// Each has the signature that the table needs; `given` are the test's arguments.
using Test = Value (*)(Interpreter&, const Value&, const Arguments&);

template <Kind... kinds>
constexpr Test is_kind = [](Interpreter&, const Value& self, const Arguments&) -> Value {
  return {(self.is(kinds) || ...)};
};

Value defined(Interpreter&, const Value& self, const Arguments&) {
  return {!self.is_undefined()};
}
Value is_true(Interpreter&, const Value& self, const Arguments&) {
  return {self.is(Kind::boolean) && self.boolean()};
}
Value is_false(Interpreter&, const Value& self, const Arguments&) {
  return {self.is(Kind::boolean) && !self.boolean()};
}

/// Whether dividing by `divisor` leaves this rest.
Value rest_is(Interpreter& run, const Value& self, const Value& divisor, Integer rest) {
  if (!self.is_integer() || !divisor.is_integer()) throw Fault("the test needs integers");
  return {arithmetic(run.heap(), "%", self, divisor).integer() == rest};
}
Value even(Interpreter& run, const Value& self, const Arguments&) {
  return rest_is(run, self, Integer{2}, 0);
}
Value odd(Interpreter& run, const Value& self, const Arguments&) {
  return rest_is(run, self, Integer{2}, 1);
}
Value divisibleby(Interpreter& run, const Value& self, const Arguments& given) {
  return rest_is(run, self, given.positional[0], 0);
}

Value eq(Interpreter& run, const Value& self, const Arguments& given) {
  return {equal(run.heap(), self, given.positional[0])};
}
Value ne(Interpreter& run, const Value& self, const Arguments& given) {
  return {!equal(run.heap(), self, given.positional[0])};
}
Value lt(Interpreter& run, const Value& self, const Arguments& given) {
  return {less(run.heap(), self, given.positional[0])};
}
Value gt(Interpreter& run, const Value& self, const Arguments& given) {
  return {less(run.heap(), given.positional[0], self)};
}
Value le(Interpreter& run, const Value& self, const Arguments& given) {
  return {truthy(lt(run, self, given)) || truthy(eq(run, self, given))};
}
Value ge(Interpreter& run, const Value& self, const Arguments& given) {
  return {truthy(gt(run, self, given)) || truthy(eq(run, self, given))};
}
Value in(Interpreter& run, const Value& self, const Arguments& given) {
  return {contains(run.heap(), given.positional[0], self)};
}
Value sameas(Interpreter& run, const Value& self, const Arguments& given) {
  return {self.kind() == given.positional[0].kind() &&
          equal(run.heap(), self, given.positional[0])};
}

Value upper(Interpreter& run, const Value& self, const Arguments&) {
  return run.call(run.attribute(run.filter("string", self, {}), "isupper"), {});
}
Value lower(Interpreter& run, const Value& self, const Arguments&) {
  return run.call(run.attribute(run.filter("string", self, {}), "islower"), {});
}
Value filter(Interpreter&, const Value& self, const Arguments&) {
  return {self.is_string() && find_filter(self.string()) != nullptr};
}
Value test(Interpreter&, const Value& self, const Arguments&) {
  return {self.is_string() && find_test(self.string()) != nullptr};
}

}  // namespace

const Builtin* find_test(std::string_view name) {
  static const std::vector<Builtin> table = {
      {"!=", {"other"}, ne},
      {"<", {"other"}, lt},
      {"<=", {"other"}, le},
      {"==", {"other"}, eq},
      {">", {"other"}, gt},
      {">=", {"other"}, ge},
      {"boolean", {}, is_kind<Kind::boolean>},
      {"callable", {}, is_kind<Kind::callable>},
      {"defined", {}, defined},
      {"divisibleby", {"num"}, divisibleby},
      {"eq", {"other"}, eq},
      {"equalto", {"other"}, eq},
      {"even", {}, even},
      {"false", {}, is_false},
      {"filter", {}, filter},
      {"float", {}, is_kind<Kind::floating>},
      {"ge", {"other"}, ge},
      {"greaterthan", {"other"}, gt},
      {"gt", {"other"}, gt},
      {"in", {"seq"}, in},
      {"integer", {}, is_kind<Kind::integer>},
      {"iterable",
       {},
       is_kind<Kind::string, Kind::list, Kind::tuple, Kind::dict, Kind::undefined, Kind::loop>},
      {"le", {"other"}, le},
      {"lessthan", {"other"}, lt},
      {"lower", {}, lower},
      {"lt", {"other"}, lt},
      {"mapping", {}, is_kind<Kind::dict>},
      {"ne", {"other"}, ne},
      {"none", {}, is_kind<Kind::none>},
      {"number", {}, is_kind<Kind::boolean, Kind::integer, Kind::floating>},
      {"odd", {}, odd},
      {"sameas", {"other"}, sameas},
      {"sequence", {}, is_kind<Kind::string, Kind::list, Kind::tuple, Kind::dict, Kind::undefined>},
      {"string", {}, is_kind<Kind::string>},
      {"test", {}, test},
      {"true", {}, is_true},
      {"undefined", {}, is_kind<Kind::undefined>},
      {"upper", {}, upper},
  };
  for (const Builtin& builtin : table) {
    if (builtin.name == name) return &builtin;
  }
  return nullptr;
}

}  // namespace r1::jinja
