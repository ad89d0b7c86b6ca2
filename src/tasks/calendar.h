// The Gregorian calendar.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace r1::tasks {

struct Date {
  int year, month, day;  // from 1
  bool operator==(const Date&) const = default;
};

bool is_leap_year(int year);
/// How a leap year is seen: "37=4*9+1" for 2037, none; of a year ending in 00 the century is
/// divided: "20=4*5+0" for 2000, one.
std::string leap_year_steps(int year);
int days_in_month(int year, int month);
std::string month_name(int month);
/// 0 is Sunday.
int weekday_of(const Date& date);
std::string weekday_name(int weekday);

/// "17 November 2023".
std::string date_text(const Date& date);
/// Reads "17 November 2023", "November 17th, 2023", "17 Nov 2023" and "2023-11-17", with a weekday
/// or "the" in front or not; nothing for other texts and days that don't exist.
std::optional<Date> read_date(std::string_view text);

}  // namespace r1::tasks
