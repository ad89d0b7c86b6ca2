// Quantities in two units told in the smaller one, and back.
#include <array>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"
#include "tasks/steps.h"

namespace r1::tasks {
namespace {

struct Unit {
  std::string_view large, larges, small, smalls;
  int factor;
};
constexpr std::array<Unit, 13> kUnits = {
    {{"hour", "hours", "minute", "minutes", 60},
     {"minute", "minutes", "second", "seconds", 60},
     {"week", "weeks", "day", "days", 7},
     {"day", "days", "hour", "hours", 24},
     {"metre", "metres", "centimetre", "centimetres", 100},
     {"kilometre", "kilometres", "metre", "metres", 1000},
     {"kilogram", "kilograms", "gram", "grams", 1000},
     {"litre", "litres", "millilitre", "millilitres", 1000},
     {"centimetre", "centimetres", "millimetre", "millimetres", 10},
     {"foot", "feet", "inch", "inches", 12},
     {"yard", "yards", "foot", "feet", 3},
     {"pound", "pounds", "ounce", "ounces", 16},
     {"gallon", "gallons", "pint", "pints", 8}}};
constexpr std::array<int, kHardest> kMostLarge = {9, 29, 99, 999};

std::string text(int number) {
  return std::to_string(number);
}

std::string amount(int number, std::string_view one, std::string_view many) {
  return text(number) + " " + std::string(number == 1 ? one : many);
}

struct Quantity {
  const Unit& unit;
  int larges, smalls;
  int total() const { return larges * unit.factor + smalls; }
  std::string in_both() const {
    return amount(larges, unit.large, unit.larges) + " and " +
           amount(smalls, unit.small, unit.smalls);
  }
};

std::string fact(const Quantity& quantity) {
  return "1 " + std::string(quantity.unit.large) + " is " + text(quantity.unit.factor) + " " +
         std::string(quantity.unit.smalls) + ".\n";
}

/// "445=60*7+25"
std::string split_text(const Quantity& quantity) {
  return text(quantity.total()) + "=" + text(quantity.unit.factor) + "*" + text(quantity.larges) +
         "+" + text(quantity.smalls);
}

std::string short_form(Random& random, const std::string& asked) {
  return phrase(random, {"And {0}?", "What about {0}?", "Now {0}.", "The same for {0}."}, {asked});
}

void ask_for_smalls(Random& random, const Quantity& quantity, Instance& instance) {
  const int product = quantity.larges * quantity.unit.factor;
  const bool round = quantity.unit.factor % 10 == 0 && quantity.unit.factor != 60;
  instance.answer = amount(quantity.total(), quantity.unit.small, quantity.unit.smalls);
  instance.chain =
      fact(quantity) +
      (round ? text(quantity.larges) + "*" + text(quantity.unit.factor) + "=" + text(product)
             : multiplication_steps(quantity.larges, quantity.unit.factor)) +
      ".\n" + addition_steps(product, quantity.smalls) + ".\nSo " + instance.answer +
      ".\nCheck: " + split_text(quantity) + ".";
  instance.question = phrase(
      random,
      {"How many {1} are {0}?", "Convert {0} to {1}.", "Write {0} in {1} only.",
       "What is {0} in {1}?", "How much is {0} in {1}?", "{0} in {1}?", "Express {0} in {1}."},
      {quantity.in_both(), std::string(quantity.unit.smalls)});
  instance.follow_up = short_form(random, quantity.in_both());
}

void ask_for_both(Random& random, const Quantity& quantity, Instance& instance) {
  const int factor = quantity.unit.factor, product = quantity.larges * factor;
  const bool round = factor % 10 == 0 && factor != 60;
  instance.chain = fact(quantity) +
                   (round ? split_text(quantity) : division_steps(quantity.total(), factor)) +
                   ".\nSo " + quantity.in_both() + ".\nCheck: " +
                   (round ? text(quantity.larges) + "*" + text(factor) + "=" + text(product)
                          : multiplication_steps(quantity.larges, factor)) +
                   ". " + addition_steps(product, quantity.smalls) + ".";
  instance.answer = quantity.in_both();
  instance.question =
      phrase(random,
             {"How many whole {1} and how many {2} more are {0}?",
              "Write {0} as {1} and {2}, with as many whole {1} as possible.",
              "Convert {0} to {1} and {2}, as many whole {1} as possible.",
              "Convert {0} to {1} and {2}.", "How many {1} and {2} are {0}?"},
             {amount(quantity.total(), quantity.unit.small, quantity.unit.smalls),
              std::string(quantity.unit.larges), std::string(quantity.unit.smalls)});
  instance.follow_up =
      short_form(random, amount(quantity.total(), quantity.unit.small, quantity.unit.smalls));
}

Instance generate(Random& random, int difficulty) {
  const Unit& unit = one_of(random, kUnits);
  const Quantity quantity{unit,
                          between(random, 2, kMostLarge[static_cast<std::size_t>(difficulty - 1)]),
                          between(random, 1, unit.factor - 1)};
  const bool back = random.below(2) == 0;
  Instance instance;
  if (back) {
    ask_for_both(random, quantity, instance);
  } else {
    ask_for_smalls(random, quantity, instance);
  }
  instance.unsaid = std::string(back ? "split " : "join ") + std::string(unit.large) + " " +
                    std::string(unit.small);
  instance.content = instance.unsaid + " " + text(quantity.total());
  return instance;
}

struct Read {
  std::vector<int> numbers;
  std::vector<std::string> units;
};

/// One letter or two for what units are called, so that spellings and abbreviations agree.
std::string unit_of(const std::string& word) {
  struct Name {
    std::string_view canonical;
    std::array<std::string_view, 6> spellings;
  };
  static constexpr std::array<Name, 18> kNames = {
      {{"hour", {"hour", "hours", "h", "hr", "hrs"}},
       {"minute", {"minute", "minutes", "min", "mins"}},
       {"second", {"second", "seconds", "s", "sec", "secs"}},
       {"week", {"week", "weeks", "wk"}},
       {"day", {"day", "days", "d"}},
       {"metre", {"metre", "metres", "meter", "meters", "m"}},
       {"centimetre", {"centimetre", "centimetres", "centimeter", "centimeters", "cm"}},
       {"millimetre", {"millimetre", "millimetres", "millimeter", "millimeters", "mm"}},
       {"kilometre", {"kilometre", "kilometres", "kilometer", "kilometers", "km"}},
       {"kilogram", {"kilogram", "kilograms", "kg", "kilo", "kilos"}},
       {"gram", {"gram", "grams", "g"}},
       {"litre", {"litre", "litres", "liter", "liters", "l"}},
       {"millilitre", {"millilitre", "millilitres", "milliliter", "milliliters", "ml"}},
       {"foot", {"foot", "feet", "ft"}},
       {"inch", {"inch", "inches", "in"}},
       {"yard", {"yard", "yards", "yd"}},
       {"pound", {"pound", "pounds", "lb", "lbs"}},
       {"ounce", {"ounce", "ounces", "oz"}}}};
  for (const Name& name : kNames) {
    for (const std::string_view spelling : name.spellings) {
      if (!spelling.empty() && spelling == word) return std::string(name.canonical);
    }
  }
  if (word == "gallons" || word == "gal") return "gallon";
  if (word == "pints" || word == "pt") return "pint";
  return word;
}

/// Numbers with their units: "7 hours and 25 minutes", "7h 25min", "445", "1,445 grams".
bool read(std::string_view text, Read& result) {
  std::string spaced;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto is_digit = [&](std::size_t at) {
      return at < text.size() && text[at] >= '0' && text[at] <= '9';
    };
    const bool groups = text[i] == ',' && i > 0 && is_digit(i - 1) && is_digit(i + 1) &&
                        is_digit(i + 2) && is_digit(i + 3) && !is_digit(i + 4);
    if (groups) continue;
    if (text[i] == '.' || text[i] == '-' || text[i] == '/') return false;
    const bool letter_after_digit = i > 0 && is_digit(i - 1) && !is_digit(i);
    if (letter_after_digit) spaced += ' ';
    spaced += text[i];
  }
  for (const std::string& word : words_of(spaced)) {
    if (word == "and") continue;
    if (word.find_first_not_of("0123456789") == std::string::npos) {
      if (word.size() > 9) return false;
      result.numbers.push_back(std::stoi(word));
    } else if (result.numbers.empty() || result.units.size() + 1 != result.numbers.size()) {
      return false;
    } else {
      result.units.push_back(unit_of(word));
    }
  }
  return !result.numbers.empty();
}

bool accepts(const std::string& answer, std::string_view response) {
  Read right, given;
  if (!read(answer, right) || !read(final_words(response), given)) return false;
  return right.numbers == given.numbers && (given.units.empty() || given.units == right.units);
}

}  // namespace

Task units() {
  Task task;
  task.name = "units";
  task.about = "quantities in two units told in the smaller one, and back";
  task.generate = generate;
  task.accepts = accepts;
  task.train_share = kTrainShareOfSmallSpace;
  return task;
}

}  // namespace r1::tasks
