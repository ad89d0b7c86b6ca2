// Hostile templates end with one Error, soon and without filling the memory or the stack.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "formats/jinja_rendering.h"

namespace r1::jinja {
namespace {

std::string repeated(const std::string& text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

/// With a smaller budget than in earnest, to be quick.
void expect_refused(const std::string& source, const std::string& reason,
                    std::size_t work = Heap::work_limit / 16) {
  try {
    const std::string text = rendered(source, "{}", work);
    ADD_FAILURE() << source.substr(0, 200) << " gave " << text.size() << " bytes";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(reason), std::string::npos)
        << source.substr(0, 200) << ": " << error.what();
  }
}

TEST(JinjaLimits, endsEndlessRecursion) {
  expect_refused("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion");
  expect_refused(
      "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
      "recursion");
  expect_refused("{% macro m(x=m()) %}{% endmacro %}{{ m() }}", "recursion");
  expect_refused(
      "{% macro m(x) %}{{ [x] | map('string') | list }}{% call m(x) %}{% endcall %}"
      "{% endmacro %}{{ m(1) }}",
      "recursion");
}

TEST(JinjaLimits, stopsHugeLoops) {
  expect_refused("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                 "work", Heap::work_limit);
  expect_refused("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
                 "work");
  expect_refused("{{ range(1000000000) | list }}", "range()");
  expect_refused("{{ range(0, 9999999999999999999 ** 2) }}", "range()");
  std::string nested = "x";
  for (int i = 0; i < 12; ++i) nested = "{% for a in range(99) %}" + nested + "{% endfor %}";
  expect_refused(nested, "work");
}

TEST(JinjaLimits, stopsHugeTexts) {
  expect_refused("{{ 'a' * 1000000000000 }}", "work");
  expect_refused("{{ 'a' * 99999999999999999999 ** 2 }}", "large");
  expect_refused("{{ '' * 1000000000000 }}", "work");
  expect_refused("{{ [1] * 1000000000000 }}", "work");
  expect_refused("{{ (['x' * 1000000] * 1000) | join }}", "work");
  expect_refused("{{ ('a' * 100000).replace('a', 'b' * 100000) }}", "work");
  expect_refused("{{ ('a' * 100000) | replace('', 'b' * 100000) }}", "work");
  expect_refused("{{ 'a'.center(1000000000000) }}", "work");
  expect_refused("{{ 'a' | indent(1000000000000) }}", "work");
  expect_refused("{{ [[1]] | tojson(indent=1000000000000) }}", "work");
  expect_refused("{{ ('a\n' * 100000) | indent(100000) }}", "work");
  expect_refused(
      "{% set n = namespace(x='ab') %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor "
      "%}",
      "work");
  expect_refused("{% for i in range(9999) %}{{ 'a' * 1000000 }}{% endfor %}", "work");
}

TEST(JinjaLimits, stopsSlowSearches) {
  expect_refused(
      "{% for i in range(9999) %}{{ ('a' * 1000000).rfind('b' + 'a' * 500000) }}{% endfor %}",
      "work");
  expect_refused("{{ ('a' * 1000000).rfind('a' * 500000 + 'b') }}", "work");
  expect_refused("{{ (' ' * 1000000).strip(' ' * 1000000) }}", "work");
}

TEST(JinjaLimits, stopsAtValuesThatNestTooDeep) {
  const std::string deep =
      "{% set n = namespace(x=[]) %}{% for i in range(999) %}{% set n.x = [n.x] %}{% endfor %}";
  expect_refused(deep + "{{ n.x }}", "deep");
  expect_refused(deep + "{{ n.x | tojson }}", "deep");
  expect_refused(deep + "{{ n.x == [n.x] }}", "deep");
  expect_refused(deep + "{{ n.x < [n.x] }}", "deep");
  EXPECT_EQ(rendered(deep + "ok"), "ok");
}

TEST(JinjaLimits, survivesCyclesThroughNamespaces) {
  expect_refused("{% set n = namespace() %}{% set n.x = n %}{{ n }}", "deep");
  expect_refused("{% set n = namespace() %}{% set n.x = [n] %}{{ n.x | string }}", "deep");
  EXPECT_EQ(rendered("{% set n = namespace() %}{% set n.x = n %}{{ n.x.x == n }}"), "True");
}

TEST(JinjaLimits, stopsAtSharedValuesThatUnfoldForever) {
  const std::string wide =
      "{% set n = namespace(x=[1]) %}{% for i in range(150) %}{% set n.x = [n.x, n.x] %}{% endfor "
      "%}";
  expect_refused(wide + "{{ n.x }}", "work");
  expect_refused(wide + "{{ n.x | tojson }}", "work");
  expect_refused(wide + "{% set a = n.x %}{{ [a, a] == [n.x, n.x] }}", "work");
}

TEST(JinjaLimits, refusesSourcesThatNestTooDeep) {
  constexpr std::size_t many = 100000;
  expect_refused("{{ " + repeated("(", many) + "1" + repeated(")", many) + " }}", "deep");
  expect_refused("{{ " + repeated("[", many) + repeated("]", many) + " }}", "deep");
  expect_refused("{{ " + repeated("- ", many) + "1 }}", "deep");
  expect_refused("{{ " + repeated("not ", many) + "1 }}", "deep");
  expect_refused("{{ " + repeated("1 if 1 else ", many) + "1 }}", "deep");
  expect_refused("{{ " + repeated("f(", many) + repeated(")", many) + " }}", "deep");
  expect_refused("{% set " + repeated("(", many) + "x" + repeated(")", many) + " = 1 %}", "deep");
  expect_refused(repeated("{% if 1 %}", many) + repeated("{% endif %}", many), "deep");
}

TEST(JinjaLimits, refusesChainsThatEvaluateTooDeep) {
  constexpr std::size_t many = 100000;
  expect_refused("{{ 1" + repeated(" + 1", many) + " }}", "recursion");
  expect_refused("{{ a" + repeated(".a", many) + " }}", "recursion");
  expect_refused("{{ 1" + repeated(" | abs", many) + " }}", "recursion");
  expect_refused("{{ 1" + repeated(" or 1", many) + " }}", "recursion");
  EXPECT_EQ(rendered("{{ 1" + repeated(" ~ 1", 3000) + " }}").size(), 3001u);
}

TEST(JinjaLimits, refusesVariablesThatNestTooDeep) {
  nlohmann::ordered_json deep = 1;
  for (int i = 0; i < 5000; ++i) deep = nlohmann::ordered_json::array({std::move(deep)});
  const auto program = parse("{{ x }}");
  EXPECT_THROW(Interpreter(*program).render({{"x", std::move(deep)}}), Error);
}

}  // namespace
}  // namespace r1::jinja
