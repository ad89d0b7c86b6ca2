// Short stories with numbers: what is asked takes two or three operations.
#include <array>

#include "tasks/answers.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"
#include "tasks/steps.h"
#include "tasks/words.h"

namespace r1::tasks {
namespace {

struct Level {
  int few, many;  // the largest of factors and of other numbers
};
constexpr std::array<Level, kHardest> kLevels = {{{5, 20}, {9, 50}, {25, 99}, {60, 500}}};

std::string text(int number) {
  return std::to_string(number);
}

/// A story being written.
struct Story {
  Random& random;
  const Level& level;
  std::string name, other, thing;

  int few() { return between(random, 2, level.few); }
  int many() { return between(random, 10, level.many); }
  /// `again` asks for the same with other numbers, whichever of the sentences came before.
  Instance told(std::initializer_list<std::string_view> sentences, std::string_view again,
                const std::vector<int>& numbers, const std::string& chain, int answer,
                const std::string& check) {
    std::vector<std::string> parts = {name, other, thing};
    for (const int number : numbers) parts.push_back(text(number));
    Instance instance;
    instance.question = phrase(random, sentences, parts);
    instance.follow_up =
        phrase(random, {"And with {0}?", "What if there were {0}?", "Now with {0}."},
               {phrase(random, {again}, parts)});
    instance.answer = text(answer);
    instance.chain = chain + "Check: " + check;
    instance.content = listed(numbers, " ");
    return instance;
  }
};

// The way back, as a check: from what is left to the whole, and from the whole to what it grew of.
std::string sum_check(int rest, int part, int total) {
  return text(rest) + "+" + text(part) + "=" + text(total) + ".";
}
std::string difference_check(int total, int part, int rest) {
  return text(total) + "-" + text(part) + "=" + text(rest) + ".";
}

Instance boxes_given_away(Story& story) {
  const int boxes = story.few(), each = story.few() + 4, all = boxes * each;
  const int given = between(story.random, 2, all - 2);
  return story.told({"{0} buys {3} boxes with {4} {2} each and gives {5} {2} to {1}. How many {2} "
                     "does {0} have left?",
                     "{0} has {3} bags. In each bag there are {4} {2}. {1} gets {5} of the {2}. "
                     "How many {2} stay with {0}?"},
                    "{3} of them with {4} in each, and {5} given away", {boxes, each, given},
                    "All of them: " + multiplication_steps(each, boxes) +
                        ".\nWhat is given away is taken off: " + subtraction_steps(all, given) +
                        ".\n",
                    all - given, sum_check(all - given, given, all));
}

Instance two_kinds(Story& story) {
  const int a = story.few(), price_a = story.few(), b = story.few(), price_b = story.few();
  const int x = a * price_a, y = b * price_b;
  return story.told({"{0} buys {3} books for {4} dollars each and {5} pens for {6} dollars each. "
                     "How many dollars does {0} pay in all?",
                     "One ticket costs {4} dollars and one drink costs {6} dollars. {0} pays for "
                     "{3} tickets and {5} drinks. How many dollars is that?"},
                    "{3} of the first for {4} dollars each and {5} of the second for {6}",
                    {a, price_a, b, price_b},
                    "The first: " + multiplication_steps(price_a, a) +
                        ".\nThe second: " + multiplication_steps(price_b, b) +
                        ".\nTogether: " + addition_steps(x, y) + ".\n",
                    x + y, difference_check(x + y, y, x));
}

Instance more_than_other(Story& story) {
  const int first = story.many(), more = story.many(), second = first + more, third = story.many();
  return story.told({"{0} has {3} {2}. {1} has {4} more {2} than {0}. Then {1} finds {5} more. How "
                     "many {2} do both have together?",
                     "{0} collects {3} {2}. {1} collects {4} {2} more than {0}, and later another "
                     "{5}. How many {2} do they have together?"},
                    "{3} for the one, {4} more for the other, and {5} later", {first, more, third},
                    "The one with more: " + addition_steps(first, more) +
                        ". Later: " + addition_steps(second, third) +
                        ".\nBoth: " + addition_steps(second + third, first) + ".\n",
                    second + third + first,
                    difference_check(second + third + first, first, second + third));
}

Instance shared_out(Story& story) {
  const int friends = between(story.random, 2, 9), each = story.many() + 5;
  const int own = between(story.random, 2, 2 * each - 2), bought = friends * each - own;
  return story.told({"{0} has {3} {2} and gets {4} more. All of them are shared equally among {5} "
                     "children. How many {2} does each child get?",
                     "There are {3} {2} in one box and {4} in another. {5} friends share them all "
                     "equally. How many {2} does each friend get?"},
                    "{3} and {4} to share among {5}", {own, bought, friends},
                    "First together: " + addition_steps(own, bought) +
                        ".\nThen shared: " + division_steps(own + bought, friends) + ".\n",
                    each, text(each) + "*" + text(friends) + "=" + text(own + bought) + ".");
}

Instance speed_and_rest(Story& story) {
  const int hours = between(story.random, 2, 9), speed = story.many(), extra = story.many();
  const int ridden = hours * speed;
  return story.told({"A train travels {3} hours at {4} kilometres an hour and then {5} kilometres "
                     "more. How many kilometres does it travel in all?",
                     "{0} drives for {3} hours at a speed of {4} kilometres per hour, and after a "
                     "break another {5} kilometres. How long is the whole way in kilometres?"},
                    "{3} hours at {4} kilometres an hour and {5} kilometres more",
                    {hours, speed, extra},
                    "The way is speed times hours: " + multiplication_steps(speed, hours) +
                        ".\nThe rest is added: " + addition_steps(ridden, extra) + ".\n",
                    ridden + extra, difference_check(ridden + extra, extra, ridden));
}

Instance saving(Story& story) {
  const int weeks = story.few(), each = story.few(), start = story.many();
  const int saved = weeks * each, all = start + saved, spent = between(story.random, 2, all - 2);
  return story.told({"{0} has {3} dollars and saves {4} dollars a week for {5} weeks. Then {0} "
                     "spends {6} dollars. How many dollars are left?",
                     "In a money box are {3} dollars. {0} puts in {4} dollars every week. After "
                     "{5} weeks {0} takes out {6} dollars. How many dollars remain?"},
                    "{3} dollars at first, {4} a week for {5} weeks, and {6} taken out",
                    {start, each, weeks, spent},
                    "Saved: " + multiplication_steps(each, weeks) +
                        ".\nWith the start: " + addition_steps(start, saved) +
                        ".\nAfter spending: " + subtraction_steps(all, spent) + ".\n",
                    all - spent, sum_check(all - spent, spent, all));
}

Instance times_as_many(Story& story) {
  const int times = between(story.random, 2, 5), first = story.many(), more = story.many();
  const int second = times * first;
  return story.told({"{0} has {3} {2}. {1} has {4} times as many and gets {5} more. How many {2} "
                     "does {1} have now?",
                     "{1} has {4} times as many {2} as {0}, who has {3}. Then {1} finds another "
                     "{5}. How many {2} does {1} have then?"},
                    "{3} for the one, {4} times as many for the other, and {5} more",
                    {first, times, more},
                    "First " + multiplication_steps(first, times) + ".\nThen " +
                        addition_steps(second, more) + ".\n",
                    second + more, difference_check(second + more, more, second));
}

Instance rows_of_seats(Story& story) {
  const int rows = story.few() + 3, seats = story.few() + 3, all = rows * seats;
  const int taken = between(story.random, 2, all - 2);
  return story.told(
      {"A hall has {3} rows of {4} seats. {5} seats are taken. How many seats are free?",
       "In a cinema there are {3} rows with {4} seats each, and {5} people sit there. How many "
       "seats are empty?"},
      "{3} rows of {4} seats and {5} seats taken", {rows, seats, taken},
      "All seats: " + multiplication_steps(seats, rows) +
          ".\nFree ones: " + subtraction_steps(all, taken) + ".\n",
      all - taken, sum_check(all - taken, taken, all));
}

Instance generate(Random& random, int difficulty) {
  static constexpr std::array<Instance (*)(Story&), 8> kStories = {
      boxes_given_away, two_kinds, more_than_other, shared_out,
      speed_and_rest,   saving,    times_as_many,   rows_of_seats};
  static const std::vector<std::string> things = {"apples",  "marbles", "stickers", "cards",
                                                  "pencils", "stamps",  "cookies",  "shells"};
  const auto kind = random.below(kStories.size());
  const std::string name = one_of(random, given_names());
  std::string other = name;
  while (other == name) other = one_of(random, given_names());
  Story story{random, kLevels[static_cast<std::size_t>(difficulty - 1)], name, other,
              one_of(random, things)};
  Instance instance = kStories[kind](story);
  instance.unsaid = text(static_cast<int>(kind));
  instance.content = instance.unsaid + ": " + instance.content;
  return instance;
}

}  // namespace

Task word_problems() {
  Task task;
  task.name = "word-problems";
  task.about = "short stories whose question takes two or three operations";
  task.generate = generate;
  task.accepts = same_value;
  return task;
}

}  // namespace r1::tasks
