#include "tasks/grading/phrases.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "base/characters.h"

namespace r1::grading {
namespace {

using Words = std::unordered_set<std::string_view>;

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

/// Words that stand before any value and say nothing of it.
bool is_filler(std::string_view word) {
  static const Words kFillers = {"a",        "an",        "the",
                                 "is",       "are",       "was",
                                 "be",       "will",      "equal",
                                 "equals",   "to",        "of",
                                 "in",       "on",        "by",
                                 "at",       "so",        "thus",
                                 "hence",    "therefore", "then",
                                 "we",       "get",       "have",
                                 "find",     "gives",     "it",
                                 "this",     "that",      "there",
                                 "answer",   "answers",   "final",
                                 "solution", "for",       "solutions",
                                 "result",   "value",     "values",
                                 "exactly",  "only",      "just",
                                 "about",    "these",     "number",
                                 "numbers",  "has",       "all",
                                 "simply",   "obtain",    "its",
                                 "with",     "as",        "roots",
                                 "our",      "correct",   "approximately",
                                 "if",       "when"};
  return kFillers.contains(word);
}

/// Words that may stand between a value and what changes it: "can't be equal to".
bool is_linking(std::string_view word) {
  static const Words kLinks = {"a",     "an",     "the",    "be",      "equal", "to",
                               "in",    "on",     "or",     "exactly", "only",  "just",
                               "about", "option", "choice", "answer"};
  return kLinks.contains(word);
}

bool denies(std::string_view word) {
  static const Words kDenials = {"not",   "never", "no",    "cannot",    "nor",      "neither",
                                 "false", "doubt", "wrong", "incorrect", "unlikely", "than"};
  return word.ends_with("n't") || kDenials.contains(word);
}

/// Words after which a value is a bound, an operand, a possibility or what a program handles.
bool is_changing(std::string_view word) {
  static const Words kChanging = {
      "least",   "most",      "above",     "below",   "over",   "under",  "beyond",   "except",
      "exceeds", "excluding", "exceeding", "without", "within", "until",  "before",   "after",
      "between", "either",    "nearly",    "almost",  "minus",  "plus",   "negative", "twice",
      "double",  "triple",    "half",      "unlike",  "like",   "return", "echo",     "select",
      "print",   "printf",    "puts",      "yield",   "raise",  "throw",  "import"};
  return kChanging.contains(word);
}

/// Of what is worked out from a value: "the square root of", "divisible by".
bool is_operation(std::string_view word) {
  static const Words kOperations = {
      "multiple",  "multiples", "divisor",   "divisors",   "factor",    "factors",     "square",
      "cube",      "root",      "half",      "third",      "quarter",   "reciprocal",  "inverse",
      "power",     "powers",    "logarithm", "divisible",  "divided",   "multiplied",  "decreased",
      "increased", "reduced",   "double",    "complement", "neighbour", "predecessor", "successor"};
  return kOperations.contains(word);
}

}  // namespace

std::string normalised_words(std::string_view text) {
  std::string words;
  for (const char c : text) {
    if (is_space(c) || c == '~') {
      if (!words.empty() && words.back() != ' ') words += ' ';
    } else {
      words += lower_case(c);
    }
  }
  const auto is_edge = [](char c) {
    return c == ' ' || c == '.' || c == ',' || c == ';' || c == ':' || c == '"';
  };
  while (!words.empty() && is_edge(words.back())) words.pop_back();
  std::size_t begin = 0;
  while (begin < words.size() && is_edge(words[begin])) ++begin;
  return words.substr(begin);
}

bool change_what_follows(std::string_view text) {
  const std::vector<std::string_view> words = split(text);
  const auto has_one_of = [&](const Words& some) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view w) { return some.contains(w); });
  };
  static const Words kSaying = {"say", "claim", "conclude", "believe", "think"};
  if (has_one_of({"doubt"}) || (has_one_of(kSaying) && has_denial(text))) return true;
  for (std::size_t i = words.size(); i-- > 0;) {
    const std::string_view word = words[i];
    if (denies(word) || is_changing(word)) return true;
    const std::string_view before = i > 0 ? words[i - 1] : "";
    if ((word == "of" || word == "by") && is_operation(before)) return true;
    if (word == "as" && before == "such") return true;
    if (!is_linking(word)) return false;
  }
  return false;
}

bool change_what_precedes(std::string_view text) {
  static const Words kOperations = {"squared",    "cubed", "factorial",   "tenths",
                                    "hundredths", "th",    "thousandths", "power"};
  const std::vector<std::string_view> words = split(text);
  if (words.empty()) return false;
  const bool is_too_much = std::find(words.begin(), words.end(), "too") != words.end();
  if (words[0].starts_with("is")) return is_too_much || has_denial(text);
  return kOperations.contains(words[0]) && (words[0] != "th" || words.back() == "power");
}

bool has_denial(std::string_view text) {
  const std::vector<std::string_view> words = split(text);
  return std::any_of(words.begin(), words.end(), denies);
}

std::string_view complement_of(std::string_view sentence) {
  std::size_t begin = 0;
  for (const std::string_view copula : {" is ", " are ", " was ", " be ", " falls on "}) {
    const std::size_t at = sentence.rfind(copula);
    if (at != std::string_view::npos) begin = std::max(begin, at + copula.size());
  }
  const std::string before = lower_case(sentence.substr(0, begin));
  const std::vector<std::string_view> subject = split(before);
  if (subject.size() == 2 && subject[0].size() == 1) return sentence;  // "n is odd"
  const bool supposes = std::any_of(subject.begin(), subject.end(), [](std::string_view word) {
    return word == "if" || word == "whether" || word == "unless";
  });
  if (supposes || has_denial(before)) return sentence;
  sentence.remove_prefix(begin);
  for (const std::string_view article : {"a ", "an ", "the ", "A ", "An ", "The "}) {
    if (sentence.starts_with(article)) return sentence.substr(article.size());
  }
  return sentence;
}

std::string naming_words(std::string_view words) {
  std::string naming;
  for (const std::string_view word : split(words)) {
    if (is_filler(word)) continue;
    naming += naming.empty() ? "" : " ";
    naming += word;
  }
  return naming;
}

bool name_alike(std::string_view a, std::string_view b) {
  const std::string of_a = naming_words(a), of_b = naming_words(b);
  const std::vector<std::string_view> first = split(of_a), second = split(of_b);
  const auto says_all = [](const auto& words, const auto& others) {
    return std::all_of(others.begin(), others.end(), [&](std::string_view other) {
      return std::find(words.begin(), words.end(), other) != words.end();
    });
  };
  return says_all(first, second) || says_all(second, first);
}

}  // namespace r1::grading
