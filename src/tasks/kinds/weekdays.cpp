// The weekday of a date, by codes for century and month.
#include <algorithm>
#include <array>

#include "tasks/answers.h"
#include "tasks/calendar.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"
#include "tasks/steps.h"

namespace r1::tasks {
namespace {

struct Level {
  int first_year, last_year;
};
constexpr std::array<Level, kHardest> kLevels = {
    {{2020, 2029}, {2000, 2099}, {1800, 2199}, {1800, 2999}}};

std::string text(int number) {
  return std::to_string(number);
}

/// What the century adds: 2, 0, 6, 4 for the 1800s, 1900s, 2000s, 2100s, and again.
int century_code(int year) {
  return 6 - year / 100 % 4 * 2;
}

int month_code(int month) {
  static constexpr std::array<int, 12> kCodes = {0, 3, 3, 6, 1, 4, 6, 2, 5, 0, 3, 5};
  return kCodes[static_cast<std::size_t>(month - 1)];
}

std::string solve(const Date& date) {
  const int year = date.year % 100, quarter = year / 4;
  const int century = century_code(date.year), month = month_code(date.month);
  std::string chain = "The weekday comes from year, month, century and day.\nYear " + text(year) +
                      ": " + text(year) + "=4*" + text(quarter) + "+" + text(year % 4) + ", " +
                      addition_steps(year, quarter) + ".\n" + month_name(date.month) +
                      " has the code " + text(month) + ": " +
                      addition_steps(year + quarter, month) + ".\nThe " + text(date.year / 100) +
                      "00s have the code " + text(century) + ": ";
  int sum = year + quarter + month;
  const auto add = [&](int number) {
    chain += addition_steps(sum, number) + ".\n";
    sum += number;
  };
  add(century);
  chain += "The day is " + text(date.day) + ": ";
  add(date.day);
  const bool early = date.month <= 2;
  if (early) {
    const bool leap = is_leap_year(date.year);
    chain += "It is before March, and " + leap_year_steps(date.year) +
             (leap ? ", so in a leap year: " + text(sum) + "-1=" + text(sum - 1)
                   : ", so in no leap year, nothing is taken off") +
             ".\n";
    sum -= leap ? 1 : 0;
  }
  const int weekday = sum % 7;
  chain += division_steps(sum, 7) + ". Counting from Sunday as 0, " + text(weekday) + " is " +
           weekday_name(weekday) + ".\nCheck: 7*" + text(sum / 7) + "=" + text(sum / 7 * 7) + ", " +
           text(sum / 7 * 7) + "+" + text(weekday) + "=" + text(sum) + ".";
  return chain;
}

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  Date date{between(random, level.first_year, level.last_year), between(random, 1, 12), 0};
  date.day = between(random, 1, days_in_month(date.year, date.month));
  Instance instance;
  instance.answer = weekday_name(weekday_of(date));
  instance.chain = solve(date);
  instance.content = date_text(date);
  instance.question =
      phrase(random,
             {"Which day of the week is {0}?", "What weekday is {0}?",
              "On which day of the week does {0} fall?", "Find the weekday of {0}.",
              "What day of the week is {0}?", "What day was {0}?", "Which weekday is {0}?"},
             {date_text(date)});
  instance.follow_up = phrase(
      random, {"And {0}?", "And for {0}?", "What about {0}?", "Now {0}.", "And what about {0}?"},
      {date_text(date)});
  return instance;
}

/// The one weekday named in the answer, in full or by its first three letters; -1 for none or more.
int weekday_in(const std::string& answer) {
  int found = -1;
  for (const std::string& word : words_of(answer)) {
    for (int weekday = 0; weekday < 7; ++weekday) {
      std::string name = weekday_name(weekday);
      name[0] = static_cast<char>(name[0] + ('a' - 'A'));
      if (word != name && word != name.substr(0, 3)) continue;
      if (found >= 0) return -1;
      found = weekday;
    }
  }
  return found;
}

bool accepts(const std::string& answer, std::string_view response) {
  std::string right = answer;
  right[0] = static_cast<char>(right[0] | 0x20);
  const std::string given = final_words(response);
  return given.find("not") == std::string::npos && words_of(given).size() <= 8 &&
         weekday_in(given) >= 0 && weekday_in(given) == weekday_in(right);
}

}  // namespace

Task weekdays() {
  Task task;
  task.name = "weekdays";
  task.about = "the weekday of a date from 1800 to 2199";
  task.generate = generate;
  task.accepts = accepts;
  task.train_share = kTrainShareOfSmallSpace;
  return task;
}

}  // namespace r1::tasks
