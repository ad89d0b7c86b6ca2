// The date some days after another.
#include <array>

#include "base/error.h"
#include "tasks/answers.h"
#include "tasks/calendar.h"
#include "tasks/kinds/kinds.h"
#include "tasks/phrasing.h"
#include "tasks/steps.h"

namespace r1::tasks {
namespace {

struct Level {
  int fewest, most;
};
constexpr std::array<Level, kHardest> kLevels = {{{1, 40}, {20, 200}, {100, 999}, {1000, 3000}}};

std::string text(int number) {
  return std::to_string(number);
}

/// "March has 31", "February 2037: 37=4*9+1, so it has 28".
std::string month_length(int year, int month) {
  const std::string length = text(days_in_month(year, month));
  if (month != 2) return month_name(month) + " has " + length;
  return "February " + text(year) + ": " + leap_year_steps(year) + ", so it has " + length;
}

/// "1979+1=1980"
std::string next_year(int year) {
  return text(year) + "+1=" + text(year + 1);
}

/// Takes the years that are over from the days since the beginning of a month.
std::string take_years(int& year, int month, int& left) {
  std::string chain;
  for (;;) {
    chain += text(left) + " against 365: " + compared_digits(left, 365);
    if (left <= 365) return chain + ", no year is over.\n";
    const int leap = month <= 2 ? year : year + 1;  // whose February lies in the year ahead
    const int length = is_leap_year(leap) ? 366 : 365;
    chain += ", " + month_length(leap, 2) + ", the year " + text(length);
    if (left == length) return chain + ", it is not over.\n";
    chain += ". " + subtraction_steps(left, length) + ": " + month_name(month) + " " +
             next_year(year) + ".\n";
    left -= length;
    ++year;
  }
}

/// 30 and 31 are taken at once unless the last digits need more.
std::string month_taken(int left, int length) {
  if (length < 30 || left % 10 < length % 10) return subtraction_steps(left, length);
  return text(left) + "-" + text(length) + "=" + text(left - length);
}

/// Counts the days from the month's beginning and takes away whole years, then whole months.
std::string solve(const Date& start, int days, Date& end) {
  int left = start.day + days, year = start.year, month = start.month;
  std::string chain =
      "I count from the beginning of the month, and take whole years away, then months.\n" +
      addition_steps(days, start.day) + ". That is day " + text(left) + " from " +
      month_name(month) + " " + text(year) + " on.\n";
  chain += take_years(year, month, left);
  for (;;) {
    const int length = days_in_month(year, month);
    if (left <= length) break;
    chain += month_length(year, month) + ": " + month_taken(left, length) + ".\n";
    left -= length;
    if (++month > 12) {
      month = 1;
      chain += "The next year is " + next_year(year++) + ".\n";
    }
  }
  end = {year, month, left};
  return chain + month_length(year, month) + ", so " + text(left) +
         " is a day of it. The date is " + date_text(end) + ".";
}

Instance generate(Random& random, int difficulty) {
  const Level& level = kLevels[static_cast<std::size_t>(difficulty - 1)];
  Date start{between(random, 1900, 2099), between(random, 1, 12), 0};
  start.day = between(random, 1, days_in_month(start.year, start.month));
  const int days = between(random, level.fewest, level.most);
  Date end{};
  Instance instance;
  instance.chain = solve(start, days, end);
  instance.answer = date_text(end);
  instance.content = date_text(start) + " + " + text(days);
  instance.question =
      phrase(random,
             {"Which date is {1} days after {0}?", "What is the date {1} days after {0}?",
              "It is {0}. What will be the date in {1} days?",
              "Start at {0} and go {1} days forward. Which date is that?",
              "What date is it {1} days after {0}?", "{0} plus {1} days is which date?"},
             {date_text(start), text(days)});
  instance.follow_up = phrase(random,
                              {"And {1} days after {0}?", "What about {1} days after {0}?",
                               "Now {1} days from {0}.", "And from {0} in {1} days?"},
                              {date_text(start), text(days)});
  return instance;
}

bool accepts(const std::string& answer, std::string_view response) {
  const auto right = read_date(answer), given = read_date(final_answer(response));
  if (!right) throw Error("answer " + answer, "it is no date", "as in 17 November 2023");
  return given && *given == *right;
}

}  // namespace

Task dates() {
  Task task;
  task.name = "dates";
  task.about = "the date 100 to 999 days after one of 1900 to 2099";
  task.generate = generate;
  task.accepts = accepts;
  return task;
}

}  // namespace r1::tasks
