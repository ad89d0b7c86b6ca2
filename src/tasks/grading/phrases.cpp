#include "tasks/grading/phrases.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "base/characters.h"
#include "tasks/grading/number_words.h"

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

bool has_one_of(const std::vector<std::string_view>& words, const Words& some) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return some.contains(word); });
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
  static const Words kLinks = {"a",        "an",          "the",      "be",      "equal",  "to",
                               "in",       "on",          "or",       "exactly", "only",   "just",
                               "about",    "option",      "choice",   "answer",  "been",   "have",
                               "seem",     "appear",      "as",       "really",  "simply", "quite",
                               "actually", "necessarily", "possibly", "likely",  "even"};
  return kLinks.contains(word);
}

bool denies(std::string_view word) {
  static const Words kDenials = {"not",      "never",   "no",      "cannot", "nor",
                                 "neither",  "false",   "doubt",   "wrong",  "incorrect",
                                 "unlikely", "than",    "nobody",  "none",   "hardly",
                                 "barely",   "nowhere", "nothing", "refuse", "deny"};
  return word.ends_with("n't") || kDenials.contains(word);
}

/// Words that turn down what they are said of.
bool rejects(std::string_view word) {
  static const Words kRejecting = {"wrong",        "incorrect",    "false",        "untrue",
                                   "mistaken",     "impossible",   "excluded",     "ruled",
                                   "extraneous",   "spurious",     "rejected",     "invalid",
                                   "inadmissible", "absurd",       "contradicts",  "contradiction",
                                   "fails",        "fail",         "violates",     "differs",
                                   "mistake",      "trap",         "nonsense",     "nonsensical",
                                   "ridiculous",   "contradict",   "discarded",    "disproved",
                                   "refuted",      "eliminated",   "dismissed",    "contradictory",
                                   "disallowed",   "unattainable", "unacceptable", "insufficient"};
  return kRejecting.contains(word);
}

/// Words after which a value is a bound, an operand, a possibility or what a program handles.
bool is_changing(std::string_view word) {
  static const Words kChanging = {
      "least",     "most",      "above",     "below",   "over",   "under",   "beyond",   "except",
      "exceeds",   "excluding", "exceeding", "without", "within", "until",   "before",   "after",
      "between",   "either",    "nearly",    "almost",  "minus",  "plus",    "negative", "twice",
      "double",    "triple",    "half",      "unlike",  "like",   "return",  "echo",     "select",
      "print",     "printf",    "puts",      "yield",   "raise",  "throw",   "import",   "from",
      "eliminate", "exclude",   "reject",    "discard", "exceed", "outside", "besides",  "avoid",
      "avoids",    "times",     "near",      "close",   "closer", "greater", "less",     "larger",
      "smaller",   "bigger",    "fewer",     "modulo",  "mod",    "per",     "versus",   "opposite",
      "halfway"};
  return kChanging.contains(word);
}

/// Of what is worked out from a value: "the square root of", "divisible by".
bool is_operation(std::string_view word) {
  static const Words kOperations = {
      "multiple",  "multiples", "divisor",   "divisors",   "factor",    "factors",     "square",
      "cube",      "root",      "half",      "third",      "quarter",   "reciprocal",  "inverse",
      "power",     "powers",    "logarithm", "divisible",  "divided",   "multiplied",  "decreased",
      "increased", "reduced",   "double",    "complement", "neighbour", "predecessor", "successor",
      "opposite",  "negation",  "negative",  "instead",    "short",     "ahead",       "excess",
      "percent",   "sine",      "cosine",    "tangent",    "factorial", "exceeded",    "fifth",
      "tenth",     "conjugate", "digit",     "digits"};
  return kOperations.contains(word);
}

/// Whether two words side by side, the second right before a value, make another of it: "up to",
/// "as much as".
bool change_together(std::string_view first, std::string_view second) {
  static const Words kBeforeTo = {"up",  "next",   "prior",    "added",  "opposed", "compared",
                                  "due", "raised", "relative", "adding", "contrary"};
  static const Words kBeforeAs = {"such", "thing", "much", "many", "large",
                                  "big",  "long",  "far",  "high"};
  if (second == "to") return kBeforeTo.contains(first);
  if (second == "as") return kBeforeAs.contains(first);
  if (second == "base") return first == "in";
  if (second == "for") return first == "except";
  return (second == "of" || second == "by") && is_operation(first);
}

/// Verbs and pronouns that begin what is said of a value before them.
bool begins_predicate(std::string_view word) {
  static const Words kVerbs = {"is",   "are",   "was",   "were", "can",   "could",  "does", "do",
                               "did",  "has",   "have",  "will", "would", "must",   "may",  "might",
                               "gets", "leads", "seems", "got",  "had",   "should", "being"};
  return kVerbs.contains(word) || word.ends_with("n't") || word == "cannot";
}

/// "less than", "or more", "at most", "and a half", "short of" behind a value.
bool begins_comparison(const std::vector<std::string_view>& words) {
  static const Words kAlone = {"below", "above", "beyond", "short", "shy", "off"};
  static const Words kBeforeThan = {"less",    "more",   "fewer",  "greater", "larger",
                                    "smaller", "bigger", "higher", "lower",   "older"};
  static const Words kAfterOr = {"more", "less",   "fewer", "above",  "below",   "greater", "over",
                                 "up",   "higher", "lower", "larger", "smaller", "under",   "so"};
  static const Words kBehindTimes = {"the", "as", "larger", "bigger", "greater", "its", "their"};
  if (kAlone.contains(words[0])) return true;
  if (words.size() < 2) return false;
  if (words[0] == "times") return kBehindTimes.contains(words[1]);
  if (words[0] == "at") return words[1] == "most" || words[1] == "least";
  if (words[0] == "or" || words[0] == "and") {
    const bool adds = words.size() > 2 && (words[1] == "a" || words[1] == "one");
    return adds || kAfterOr.contains(words[1]);
  }
  return kBeforeThan.contains(words[0]) && words[1] == "than";
}

/// Whether words before a value give it as what isn't, or what others would say: "I doubt that",
/// "one might think it is", "a common mistake is".
bool doubt(const std::vector<std::string_view>& words) {
  static const Words kDoubting = {"doubt",    "nobody",        "unless", "whether", "mistake",
                                  "tempting", "misconception", "naive",  "trap",    "fallacy"};
  static const Words kSaying = {"say",  "claim", "conclude", "believe", "think",
                                "case", "true",  "expect",   "guess",   "answer"};
  static const Words kPossible = {"might", "may", "would", "could", "tempted"};
  if (has_one_of(words, kDoubting)) return true;
  if (!has_one_of(words, kSaying)) return false;
  const bool of_others = has_one_of(words, kPossible) && !has_one_of(words, {"i", "we"});
  return of_others || std::any_of(words.begin(), words.end(), denies) ||
         std::any_of(words.begin(), words.end(), rejects);
}

/// "cannot take the value", "does not attain", where nothing is stated behind it.
bool deny_verb(const std::vector<std::string_view>& words) {
  static const Words kVerbs = {"take", "attain",  "reach",   "equal", "assume",
                               "be",   "include", "contain", "give",  "become"};
  static const Words kStating = {"is", "are", "equals", "get", "gives", "so", "was"};
  const auto denial = std::find_if(words.rbegin(), words.rend(), denies).base();
  if (denial == words.begin() || denial == words.end() || !kVerbs.contains(*denial)) return false;
  return std::none_of(denial, words.end(),
                      [](std::string_view word) { return kStating.contains(word); });
}

/// Whether "is the least", "are all that", "was correct" says of a value that it is the answer, and
/// not only of what kind it is.
bool states_answer(const std::vector<std::string_view>& words) {
  static const Words kStating = {
      "the",      "our",        "my",         "what",    "correct", "right",    "possible",
      "also",     "indeed",     "therefore",  "thus",    "then",    "optimal",  "enough",
      "minimal",  "maximal",    "sufficient", "its",     "their",   "where",    "when",
      "one",      "attained",   "achieved",   "reached", "given",   "obtained", "needed",
      "required", "achievable", "attainable", "his",     "her",     "all",      "how",
      "smallest", "largest",    "left"};
  if (kStating.contains(words[1])) return true;
  const bool has_article = words[1] == "a" || words[1] == "an";
  return has_article && has_one_of(words, {"answer", "solution", "root", "value"});
}

bool is_contrast(std::string_view word) {
  static const Words kContrasts = {"but", "yet", "however", "although", "though", "which"};
  return kContrasts.contains(word);
}

/// Whether a clause behind a value takes it back: "but they are mistaken", "no", "but it is six".
bool takes_back(const std::vector<std::string_view>& words) {
  static const Words kPronouns = {"it",  "this",  "that", "they", "he",
                                  "she", "which", "it's", "these"};
  static const Words kConfirming = {"so",       "right",    "true",    "correct", "case",
                                    "answer",   "possible", "allowed", "valid",   "it",
                                    "solution", "hold",     "work"};
  static const Words kRefusals = {"no", "nope", "wrong", "false", "incorrect"};
  if (kRefusals.contains(words[0]) && (words.size() == 1 || kPronouns.contains(words[1]))) {
    return true;
  }
  const bool names_other = std::any_of(words.begin(), words.end(), [](std::string_view word) {
    return !number_of_words(word).empty();
  });
  if (names_other && is_contrast(words[0]) && words[0] != "which") return true;
  constexpr std::size_t kFirst = 3, kReach = 4;
  for (std::size_t i = 0; i < std::min(words.size(), kFirst); ++i) {
    if (!kPronouns.contains(words[i])) continue;
    for (std::size_t j = i + 1; j < std::min(words.size(), i + 1 + kReach); ++j) {
      if (rejects(words[j])) return true;
      if (!denies(words[j]) || words[j] == "than") continue;
      const auto next = words.begin() + static_cast<std::ptrdiff_t>(j) + 1;
      const auto last = next + std::min<std::ptrdiff_t>(2, words.end() - next);
      if (next == words.end() || std::any_of(next, last, [](std::string_view word) {
            return kConfirming.contains(word);
          })) {
        return true;
      }
    }
  }
  return false;
}

/// In lower case, with spaces for all that is neither letter nor apostrophe.
std::string letters_of(std::string_view text) {
  std::string letters;
  for (const char c : text) letters += is_letter(c) || c == '\'' ? lower_case(c) : ' ';
  return letters;
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
  if (doubt(words) || deny_verb(words)) return true;
  static const Words kBeforeBut = {"anything", "everything", "everyone", "all", "any", "every"};
  if (!words.empty() && words.back() == "but" && has_one_of(words, kBeforeBut)) return true;
  for (std::size_t i = words.size(); i-- > 0;) {
    if (denies(words[i]) || rejects(words[i]) || is_changing(words[i])) return true;
    if (i > 0 && change_together(words[i - 1], words[i])) return true;
    if (!is_linking(words[i])) return false;
  }
  return false;
}

bool change_what_precedes(std::string_view text) {
  static const Words kOperations = {"squared",     "cubed", "factorial", "tenths",  "hundredths",
                                    "thousandths", "power", "doubled",   "tripled", "halved"};
  static const Words kBases = {"base", "binary", "octal", "hexadecimal"};
  const std::vector<std::string_view> words = split(text);
  if (words.empty()) return false;
  if (begins_predicate(words[0])) {
    const bool describes = has_one_of({words[0]}, {"is", "are", "was", "were"}) &&
                           words.size() > 1 && !states_answer(words);
    return describes || has_one_of(words, {"too", "off"}) || has_denial(text);
  }
  if (rejects(words[0]) || begins_comparison(words)) return true;
  const bool is_ordinal = words[0] == "th" || words[0] == "rd" || words[0] == "nd";
  if (is_ordinal) return words.back() == "power" || words.back() == "root";
  if (words[0] == "in") return words.size() > 1 && kBases.contains(words[1]);
  return kOperations.contains(words[0]);
}

bool take_back(std::string_view text) {
  bool is_first = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(",.;?!", 1), text.size());
    const std::string clause = letters_of(text.substr(0, end));
    const std::vector<std::string_view> words = split(clause);
    text.remove_prefix(end);
    if (words.empty()) continue;
    if ((is_first || is_contrast(words[0])) && takes_back(words)) return true;
    is_first = false;
  }
  return false;
}

bool suppose(std::string_view text) {
  return has_one_of(split(text), {"if", "suppose", "supposing", "assume", "assuming", "were"});
}

bool has_denial(std::string_view text) {
  const std::vector<std::string_view> words = split(text);
  return std::any_of(words.begin(), words.end(),
                     [](std::string_view word) { return denies(word) || rejects(word); });
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
