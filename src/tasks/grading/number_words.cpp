#include "tasks/grading/number_words.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/characters.h"

namespace r1::grading {
namespace {

struct NumberWord {
  std::string_view word;
  long value;
};

constexpr std::array<NumberWord, 28> kNumbers = {
    {{"zero", 0},     {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},
     {"five", 5},     {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},
     {"ten", 10},     {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},
     {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19},
     {"twenty", 20},  {"thirty", 30},  {"forty", 40},     {"fifty", 50},    {"sixty", 60},
     {"seventy", 70}, {"eighty", 80},  {"ninety", 90}}};
constexpr std::array<NumberWord, 5> kMultiples = {{{"dozen", 12},
                                                   {"hundred", 100},
                                                   {"thousand", 1000},
                                                   {"million", 1000000},
                                                   {"billion", 1000000000}}};
constexpr std::array<NumberWord, 13> kParts = {{{"half", 2},
                                                {"halves", 2},
                                                {"third", 3},
                                                {"quarter", 4},
                                                {"fourth", 4},
                                                {"fifth", 5},
                                                {"sixth", 6},
                                                {"seventh", 7},
                                                {"eighth", 8},
                                                {"ninth", 9},
                                                {"tenth", 10},
                                                {"twelfth", 12},
                                                {"twentieth", 20}}};

template <std::size_t N>
long value_in(const std::array<NumberWord, N>& table, std::string_view word) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const NumberWord& one) { return one.word == word; });
  return found == table.end() ? -1 : found->value;
}

std::vector<std::string_view> split(std::string_view words) {
  std::vector<std::string_view> result;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find_first_of(" -"), words.size());
    if (end > 0) result.push_back(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return result;
}

std::string_view singular(std::string_view word) {
  return word.substr(0, word.size() - (word.ends_with('s') ? 1 : 0));
}

/// A whole number; -1 for other words.
long whole_number(const std::vector<std::string_view>& words) {
  constexpr long kMost = 1000000000000;
  long total = 0, group = 0, least = kMost;  // least: the multiple that was last
  bool may_add_tens = true, may_add_ones = true, after_and = false;
  if (words.empty()) return -1;
  for (const std::string_view word : words) {
    if (word == "and") {
      if (after_and || (group == 0 && total == 0) || group % 100 != 0) return -1;
      after_and = true;
      continue;
    }
    after_and = false;
    if (const long ones = value_in(kNumbers, word); ones >= 0) {
      const bool is_tens = ones >= 10;
      if (is_tens ? !may_add_tens : !may_add_ones) return -1;
      if (ones == 0 && words.size() > 1) return -1;
      group += ones;
      may_add_tens = false;
      may_add_ones = ones >= 20;
      continue;
    }
    const long times = value_in(kMultiples, singular(word));
    if (times < 0 || (group == 0 && words.size() > 1)) return -1;
    group = std::max(group, 1L);
    if (times <= 100) {
      if (group >= times) return -1;
      group *= times;
    } else {
      if (times >= least) return -1;
      total += group * times;
      least = times;
      group = 0;
    }
    may_add_tens = may_add_ones = true;
  }
  return after_and || total + group > kMost ? -1 : total + group;
}

}  // namespace

std::string number_of_words(std::string_view words) {
  constexpr std::size_t kLongest = 200;
  if (words.empty() || words.size() > kLongest) return "";
  std::vector<std::string_view> parts = split(words);
  if (parts.empty()) return "";
  const std::string sign = parts[0] == "negative" || parts[0] == "minus" ? "-" : "";
  if (!sign.empty()) parts.erase(parts.begin());
  if (const long whole = whole_number(parts); whole >= 0) return sign + std::to_string(whole);
  // "two and a half", "two and three quarters"
  const auto joint = std::find(parts.rbegin(), parts.rend(), "and");
  long whole = 0;
  if (joint != parts.rend() && joint + 1 != parts.rend()) {
    const auto behind = joint.base();
    whole = whole_number({parts.begin(), behind - 1});
    parts.erase(parts.begin(), behind);
  }
  if (parts.size() < 2 || whole < 0) return "";
  std::string_view last = parts.back();
  if (value_in(kParts, last) < 0) last = singular(last);
  const long below = value_in(kParts, last);
  parts.pop_back();
  const long above = parts.size() == 1 && parts[0] == "a" ? 1 : whole_number(parts);
  if (below < 0 || above < 0) return "";
  return sign + std::to_string(whole * below + above) + "/" + std::to_string(below);
}

std::optional<SpokenSign> spoken_sign(std::string_view text, bool behind_value) {
  static constexpr std::array<SpokenSign, 3> kBefore = {
      {{"minus ", "-"}, {"negative ", "-"}, {"plus ", "+"}}};
  static constexpr std::array<SpokenSign, 5> kBetween = {{{"times ", "*"},
                                                          {"over ", "/"},
                                                          {"divided by ", "/"},
                                                          {"out of ", "/"},
                                                          {"to the power of ", "^"}}};
  static constexpr std::array<SpokenSign, 3> kBehind = {
      {{"squared", "^2"}, {"cubed", "^3"}, {"factorial", "!"}}};
  const auto follows = [&](const SpokenSign& one) {
    if (!text.starts_with(one.words)) return false;
    const std::string_view rest = text.substr(one.words.size());
    if (!one.words.ends_with(' ')) return rest.empty() || !is_letter(rest[0]);
    if (rest.empty()) return false;
    const bool is_name =
        is_letter(rest[0]) && rest[0] != 'a' && (rest.size() == 1 || !is_letter(rest[1]));
    return is_digit(rest[0]) || rest[0] == '\\' ||
           (behind_value && (is_name || rest.starts_with("pi")));
  };
  const auto find_in = [&](const auto& table) -> std::optional<SpokenSign> {
    const auto found = std::find_if(table.begin(), table.end(), follows);
    return found == table.end() ? std::nullopt : std::optional(*found);
  };
  if (auto before = find_in(kBefore)) return before;
  if (!behind_value) return std::nullopt;
  const auto between = find_in(kBetween);
  return between ? between : find_in(kBehind);
}

bool is_multiple(std::string_view word) {
  return value_in(kMultiples, singular(word)) >= 0;
}

}  // namespace r1::grading
