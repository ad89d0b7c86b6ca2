// The parsed form of a template.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "formats/jinja/value.h"

namespace r1::jinja {

struct Expression;
struct Statement;
using ExpressionPointer = const Expression*;  // owned by the Program
using Body = std::vector<const Statement*>;

struct ArgumentList {
  std::vector<ExpressionPointer> positional;
  std::vector<std::pair<std::string, ExpressionPointer>> named;
};

struct Literal {
  Value value;
};
struct Name {
  const std::string* name;
};
struct Sequence {
  std::vector<ExpressionPointer> items;
  bool is_tuple;
};
struct DictDisplay {
  std::vector<std::pair<ExpressionPointer, ExpressionPointer>> entries;
};
struct Attribute {
  ExpressionPointer object;
  const std::string* name;
};
struct Subscript {
  ExpressionPointer object, key;
};
struct Slice {
  ExpressionPointer object, start, stop, step;  // null where left out
};
struct Call {
  ExpressionPointer callee;
  ArgumentList arguments;
};
struct FilterUse {
  ExpressionPointer input;  // null in a filter block: the block's text
  std::string name;
  ArgumentList arguments;
};
struct TestUse {
  ExpressionPointer input;
  std::string name;
  ArgumentList arguments;
  bool negated;
};
struct Unary {
  char symbol;  // '-', '+' or '!' for not
  ExpressionPointer operand;
};
struct Binary {
  std::string symbol;  // arithmetic, "and", "or"
  ExpressionPointer left, right;
};
struct Comparison {
  ExpressionPointer first;
  std::vector<std::pair<std::string, ExpressionPointer>> rest;  // a < b < c
};
struct Concatenation {
  std::vector<ExpressionPointer> parts;
};
struct Conditional {
  ExpressionPointer condition, then, otherwise;  // otherwise may be null
};

struct Expression {
  int line;
  std::variant<Literal, Name, Sequence, DictDisplay, Attribute, Subscript, Slice, Call, FilterUse,
               TestUse, Unary, Binary, Comparison, Concatenation, Conditional>
      form;
};

/// What is assigned to: a name, a namespace's attribute, or several of them.
struct Target {
  std::string name;
  std::string attribute;      // "" for a plain name
  std::vector<Target> parts;  // not empty: unpack
};

struct Text {
  std::string text;
};
struct Output {
  ExpressionPointer value;
};
struct If {
  std::vector<std::pair<ExpressionPointer, Body>> branches;
  Body otherwise;
};
struct For {
  Target target;
  ExpressionPointer items, condition;  // condition may be null
  Body body, otherwise;
};
struct Set {
  Target target;
  ExpressionPointer value;
};
/// {% set x | filter %}...{% endset %}, and {% filter f %}...{% endfilter %} without a target.
struct Capture {
  Target target;
  std::vector<FilterUse> filters;
  Body body;
};
struct Macro {
  std::string name;
  std::vector<std::pair<std::string, ExpressionPointer>> parameters;  // with default, or null
  Body body;
};
struct CallBlock {
  Macro caller;
  const Call* call;
};
struct Group {  // {% generation %}
  Body body;
};
struct Break {};
struct Continue {};

struct Statement {
  int line;
  std::variant<Text, Output, If, For, Set, Capture, Macro, CallBlock, Group, Break, Continue> form;
};

/// A whole template; everything that pointers lead to lives here.
struct Program {
  std::deque<std::string> strings;
  std::deque<Expression> expressions;
  std::deque<Statement> statements;
  Body body;
};

}  // namespace r1::jinja
