// Numbers written in another base.
#include <algorithm>
#include <array>
#include <cctype>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"
#include "tasks/steps.h"

namespace r1::tasks {
namespace {

struct Level {
  int lowest, highest, largest_base;
};
constexpr std::array<Level, kHardest> kLevels = {
    {{2, 31, 8}, {10, 99, 16}, {10, 999, 16}, {10, 9999, 16}}};
constexpr std::string_view kDigits = "0123456789ABCDEF";

std::string in_base(int value, int base) {
  std::string digits;
  for (int left = value; left > 0; left /= base) {
    digits.insert(digits.begin(), kDigits[static_cast<std::size_t>(left % base)]);
  }
  return digits;
}

int value_of(char digit) {
  return static_cast<int>(kDigits.find(digit));
}

/// "A is 10. " for what is no decimal digit.
std::string letters_in(const std::string& digits) {
  std::string text;
  for (const char letter : kDigits.substr(10)) {
    if (digits.find(letter) == std::string::npos) continue;
    text += std::string(1, letter) + " is " + std::to_string(value_of(letter)) + ". ";
  }
  return text;
}

/// "1:1 2:0 3:1", so that digits that come again aren't lost.
std::string placed(const std::string& digits) {
  std::vector<std::string> parts;
  for (const char digit : digits) {
    parts.push_back(std::to_string(parts.size() + 1) + ":" + digit);
  }
  return listed(parts, " ");
}

/// From the left: the value so far times the base, plus the next digit.
std::string to_decimal(const std::string& digits, int base) {
  std::string steps = "To base 10: times " + std::to_string(base) +
                      " and plus the next digit, from the left: " + placed(digits) + ". " +
                      letters_in(digits) + "Start " + std::to_string(value_of(digits[0])) + ".\n";
  int value = value_of(digits[0]);
  for (std::size_t i = 1; i < digits.size(); ++i) {
    const int product = value * base, digit = value_of(digits[i]);
    steps += std::to_string(i + 1) + ":" + digits[i] + ", " + multiplication_steps(value, base) +
             ", " + addition_steps(product, digit) + ".\n";
    value = product + digit;
  }
  return steps;
}

/// By dividing again and again: the remainders are the digits from the right.
std::string from_decimal(int value, int base) {
  std::string steps = "To base " + std::to_string(base) +
                      ": divide again and again; the remainders are the digits from the right.\n";
  std::string digits;
  std::vector<std::string> placed_from_last;
  for (int left = value; left > 0; left /= base) {
    digits.insert(digits.begin(), kDigits[static_cast<std::size_t>(left % base)]);
    const std::string place = std::to_string(digits.size()) + ":" + digits[0];
    placed_from_last.insert(placed_from_last.begin(), place);
    steps += division_steps(left, base);
    if (left % base > 9) steps += ", which is " + std::string(1, digits[0]);
    steps += ". " + place + "\n";
  }
  return steps + "From the last: " + listed(placed_from_last, " ") + ", so " + digits + ".\n";
}

/// The other way than the number was found: from the left where it was divided, of which the first
/// two digits are enough to meet what stands above, by one division where it grew from the left.
std::string check(const std::string& digits, int base, int value, bool divided) {
  if (!divided) {
    return "Check: " + division_steps(value, base) + ", and " + digits + " ends in " +
           digits.back() + ".";
  }
  if (digits.size() == 1) return "Check: one digit is enough for " + std::to_string(value) + ".";
  const int product = value_of(digits[0]) * base;
  return "Check of the first two digits: " + multiplication_steps(value_of(digits[0]), base) +
         ", " + addition_steps(product, value_of(digits[1])) + ", as above.";
}

/// Of the two bases, 10 is left to the question before.
void ask_again(Random& random, const std::string& given, int from, int to, Instance& instance) {
  const std::vector<std::string> parts = {given, std::to_string(from), std::to_string(to)};
  if (from == 10) {
    instance.follow_up = phrase(
        random, {"Now {0} in base {2}.", "And {0} in base {2}?", "And {0} to base {2}?"}, parts);
    instance.unsaid = "from 10";
  } else if (to == 10) {
    instance.follow_up = phrase(
        random,
        {"Now {0} from base {1}.", "And {0} from base {1}?", "What about the base {1} number {0}?"},
        parts);
    instance.unsaid = "to 10";
  } else {
    instance.follow_up =
        phrase(random,
               {"Now {0} from base {1} to base {2}.", "And {0} from base {1} to base {2}?",
                "What about {0} from base {1} to {2}?"},
               parts);
  }
}

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  const int value = between(random, level.lowest, level.highest);
  int from = between(random, 2, level.largest_base), to = between(random, 2, level.largest_base);
  const auto form = random.below(3);
  if (form == 0) from = 10;
  if (form == 1) to = 10;
  while (from == to) (form == 0 ? to : from) = between(random, 2, level.largest_base);
  const std::string given = in_base(value, from);
  Instance instance;
  instance.answer = in_base(value, to);
  if (from != 10) instance.chain += to_decimal(given, from);
  if (to != 10) {
    instance.chain += from_decimal(value, to) + check(instance.answer, to, value, true);
  } else {
    instance.chain += check(given, from, value, false);
  }
  instance.content = std::to_string(value) + ": " + std::to_string(from) + " " + std::to_string(to);
  instance.question = phrase(
      random,
      {"Write the number {0}, which is in base {1}, in base {2}.",
       "Convert {0} from base {1} to base {2}.", "What is the base {1} number {0} in base {2}?",
       "The number {0} is written in base {1}. How is it written in base {2}?",
       "{0} in base {1} is what in base {2}?", "Express {0} (base {1}) in base {2}."},
      {given, std::to_string(from), std::to_string(to)});
  ask_again(random, given, from, to, instance);
  return instance;
}

/// "1AF", "1af", "0x1AF", "1AF_{16}", "(1AF)_16", "1AF in base 16".
bool accepts(const std::string& answer, std::string_view response) {
  std::string given = final_answer(response);
  for (char& c : given) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const std::string_view cut : {"_", " IN BASE", " (BASE", " BASE"}) {
    given = given.substr(0, given.find(cut));
  }
  std::string digits;
  for (const char c : given) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      digits += c;
    } else if (c != ' ' && c != '(' && c != ')') {
      return false;
    }
  }
  const auto is_right = [&](std::string_view text) {
    return text.substr(std::min(text.find_first_not_of('0'), text.size())) == answer;
  };
  const bool prefixed =
      digits.starts_with("0X") || digits.starts_with("0B") || digits.starts_with("0O");
  return is_right(digits) || (prefixed && is_right(std::string_view(digits).substr(2)));
}

}  // namespace

Task base_conversion() {
  Task task;
  task.name = "base-conversion";
  task.about = "numbers up to 999 from one base to another, 2 to 16";
  task.generate = generate;
  task.accepts = accepts;
  task.train_share = kTrainShareOfSmallSpace;
  return task;
}

}  // namespace r1::tasks
