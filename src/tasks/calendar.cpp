#include "tasks/calendar.h"

#include <algorithm>
#include <array>

#include "base/characters.h"
#include "tasks/answers.h"

namespace r1::tasks {
namespace {

const std::array<std::string, 12> kMonths = {"January",   "February", "March",    "April",
                                             "May",       "June",     "July",     "August",
                                             "September", "October",  "November", "December"};
const std::array<std::string, 7> kWeekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                              "Thursday", "Friday", "Saturday"};

/// 1 to 12 for a month's name or its first three or four letters, else 0.
int month_of(const std::string& word) {
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    const std::string name = lower_case(kMonths[i]);
    const bool shortened = word.size() == 3 || (word.size() == 4 && word == "sept");
    if (word == name || (shortened && name.starts_with(word))) return static_cast<int>(i) + 1;
  }
  return 0;
}

bool is_filler(const std::string& word) {
  const bool weekday =
      std::any_of(kWeekdays.begin(), kWeekdays.end(),
                  [&](const std::string& name) { return lower_case(name) == word; });
  return weekday || word == "the" || word == "of" || word == "on";
}

/// "17" and "17th"; -1 for other words.
int number_of(std::string word) {
  for (const std::string_view ending : {"st", "nd", "rd", "th"}) {
    if (word.size() > 2 && word.ends_with(ending)) word.resize(word.size() - 2);
  }
  const bool digits = !word.empty() && word.size() <= 4 &&
                      word.find_first_not_of("0123456789") == std::string::npos;
  return digits ? std::stoi(word) : -1;
}

}  // namespace

bool is_leap_year(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

std::string leap_year_steps(int year) {
  const int number = year % 100 == 0 ? year / 100 : year % 100;
  return std::to_string(number) + "=4*" + std::to_string(number / 4) + "+" +
         std::to_string(number % 4);
}

int days_in_month(int year, int month) {
  static constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap_year(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

std::string month_name(int month) {
  return kMonths[static_cast<std::size_t>(month - 1)];
}

int weekday_of(const Date& date) {
  static constexpr std::array<int, 12> kShifts = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
  const int year = date.month < 3 ? date.year - 1 : date.year;
  return (year + year / 4 - year / 100 + year / 400 +
          kShifts[static_cast<std::size_t>(date.month - 1)] + date.day) %
         7;
}

std::string weekday_name(int weekday) {
  return kWeekdays[static_cast<std::size_t>(weekday)];
}

std::string date_text(const Date& date) {
  return std::to_string(date.day) + " " + month_name(date.month) + " " + std::to_string(date.year);
}

std::optional<Date> read_date(std::string_view text) {
  Date date{0, 0, 0};
  std::vector<int> numbers;
  for (const std::string& written : words_of(text)) {
    const std::string word = lower_case(written);
    if (is_filler(word)) continue;
    if (const int month = month_of(word); month > 0 && date.month == 0) {
      date.month = month;
      continue;
    }
    numbers.push_back(number_of(word));
    if (numbers.back() < 0) return std::nullopt;
  }
  if (date.month > 0 && numbers.size() == 2) {
    date.day = numbers[0];
    date.year = numbers[1];
  } else if (date.month == 0 && numbers.size() == 3 && numbers[0] > 99) {
    date = {numbers[0], numbers[1], numbers[2]};
  } else {
    return std::nullopt;
  }
  const bool exists = date.year > 0 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
                      date.day <= days_in_month(date.year, date.month);
  return exists ? std::optional(date) : std::nullopt;
}

}  // namespace r1::tasks
