// The expected texts are what Jinja 3.1.6 prints, sandboxed, with trim_blocks and lstrip_blocks.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.h"
#include "formats/jinja_rendering.h"

namespace r1::jinja {
namespace {

struct Case {
  const char* source;
  const char* expected;
};

constexpr const char* variables = R"({
  "s": "Hello, Wörld", "n": null, "i": 7, "f": 2.5, "b": true, "l": [3, 1, 2],
  "d": {"b": 1, "a": [1, {"x": null}], "items": "key"}, "ws": " \u00a0\t x y \u200b\u3000\n",
  "ms": [{"role": "user", "content": "hi"},
         {"role": "assistant", "content": "yo", "x": {"y": 1}},
         {"role": "user", "content": " B "}]})";

void expect_all(const std::vector<Case>& cases) {
  for (const auto& [source, expected] : cases) {
    EXPECT_EQ(rendered(source, variables), expected) << source;
  }
}

TEST(Jinja, controlsWhiteSpaceAroundTags) {
  expect_all({
      {"a\n  {% if b %}\n  x\n  {% endif %}\nb\n", "a\n  x\nb"},
      {"a {%- if b -%} x {%- endif -%} b", "axb"},
      {"a\n  {%+ if b +%}\nx{% endif %}", "a\n  \nx"},
      {"  {{ i }}\n{{ i }}\n\n", "  7\n7\n"},
      {"a  {# c #}\nb", "a  b"},
      {"\n {#- c -#} \n b", "b"},
      {"{{- ' x ' -}}  \n y", " x y"},
      {"a\r\nb\r{% if b %}\r\nc{% endif %}", "a\nb\nc"},
      {"x{% raw %} {{ y }}{% if %} {% endraw %}\nz", "x {{ y }}{% if %} z"},
      {"\xc2\xa0{%- if b %}x{% endif %}", "x"},
      {"{{-1}}", "1"},
      {"{{ {'a':{'b':1}}}}", "{'a': {'b': 1}}"},
      {"{{ '}}' }}{{ \"%}\" }}", "}}%}"},
      {"", ""},
  });
}

TEST(Jinja, computesAsPython) {
  expect_all({
      {"{{ 1 + 2 * 3 - 4 / 2 }}", "5.0"},
      {"{{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % -3 }} {{ -7.5 % 2 }}", "-4 2 -2 0.5"},
      {"{{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2 ** 3 ** 2 }} {{ -2 ** 2 }}", "1024 0.5 64 4"},
      {"{{ 1e100 }} {{ 1e16 }} {{ 1e15 }} {{ 1e-5 }} {{ 0.0001 }} {{ -0.0 }}",
       "1e+100 1e+16 1000000000000000.0 1e-05 0.0001 -0.0"},
      {"{{ 18446744073709551615 + 1 }}", "18446744073709551616"},
      {"{{ 'ab' * 3 }}{{ [1] * 2 }}{{ (1,) + (2,) }}", "ababab[1, 1](1, 2)"},
      {"{{ 'a' ~ 1 ~ n ~ b }}", "a1NoneTrue"},
      {"{{ 5 ~ 6 * 2 }}{{ 'a' ~ 'b' | upper }}", "512aB"},
      {"{{ 1 == 1.0 }}{{ 'a' == 1 }}{{ 1 < 2 < 3 }}{{ 1 < 2 > 3 }}", "TrueFalseTrueFalse"},
      {"{{ [1, 2] < [1, 3] }}{{ (1, 2) == [1, 2] }}{{ {'a': 1} == {'a': 1.0} }}", "TrueFalseTrue"},
      {"{{ '' or 'x' }}{{ b and 'y' }}{{ none and 1 }}{{ not b or b }}", "xyNoneTrue"},
      {"{{ 'ell' in s }}{{ 1 in l }}{{ 'a' not in d }}{{ 1 in nothing }}", "TrueTrueFalseFalse"},
      {"{{ 'x' if false }}|{{ 1 if 0 else 2 if 0 else 3 }}", "|3"},
      {"{{ '%s-%d%%' % ('a', 3) }}", "a-3%"},
      {"{{ 'a' 'b' }}{{ 'a\\tb\\x41\\u00e9\\101\\q' }}",
       "aba\tbA\xc3\xa9"
       "A\\q"},
  });
}

TEST(Jinja, slicesAndIndexesByCharacters) {
  expect_all({
      {"{{ s[7:] }} {{ s[::-1] }} {{ s[-4] }} {{ s[-100:3] }} {{ s[5:2:-1] }}",
       "W\xc3\xb6rld dlr\xc3\xb6W ,olleH \xc3\xb6 Hel ,ol"},
      {"{{ l[::-1] }}{{ l[1:] }}{{ l[:-1] }}{{ l[-1] }}{{ l[9] }}{{ l[0:10:2] }}",
       "[2, 1, 3][1, 2][3, 1]2[3, 2]"},
      {"{{ s | length }}{{ ms[1].role }}{{ ms[-1]['role'] }}{{ ms.0.role }}",
       "12assistantuseruser"},
      {"{{ d.items }}", "<function>"},
      {"{{ d['items'] }}{{ d.items() }}",
       "key[('b', 1), ('a', [1, {'x': None}]), ('items', 'key')]"},
      {"{{ d.get('zz') }}{{ d.get('zz', 3) }}{{ d.zz }}{{ d.zz is defined }}", "None3False"},
  });
}

TEST(Jinja, knowsTheStringMethods) {
  expect_all({
      {"[{{ ws.strip() }}][{{ ws | trim }}]", "[x y \xe2\x80\x8b][x y \xe2\x80\x8b]"},
      {"{{ 'abcab'.strip('ab') }}{{ 'abcab'.lstrip('ab') }}{{ 'abcab'.rstrip('ab') }}", "ccababc"},
      {"{{ ' a b  c '.split() }}{{ ' a b  c '.split(none, 1) }}", "['a', 'b', 'c']['a', 'b  c ']"},
      {"{{ 'a,b,,c'.split(',') }}{{ 'a,b,c'.split(',', 1) }}{{ 'a,b,c'.rsplit(',', 1) }}",
       "['a', 'b', '', 'c']['a', 'b,c']['a,b', 'c']"},
      {"{{ 'a-b-c'.partition('-') }}{{ 'a-b-c'.rpartition('-') }}",
       "('a', '-', 'b-c')('a-b', '-', 'c')"},
      {"{{ 'a\\nb\\r\\nc\\n'.splitlines() }}", "['a', 'b', 'c']"},
      {"{{ 'xyz'.startswith(('a', 'xy')) }}{{ 'xyz'.endswith('yz') }}", "TrueTrue"},
      {"{{ 'aXbX'.replace('X', '--') }}{{ 'aXbX'.replace('X', '-', 1) }}{{ 'ab'.replace('', '.') "
       "}}",
       "a--b--a-bX.a.b."},
      {"{{ '\xc3\xa4"
       "bc'.find('c') }}{{ 'abcabc'.rfind('c') }}{{ 'aaa'.count('aa') }}",
       "251"},
      {"{{ 'they\\'re'.title() }}{{ 'stra\xc3\x9f"
       "E \xc3\x89'.capitalize() }}",
       "They'ReStra\xc3\x9f"
       "e \xc3\xa9"},
      {"{{ ','.join(['a', 'b']) }}{{ '12'.isdigit() }}{{ 'aB'.isupper() }}", "a,bTrueFalse"},
      {"{{ 'abc'.removeprefix('ab') }}{{ 'ab'.center(5, '*') }}", "c**ab*"},
  });
}

TEST(Jinja, knowsTheFilters) {
  expect_all({
      {"{{ ms | map(attribute='role') | unique | join(',') }}", "user,assistant"},
      {"{{ ms | map(attribute='x.y', default=0) | list }}", "[0, 1, 0]"},
      {"{{ ms | selectattr('role', 'equalto', 'user') | list | length }}", "2"},
      {"{{ ms | rejectattr('role', 'eq', 'user') | map(attribute='content') | first }}", "yo"},
      {"{{ ms | selectattr('x', 'defined') | list | length }}{{ n | selectattr('x') | list }}",
       "1[]"},
      {"{{ l | select('odd') | list }}{{ l | reject('gt', 1) | list }}", "[3, 1][1]"},
      {"{{ ['b', 'A', 'c'] | sort | join }}{{ l | sort(reverse=true) }}", "Abc[3, 2, 1]"},
      {"{{ {'b': 1, 'A': 2} | dictsort }}{{ {'a': 1} | items | list }}",
       "[('A', 2), ('b', 1)][('a', 1)]"},
      {"{{ nothing | default('q') }}{{ n | default('q') }}{{ n | default('q', true) }}", "qNoneq"},
      {"{{ l | sum }}{{ l | max }}{{ l | min }}{{ l | first }}{{ l | last }}{{ [] | first }}",
       "63132"},
      {"{{ 'a\\nb\\n\\nc' | indent(2) }}", "a\n  b\n\n  c"},
      {"{{ 'a-b c(d' | title }}{{ '<&>' | e }}{{ l | string }}", "A-B C(D&lt;&amp;&gt;[3, 1, 2]"},
      {"{{ '5.7' | int }}{{ 'x' | int(9) }}{{ '5' | float }}{{ 2.5 | round }}{{ -3 | abs }}",
       "595.02.03"},
      {"{{ 'x' | replace('x', i) }}{{ '%s!' | format(i) }}{{ 'ab' | reverse }}", "77!ba"},
  });
}

TEST(Jinja, writesJsonAsPython) {
  expect_all({
      {"{{ d | tojson }}", R"({"b": 1, "a": [1, {"x": null}], "items": "key"})"},
      {"{{ {'a': [1, {}], 'b': []} | tojson(indent=2) }}",
       "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}"},
      {"{{ [1e-7, 1e16, 1.0, -0.0, true] | tojson }}", "[1e-07, 1e+16, 1.0, -0.0, true]"},
      {"{{ '\\u0001\\u007f/\\\\\"<\\u2028\xc3\xa9' | tojson }}",
       "\"\\u0001\x7f/\\\\\\\"<\xe2\x80\xa8\xc3\xa9\""},
      {"{{ '\xf0\x9f\x98\x80' | tojson(ensure_ascii=true) }}", "\"\\ud83d\\ude00\""},
      {"{{ {'b': 1, 'a': 2} | tojson(sort_keys=true, separators=(',', ':')) }}",
       R"({"a":2,"b":1})"},
      {"{{ {1: 2, none: 3, true: 4} | tojson }}", R"({"1": 4, "null": 3})"},
  });
}

TEST(Jinja, testsValues) {
  expect_all({
      {"{{ s is string }}{{ l is iterable }}{{ s is iterable }}{{ d is mapping }}",
       "TrueTrueTrueTrue"},
      {"{{ b is number }}{{ b is integer }}{{ b is boolean }}{{ 1 is true }}",
       "TrueFalseTrueFalse"},
      {"{{ n is none }}{{ n is not none }}{{ x is defined }}{{ x is not defined }}",
       "TrueFalseFalseTrue"},
      {"{{ i is odd and 6 is divisibleby 3 }}{{ i is in [7, 8] }}{{ not i is odd }}",
       "TrueTrueFalse"},
      {"{{ -7 is odd }}{{ -6 is divisibleby(-3) }}{{ (-(2 ** 126) * 2) is divisibleby(-1) }}",
       "TrueTrueTrue"},
      {"{{ 'AB' is upper }}{{ range is callable }}{{ d.a[1].x is none }}", "TrueTrueTrue"},
  });
}

TEST(Jinja, loopsWithTheirVariables) {
  expect_all({
      {"{% for x in l %}{{ loop.index }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}"
       "{{ loop.previtem }}{{ loop.nextitem }}{{ loop.cycle('a', 'b') }};{% endfor %}",
       "12TrueFalse1a;21FalseFalse32b;30FalseTrue1a;"},
      {"{% for x in l if x > 1 %}{{ x }}/{{ loop.length }} {% else %}none{% endfor %}", "3/2 2/2 "},
      {"{% for x in [] %}a{% else %}none{% endfor %}", "none"},
      {"{% for k, v in d.items() %}{{ k }}{% endfor %}", "baitems"},
      {"{% for (a, c), e in [[[1, 2], 3]] %}{{ a }}{{ c }}{{ e }}{% endfor %}", "123"},
      {"{% for x in l %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}", "32"},
      {"{% for x in l %}{% for y in l %}{% if y == 1 %}{% break %}{% endif %}{{ y }}{% endfor %}{% "
       "endfor %}",
       "333"},
  });
}

TEST(Jinja, scopesVariables) {
  expect_all({
      {"{% set x = 1 %}{% for y in l %}{% set x = y %}{{ x }}{% endfor %}{{ x }}", "3121"},
      {"{% set x = 1 %}{% if b %}{% set x = 2 %}{% endif %}{{ x }}", "2"},
      {"{% for y in l %}{% if y == 3 %}{% set z = 5 %}{% endif %}{{ z }},{% endfor %}{{ z }}",
       "5,,,"},
      {"{% set ns = namespace(x=0) %}{% for y in l %}{% set ns.x = ns.x + y %}{% endfor %}{{ ns.x "
       "}}",
       "6"},
      {"{% set a, c = 1, 2 %}{{ a }}{{ c }}{% set x | upper %}q{{ i }}{% endset %}{{ x }}", "12Q7"},
      {"{% filter replace('a', 'b') | upper %}aa{% endfilter %}", "BB"},
  });
}

TEST(Jinja, callsMacros) {
  expect_all({
      {"{% macro m(a, c=2, e=a) %}{{ a }}-{{ c }}-{{ e }};{% endmacro %}{{ m(1) }}{{ m(c=5, a=4) "
       "}}{{ m() }}",
       "1-2-1;4-5-4;-2-;"},
      {"{% macro m() %}{{ x }}{{ i }}{% endmacro %}{% set x = 3 %}{{ m() }}", "37"},
      {"{% macro f(k) %}{% if k > 0 %}{{ k }}{{ f(k - 1) }}{% endif %}{% endmacro %}{{ f(5) }}",
       "54321"},
      {"{% macro m() %}<{{ caller('z') }}>{% endmacro %}{% call(u) m() %}in{{ u }}{% endcall %}",
       "<inz>"},
  });
}

TEST(Jinja, printsContainersAsPython) {
  expect_all({
      {"{{ [n, b, f, i, 'it\\'s', 'a\"\\n'] }}", "[None, True, 2.5, 7, \"it's\", 'a\"\\n']"},
      {"{{ (1,) }}{{ () }}{{ {} }}{{ {'a': (1, 2)} }}", "(1,)(){}{'a': (1, 2)}"},
  });
}

TEST(Jinja, givesTheTimeInTheFormatAskedFor) {
  const std::string date = rendered("{{ strftime_now('%Y-%m-%d|%%') }}");
  ASSERT_EQ(date.size(), 12u) << date;
  EXPECT_GE(std::stoi(date.substr(0, 4)), 2024);
  EXPECT_EQ(date[4], '-');
  EXPECT_EQ(date.substr(10), "|%");
}

TEST(Jinja, reportsTheLineOfAnError) {
  try {
    rendered("{% if true %}\n\n{{ raise_exception('roles must\nalternate') }}{% endif %}");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "chat template, line 3: roles must?alternate");
  }
}

TEST(Jinja, refusesWhatPythonRefuses) {
  for (const char* source : {"{{ 'a' + 1 }}",
                             "{{ n + 'a' }}",
                             "{{ 'a' + nothing }}",
                             "{{ nothing.x }}",
                             "{{ nothing() }}",
                             "{{ 1 / 0 }}",
                             "{{ 5 % 0 }}",
                             "{{ 'a' < 1 }}",
                             "{{ 1 in s }}",
                             "{% for x in n %}{% endfor %}",
                             "{{ l.append(4) }}",
                             "{{ d.update({}) }}",
                             "{% set d.x = 1 %}",
                             "{{ nothing | tojson }}",
                             "{{ range | tojson }}",
                             "{{ s | nofilter }}",
                             "{{ s is notest }}",
                             "{{ s | upper(1) }}",
                             "{{ l[::0] }}",
                             "{{ 'a'.split('') }}",
                             "{{ ','.join([1]) }}",
                             "{{ s | trim(foo=1) }}",
                             "{% for a, c in [[1]] %}{% endfor %}",
                             "{{ {[1]: 2} }}",
                             "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}"}) {
    EXPECT_THROW(rendered(source, variables), Error) << source;
  }
}

TEST(Jinja, refusesMalformedTemplates) {
  for (const char* source :
       {"{{",
        "{{ }}",
        "{{ 1",
        "{{ 1 %}",
        "{% if %}x{% endif %}",
        "{% if b %}",
        "{% endif %}",
        "{% for x in l %}",
        "{% foo %}",
        "{% break %}",
        "{# never",
        "{% raw %}",
        "{{ 'a }}",
        "{{ a b }}",
        "{{ (1 }}",
        "{{ 1) }}",
        "{{ f(a=1, 2) }}",
        "{{ f(*l) }}",
        "{{ a.}}",
        "{{ a[] }}",
        "{{ @ }}",
        "{% set x %}",
        "{% set 1 = 2 %}",
        "{% macro m( %}",
        "{{ '\\ud800' }}",
        "{{ x is is y }}",
        "{% for x in l recursive %}{% endfor %}",
        "{% include 'x' %}",
        "{%",
        "{% call m %}{% endcall %}",
        "{% for x in l %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}"}) {
    EXPECT_THROW(rendered(source, variables), Error) << source;
  }
}

}  // namespace
}  // namespace r1::jinja
