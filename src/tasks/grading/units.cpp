#include "tasks/grading/units.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <unordered_map>
#include <utility>

namespace r1::grading {
namespace {

struct Unit {
  const char* name;
  const char* dimensions;  // of what it is a size, as "length 1 time -1"; empty: it only counts
  const char* size;        // in meters, kilograms, seconds, dollars ..., a fraction's text
  const char* spellings;
};

constexpr std::array kUnits = {
    Unit{"m", "length 1", "1", "m meter metre meters metres"},
    Unit{"cm", "length 1", "1/100", "cm cms centimeter centimetre centimeters centimetres"},
    Unit{"mm", "length 1", "1/1000", "mm millimeter millimetre millimeters millimetres"},
    Unit{"km", "length 1", "1000", "km kms kilometer kilometre kilometers kilometres"},
    Unit{"nm", "length 1", "1/1000000000", "nm nanometer nanometers nanometre nanometres"},
    Unit{"in", "length 1", "127/5000", "inch inches in"},
    Unit{"ft", "length 1", "381/1250", "ft foot feet"},
    Unit{"yd", "length 1", "1143/1250", "yd yds yard yards"},
    Unit{"mi", "length 1", "201168/125", "mi mile miles"},
    Unit{"g", "mass 1", "1/1000", "g gram grams"},
    Unit{"kg", "mass 1", "1", "kg kgs kilogram kilograms"},
    Unit{"mg", "mass 1", "1/1000000", "mg milligram milligrams"},
    Unit{"t", "mass 1", "1000", "ton tons tonne tonnes"},
    Unit{"lb", "mass 1", "45359237/100000000", "lb lbs pound pounds"},
    Unit{"oz", "mass 1", "45359237/1600000000", "oz ounce ounces"},
    Unit{"s", "time 1", "1", "s sec secs second seconds"},
    Unit{"ms", "time 1", "1/1000", "ms millisecond milliseconds"},
    Unit{"min", "time 1", "60", "min mins minute minutes"},
    Unit{"h", "time 1", "3600", "h hr hrs hour hours"},
    Unit{"day", "time 1", "86400", "day days"},
    Unit{"week", "time 1", "604800", "week weeks"},
    Unit{"month", "month 1", "1", "month months"},
    Unit{"year", "month 1", "12", "year years yr yrs"},
    Unit{"l", "length 3", "1/1000", "l L liter litre liters litres"},
    Unit{"ml", "length 3", "1/1000000", "ml mL milliliter millilitre milliliters millilitres"},
    Unit{"gallon", "length 3", "473176473/125000000000", "gallon gallons gal"},
    Unit{"quart", "length 3", "473176473/500000000000", "quart quarts qt"},
    Unit{"pint", "length 3", "473176473/1000000000000", "pint pints"},
    Unit{"cup", "length 3", "473176473/2000000000000", "cup cups"},
    Unit{"ha", "length 2", "10000", "ha hectare hectares"},
    Unit{"cent", "money 1", "1/100", "cent cents ¢"},
    Unit{"dollar", "money 1", "1", "dollar dollars usd"},
    Unit{"euro", "euro 1", "1", "euro euros"},
    Unit{"yuan", "yuan 1", "1", "yuan rmb 元"},
    Unit{"degree", "angle 1", "1", "degree degrees deg"},
    Unit{"rad", "radian 1", "1", "rad radian radians"},
    Unit{"percent", "percent 1", "1", "percent"},
    Unit{"mph", "length 1 time -1", "1397/3125", "mph"},
    Unit{"kph", "length 1 time -1", "5/18", "kph kmh"},
    Unit{"j", "mass 1 length 2 time -2", "1", "J joule joules"},
    Unit{"kj", "mass 1 length 2 time -2", "1000", "kJ kj kilojoule kilojoules"},
    Unit{"n", "mass 1 length 1 time -2", "1", "N newton newtons"},
    Unit{"kn", "mass 1 length 1 time -2", "1000", "kN kilonewton kilonewtons"},
    Unit{"w", "mass 1 length 2 time -3", "1", "W watt watts"},
    Unit{"kw", "mass 1 length 2 time -3", "1000", "kW kw kilowatt kilowatts"},
    Unit{"pa", "mass 1 length -1 time -2", "1", "Pa pa pascal pascals"},
    Unit{"kpa", "mass 1 length -1 time -2", "1000", "kPa kpa kilopascal kilopascals"},
    Unit{"v", "voltage 1", "1", "V volt volts"},
    Unit{"hz", "time -1", "1", "Hz hz hertz"},
    Unit{"khz", "time -1", "1000", "kHz khz kilohertz"},
    Unit{"tesla", "field 1", "1", "T tesla teslas"},
    Unit{"coulomb", "charge 1", "1", "C coulomb coulombs"},
    Unit{"ampere", "charge 1 time -1", "1", "A ampere amperes amps"},
    Unit{"ohm", "resistance 1", "1", "ohm ohms"},
    Unit{"ev", "electronvolt 1", "1", "eV ev electronvolts"},
    Unit{"k", "temperature 1", "1", "K kelvin"},
    Unit{"mol", "amount 1", "1", "mol mols mole moles"},
    Unit{"", "", "1", "unit units way ways time times people person persons student students"},
    Unit{"", "", "1", "th st nd rd integers integer numbers number values solutions solution"},
};

const std::unordered_map<std::string_view, const Unit*>& units_by_spelling() {
  static const auto kMap = [] {
    std::unordered_map<std::string_view, const Unit*> map;
    for (const Unit& unit : kUnits) {
      std::string_view rest = unit.spellings;
      while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        map.emplace(rest.substr(0, end), &unit);
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    }
    return map;
  }();
  return kMap;
}

/// "m/s^{2}" as "m / s^2", "J/(kg K)" as "J / kg / K": words, strokes and powers without LaTeX's
/// spaces and groups.
std::string spread(std::string_view unit) {
  std::string text;
  bool divides = false;  // in brackets behind a stroke
  const auto separate = [&] { text += divides && !text.ends_with("/ ") ? " / " : " "; };
  for (std::size_t i = 0; i < unit.size(); ++i) {
    const char c = unit[i];
    if (unit.substr(i).starts_with("\\cdot")) {
      separate();
      i += 4;
    } else if (c == '\\' && i + 1 < unit.size()) {
      separate();
      ++i;
    } else if (c == '*' || c == '~' || c == ' ') {
      separate();
    } else if (c == '/') {
      text += " / ";
      divides = i + 1 < unit.size() && unit[i + 1] == '(';
    } else if (c == ')') {
      divides = false;
    } else if (c != '{' && c != '}' && c != '(') {
      text += c;
    }
  }
  return text;
}

/// "^-2" as -2; nothing for what is no small number.
std::optional<int> power_of(std::string_view text) {
  if (text.empty()) return 1;
  text.remove_prefix(1);
  const bool minus = text.starts_with('-');
  if (minus) text.remove_prefix(1);
  if (text.size() != 1 || text[0] < '1' || text[0] > '9') return std::nullopt;
  return (text[0] - '0') * (minus ? -1 : 1);
}

struct ScaledUnit {
  const Unit* unit;
  const char* factor;
};

/// A unit by its spelling, or by that of its symbol behind a prefix: "mJ".
std::optional<ScaledUnit> scaled_unit(std::string_view word) {
  constexpr std::array<std::pair<char, const char*>, 6> kPrefixes = {{{'m', "1/1000"},
                                                                      {'k', "1000"},
                                                                      {'M', "1000000"},
                                                                      {'G', "1000000000"},
                                                                      {'n', "1/1000000000"},
                                                                      {'p', "1/1000000000000"}}};
  constexpr std::array<std::string_view, 13> kSymbols = {"J",  "W",  "V",  "A", "T", "C", "N",
                                                         "Pa", "Hz", "eV", "m", "s", "g"};
  const auto& units = units_by_spelling();
  if (const auto found = units.find(word); found != units.end()) return {{found->second, "1"}};
  if (word.size() < 2) return std::nullopt;
  const auto* prefix = std::find_if(kPrefixes.begin(), kPrefixes.end(),
                                    [&](const auto& one) { return one.first == word[0]; });
  const std::string_view symbol = word.substr(1);
  const bool known = prefix != kPrefixes.end() &&
                     std::find(kSymbols.begin(), kSymbols.end(), symbol) != kSymbols.end();
  if (!known) return std::nullopt;
  return {{units.at(symbol), prefix->second}};
}

class MeasureReader {
 public:
  bool add(const std::string& word) {
    if (word == "/" || word == "per") {
      if (divides_) return false;
      divides_ = true;
      return true;
    }
    if (word == "square" || word == "sq" || word == "cubic") {
      next_power_ = word == "cubic" ? 3 : 2;
      return true;
    }
    if (word == "squared" || word == "cubed") return raise_last(word == "cubed" ? 3 : 2);
    const std::size_t caret = std::min(word.find('^'), word.size());
    const auto scaled = scaled_unit(std::string_view(word).substr(0, caret));
    const auto power = power_of(std::string_view(word).substr(caret));
    if (!scaled || *scaled->unit->dimensions == '\0' || !power) return false;
    last_ = scaled->unit;
    factor_ = scaled->factor;
    last_power_ =
        *power * std::exchange(next_power_, 1) * (std::exchange(divides_, false) ? -1 : 1);
    multiply(last_power_);
    return true;
  }

  std::optional<Measure> measure() {
    if (last_ == nullptr || divides_ || next_power_ != 1) return std::nullopt;
    std::erase_if(dimensions_, [](const auto& one) { return one.second == 0; });
    return Measure{std::move(dimensions_), product(std::move(sizes_))};
  }

 private:
  bool raise_last(int power) {
    if (last_ == nullptr) return false;
    multiply(last_power_ * (power - 1));
    return true;
  }
  void multiply(int power) {
    std::istringstream stream(last_->dimensions);
    std::string name;
    for (int each = 0; stream >> name >> each;) dimensions_[name] += each * power;
    const Expr size = product({number(last_->size), number(factor_)});
    sizes_.push_back(r1::grading::power(size, number(std::to_string(power))));
  }

  std::map<std::string, int> dimensions_;
  std::vector<Expr> sizes_;
  const Unit* last_ = nullptr;
  const char* factor_ = "1";
  int last_power_ = 1, next_power_ = 1;
  bool divides_ = false;
};

}  // namespace

bool is_unit(std::string_view word) {
  // Letters that are as likely a product of variables.
  constexpr std::array<std::string_view, 10> kProducts = {"eV", "ev", "nm", "ms", "ha",
                                                          "pa", "kn", "kw", "kj", "in"};
  return units_by_spelling().contains(word) &&
         std::find(kProducts.begin(), kProducts.end(), word) == kProducts.end();
}

std::string canonical_unit(std::string_view words) {
  if (words == "per cent") return "percent";
  std::istringstream stream{std::string(words)};
  std::string canonical, exponent;
  for (std::string word; stream >> word;) {
    if (word == "a.m" || word == "p.m") word.erase(1, 1);
    if (word == "square" || word == "sq" || word == "squared") {
      exponent = "^2";
    } else if (word == "cubic" || word == "cubed") {
      exponent = "^3";
    } else if (word != "of" && word != "the" && word != "old" && word != "per" && word != "/") {
      const std::size_t caret = word.find('^');
      const std::string power = caret == std::string::npos ? "" : word.substr(caret);
      const auto unit = units_by_spelling().find(std::string_view(word).substr(0, caret));
      const std::string name =
          unit == units_by_spelling().end() ? word.substr(0, caret) : unit->second->name;
      if (name.empty()) continue;
      if (!canonical.empty()) canonical += " ";
      canonical.append(name).append(power);
    } else if (word == "per" || word == "/") {
      canonical += " /";
    }
  }
  return canonical.empty() ? "" : canonical + exponent;
}

std::optional<Measure> measure_of(std::string_view unit) {
  constexpr std::size_t kLongest = 100;
  if (unit.size() > kLongest) return std::nullopt;
  std::istringstream words(spread(unit));
  MeasureReader reader;
  for (std::string word; words >> word;) {
    if (!reader.add(word)) return std::nullopt;
  }
  return reader.measure();
}

}  // namespace r1::grading
