// Runs a parsed template.
#pragma once

#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/jinja/heap.h"
#include "formats/jinja/syntax.h"
#include "formats/jinja/value.h"

namespace r1::jinja {

/// One rendering of one program; made for it and thrown away after it.
class Interpreter {
 public:
  /// `work`: how many bytes may be touched, see Heap.
  explicit Interpreter(const Program& program, std::size_t work = Heap::work_limit);

  /// The template's text with the members of `variables` (an object) as its variables. Throws
  /// r1::Error with the line when the template raises, computes nonsense or exceeds a limit.
  std::string render(const nlohmann::ordered_json& variables);

  // What filters, tests, methods and functions use; all of these throw Fault.
  Heap& heap() { return heap_; }
  /// object.name: methods before entries. Undefined if there is neither.
  Value attribute(const Value& object, const std::string& name);
  /// object[key]: entries before methods.
  Value item(const Value& object, const Value& key);
  Value call(const Value& callee, const Arguments& arguments);
  Value filter(std::string_view name, const Value& input, const Arguments& arguments);
  bool test(std::string_view name, const Value& input, const Arguments& arguments);

 private:
  /// Variables of a block; the parent is the block around it in the template's text.
  struct Scope {
    Scope* parent;
    std::vector<std::pair<std::string_view, Value>> variables;
  };
  enum class Flow : std::uint8_t { on, next_iteration, leave_loop };

  // Statements.
  Flow run(const Body& body);
  Flow run(const Text& text);
  Flow run(const Output& output);
  Flow run(const If& statement);
  Flow run(const For& statement);
  Flow run(const Set& statement);
  Flow run(const Capture& statement);
  Flow run(const Macro& macro);
  Flow run(const CallBlock& block);
  Flow run(const Group& group) { return run(group.body); }
  static Flow run(const Break&) { return Flow::leave_loop; }
  static Flow run(const Continue&) { return Flow::next_iteration; }
  std::string captured(const Body& body);
  const List& filtered(const For& statement, const List& items);
  Value macro_value(const Macro& macro);
  Value call_macro(const Macro& macro, Scope* definition, const Arguments& arguments);

  // Expressions.
  Value evaluate(const Expression& expression);
  Value evaluate(ExpressionPointer expression) { return evaluate(*expression); }
  static Value evaluate(const Literal& literal) { return literal.value; }
  Value evaluate(const Name& name);
  Value evaluate(const Sequence& sequence);
  Value evaluate(const DictDisplay& dict);
  Value evaluate(const Attribute& attribute);
  Value evaluate(const Subscript& subscript);
  Value evaluate(const Slice& slice);
  Value evaluate(const Call& call);
  Value evaluate(const FilterUse& use);
  Value evaluate(const TestUse& use);
  Value evaluate(const Unary& unary);
  Value evaluate(const Binary& binary);
  Value evaluate(const Comparison& comparison);
  Value evaluate(const Concatenation& concatenation);
  Value evaluate(const Conditional& conditional);
  Arguments evaluate(const ArgumentList& list);
  bool compare(std::string_view symbol, const Value& left, const Value& right);
  Value loop_attribute(Loop& loop, std::string_view name);

  // Variables.
  Scope* enter_scope(Scope* parent);
  static void define(Scope& scope, std::string_view name, const Value& value);
  void assign(const Target& target, const Value& value);
  const Value* lookup(std::string_view name) const;

  void go_deeper();

  const Program& program_;
  Heap heap_;
  std::deque<Scope> scopes_;
  Scope* scope_;
  TextBuilder* output_ = nullptr;
  std::size_t loop_depth_ = 0;
  int depth_ = 0;
  int line_ = 1;
};

}  // namespace r1::jinja
