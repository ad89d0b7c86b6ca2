#include "tasks/grading/vocabulary.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <sstream>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace r1::grading {
namespace {

using Words = std::unordered_set<std::string_view>;
using Synonyms = std::unordered_map<std::string_view, std::string_view>;

/// What is written for a character beyond ASCII.
const Synonyms& unicode_signs() {
  static const Synonyms kSigns = {{"−", "-"},
                                  {"–", "-"},
                                  {"‐", "-"},
                                  {"‑", "-"},
                                  {"﹣", "-"},
                                  {"－", "-"},
                                  {"＋", "+"},
                                  {"×", "*"},
                                  {"·", "*"},
                                  {"⋅", "*"},
                                  {"∙", "*"},
                                  {"•", "*"},
                                  {"∗", "*"},
                                  {"÷", "/"},
                                  {"∕", "/"},
                                  {"⁄", "/"},
                                  {"／", "/"},
                                  {"＝", "="},
                                  {"＜", "<"},
                                  {"＞", ">"},
                                  {"（", "("},
                                  {"）", ")"},
                                  {"［", "["},
                                  {"］", "]"},
                                  {"｛", "\\{"},
                                  {"｝", "\\}"},
                                  {"，", ", "},
                                  {"、", ", "},
                                  {"；", "; "},
                                  {"：", ":"},
                                  {"。", ". "},
                                  {"％", "%"},
                                  {"≤", "\\le "},
                                  {"≦", "\\le "},
                                  {"⩽", "\\le "},
                                  {"≥", "\\ge "},
                                  {"≧", "\\ge "},
                                  {"⩾", "\\ge "},
                                  {"≠", "\\ne "},
                                  {"≈", "\\approx "},
                                  {"∈", "\\in "},
                                  {"∪", "\\cup "},
                                  {"∩", "\\cap "},
                                  {"∞", "\\infty "},
                                  {"√", "\\sqrt "},
                                  {"∛", "\\cbrt "},
                                  {"±", "\\pm "},
                                  {"∓", "\\mp "},
                                  {"∅", "\\emptyset "},
                                  {"ℝ", "\\mathbb{R}"},
                                  {"ℤ", "\\mathbb{Z}"},
                                  {"ℚ", "\\mathbb{Q}"},
                                  {"ℕ", "\\mathbb{N}"},
                                  {"ℂ", "\\mathbb{C}"},
                                  {"π", "\\pi "},
                                  {"α", "\\alpha "},
                                  {"β", "\\beta "},
                                  {"γ", "\\gamma "},
                                  {"δ", "\\delta "},
                                  {"ε", "\\epsilon "},
                                  {"θ", "\\theta "},
                                  {"λ", "\\lambda "},
                                  {"μ", "\\mu "},
                                  {"ρ", "\\rho "},
                                  {"σ", "\\sigma "},
                                  {"τ", "\\tau "},
                                  {"φ", "\\phi "},
                                  {"ϕ", "\\phi "},
                                  {"ω", "\\omega "},
                                  {"Δ", "\\Delta "},
                                  {"Ω", "\\Omega "},
                                  {"°", "^\\circ "},
                                  {"º", "^\\circ "},
                                  {"′", "'"},
                                  {"’", "'"},
                                  {"‘", "'"},
                                  {"“", "\""},
                                  {"”", "\""},
                                  {"€", ""},
                                  {"£", ""},
                                  {"¥", ""},
                                  {"⁰", "^{0}"},
                                  {"¹", "^{1}"},
                                  {"²", "^{2}"},
                                  {"³", "^{3}"},
                                  {"⁴", "^{4}"},
                                  {"⁵", "^{5}"},
                                  {"⁶", "^{6}"},
                                  {"⁷", "^{7}"},
                                  {"⁸", "^{8}"},
                                  {"⁹", "^{9}"},
                                  {"⁻", "^{-}"},
                                  {"ⁿ", "^{n}"},
                                  {"₀", "_{0}"},
                                  {"₁", "_{1}"},
                                  {"₂", "_{2}"},
                                  {"₃", "_{3}"},
                                  {"₄", "_{4}"},
                                  {"₅", "_{5}"},
                                  {"₆", "_{6}"},
                                  {"₇", "_{7}"},
                                  {"₈", "_{8}"},
                                  {"₉", "_{9}"},
                                  {"½", "\\frac{1}{2}"},
                                  {"⅓", "\\frac{1}{3}"},
                                  {"⅔", "\\frac{2}{3}"},
                                  {"¼", "\\frac{1}{4}"},
                                  {"¾", "\\frac{3}{4}"},
                                  {"⅕", "\\frac{1}{5}"},
                                  {"⅛", "\\frac{1}{8}"},
                                  {"…", "\\ldots "},
                                  {"⋯", "\\cdots "},
                                  {"∣", "|"},
                                  {"\u00A0", " "},
                                  {"\u2009", " "},
                                  {"\u202F", " "},
                                  {"\u3000", " "},
                                  {"\u200B", ""},
                                  {"\uFEFF", ""},
                                  {"∧", "\\land "},
                                  {"∨", "\\lor "},
                                  {"⌊", "\\lfloor "},
                                  {"⌋", "\\rfloor "},
                                  {"⌈", "\\lceil "},
                                  {"⌉", "\\rceil "},
                                  {"∖", "\\setminus "}};
  return kSigns;
}

std::size_t character_length(unsigned char first) {
  return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

const Synonyms& command_synonyms() {
  static const Synonyms kSynonyms = {{"dfrac", "frac"},
                                     {"tfrac", "frac"},
                                     {"cfrac", "frac"},
                                     {"sfrac", "frac"},
                                     {"nicefrac", "frac"},
                                     {"flatfrac", "frac"},
                                     {"leq", "le"},
                                     {"leqslant", "le"},
                                     {"leqq", "le"},
                                     {"geq", "ge"},
                                     {"geqslant", "ge"},
                                     {"geqq", "ge"},
                                     {"neq", "ne"},
                                     {"lt", "<"},
                                     {"gt", ">"},
                                     {"dbinom", "binom"},
                                     {"tbinom", "binom"},
                                     {"cdot", "*"},
                                     {"times", "*"},
                                     {"ast", "*"},
                                     {"bullet", "*"},
                                     {"div", "/"},
                                     {"mid", "|"},
                                     {"vert", "|"},
                                     {"lvert", "|"},
                                     {"rvert", "|"},
                                     {"colon", ":"},
                                     {"ldots", "dots"},
                                     {"cdots", "dots"},
                                     {"dotsm", "dots"},
                                     {"dotsc", "dots"},
                                     {"dotsb", "dots"},
                                     {"varnothing", "emptyset"},
                                     {"bigcup", "cup"},
                                     {"bigcap", "cap"},
                                     {"backslash", "setminus"},
                                     {"smallsetminus", "setminus"},
                                     {"isin", "in"},
                                     {"land", "and"},
                                     {"wedge", "and"},
                                     {"lor", "or"},
                                     {"vee", "or"},
                                     {"lbrace", "{"},
                                     {"rbrace", "}"},
                                     {"lbrack", "["},
                                     {"rbrack", "]"},
                                     {"lparen", "("},
                                     {"rparen", ")"},
                                     {"inf", "infty"},
                                     {"infinity", "infty"},
                                     {"oo", "infty"},
                                     {"tg", "tan"},
                                     {"ctg", "cot"},
                                     {"cotan", "cot"},
                                     {"cosec", "csc"},
                                     {"asin", "arcsin"},
                                     {"acos", "arccos"},
                                     {"atan", "arctan"},
                                     {"arctg", "arctan"},
                                     {"varepsilon", "epsilon"},
                                     {"vartheta", "theta"},
                                     {"varphi", "phi"},
                                     {"simeq", "approx"},
                                     {"thickapprox", "approx"},
                                     {"fbox", "boxed"},
                                     {"degrees", "degree"},
                                     {"overbar", "overline"},
                                     {"bar", "overline"},
                                     {"union", "cup"},
                                     {"ceiling", "ceil"},
                                     {"Re", "real"},
                                     {"Im", "imaginary"},
                                     {"R", "reals"},
                                     {"Z", "integers"},
                                     {"reals", "reals"}};
  return kSynonyms;
}

const Words& layout_commands() {
  static const Words kLayout = {
      "left",     "right",         "big",          "Big",          "bigg",        "Bigg",
      "bigl",     "bigr",          "Bigl",         "Bigr",         "biggl",       "biggr",
      "Biggl",    "Biggr",         "middle",       "quad",         "qquad",       "limits",
      "hfill",    "nolimits",      "textstyle",    "displaystyle", "scriptstyle", "thinspace",
      "medspace", "thickspace",    "negthinspace", "enspace",      "bf",          "rm",
      "it",       "hspace*",       "allowbreak",   "nobreak",      "newline",     "hline",
      "nonumber", "notag",         "centering",    "Large",        "large",       "boxed",
      "angle",    "measuredangle", "triangle",     "ensuremath",   "underline",   "mathstrut",
      "strut",    "cancel"};
  return kLayout;
}

const Words& greek_letters() {
  static const Words kGreek = {"alpha", "beta",    "gamma", "delta",   "epsilon", "zeta", "eta",
                               "theta", "iota",    "kappa", "lambda",  "mu",      "nu",   "xi",
                               "rho",   "sigma",   "tau",   "upsilon", "phi",     "chi",  "psi",
                               "omega", "Gamma",   "Delta", "Theta",   "Lambda",  "Xi",   "Pi",
                               "Sigma", "Upsilon", "Phi",   "Psi",     "Omega",   "ell",  "hbar",
                               "nabla", "partial", "aleph"};
  return kGreek;
}

const Words& functions() {
  static const Words kFunctions = {
      "sin",      "cos",    "tan",     "cot",     "sec",       "csc",       "arcsin", "arccos",
      "arctan",   "arccot", "sinh",    "cosh",    "tanh",      "ln",        "log",    "lg",
      "exp",      "sqrt",   "cbrt",    "abs",     "floor",     "ceil",      "gcd",    "lcm",
      "max",      "min",    "det",     "real",    "imaginary", "factorial", "arg",    "sgn",
      "sign",     "round",  "arcsinh", "arccosh", "arctanh",   "coth",      "sech",   "csch",
      "binomial", "pow",    "cis",     "deg",     "dim",       "tr"};
  return kFunctions;
}

struct Unit {
  const char* name;
  const char* kind;   // units of one kind can be compared
  const char* scale;  // in the kind's first unit, a fraction's text
  const char* spellings;
};

constexpr std::array kUnits = {
    Unit{"m", "length", "1", "m meter metre meters metres"},
    Unit{"cm", "length", "1/100", "cm cms centimeter centimetre centimeters centimetres"},
    Unit{"mm", "length", "1/1000", "mm millimeter millimetre millimeters millimetres"},
    Unit{"km", "length", "1000", "km kms kilometer kilometre kilometers kilometres"},
    Unit{"in", "inches", "1", "inch inches"},
    Unit{"ft", "inches", "12", "ft foot feet"},
    Unit{"yd", "inches", "36", "yd yds yard yards"},
    Unit{"mi", "inches", "63360", "mi mile miles"},
    Unit{"g", "mass", "1", "g gram grams"},
    Unit{"kg", "mass", "1000", "kg kgs kilogram kilograms"},
    Unit{"mg", "mass", "1/1000", "mg milligram milligrams"},
    Unit{"lb", "pounds", "1", "lb lbs pound pounds"},
    Unit{"oz", "pounds", "1/16", "oz ounce ounces"},
    Unit{"s", "time", "1", "s sec secs second seconds"},
    Unit{"min", "time", "60", "min mins minute minutes"},
    Unit{"h", "time", "3600", "h hr hrs hour hours"},
    Unit{"day", "time", "86400", "day days"},
    Unit{"week", "time", "604800", "week weeks"},
    Unit{"month", "month", "1", "month months"},
    Unit{"year", "month", "12", "year years yr yrs"},
    Unit{"l", "volume", "1", "liter litre liters litres"},
    Unit{"ml", "volume", "1/1000", "ml mL milliliter millilitre milliliters millilitres"},
    Unit{"cent", "money", "1/100", "cent cents"},
    Unit{"dollar", "money", "1", "dollar dollars usd"},
    Unit{"euro", "euro", "1", "euro euros"},
    Unit{"yuan", "yuan", "1", "yuan rmb"},
    Unit{"degree", "angle", "1", "degree degrees deg"},
    Unit{"rad", "radian", "1", "rad radian radians"},
    Unit{"percent", "percent", "1", "percent"},
    Unit{"mph", "speed", "1", "mph"},
    Unit{"j", "energy", "1", "joule joules"},
    Unit{"n", "force", "1", "newton newtons"},
    Unit{"w", "power", "1", "watt watts"},
    Unit{"v", "voltage", "1", "volt volts"},
    Unit{"hz", "frequency", "1", "hz hertz"},
    Unit{"k", "temperature", "1", "kelvin"},
    Unit{"mol", "mol", "1", "mol mols mole moles"},
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

}  // namespace

std::string without_unicode_signs(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length =
        std::min(character_length(static_cast<unsigned char>(text[0])), text.size());
    const std::string_view character = text.substr(0, length);
    text.remove_prefix(length);
    const auto found = length == 1 ? unicode_signs().end() : unicode_signs().find(character);
    out += found == unicode_signs().end() ? character : found->second;
  }
  return out;
}

std::string_view canonical_command(std::string_view name) {
  const auto found = command_synonyms().find(name);
  return found == command_synonyms().end() ? name : found->second;
}

bool is_layout_command(std::string_view name) {
  return layout_commands().contains(name);
}

bool is_text_command(std::string_view name) {
  static const Words kText = {"text",   "mbox",   "textbf",     "textit", "textnormal",
                              "textrm", "textsf", "texttt",     "mathrm", "mathbf",
                              "mathit", "mathsf", "boldsymbol", "bm",     "operatorname",
                              "hbox",   "mathop", "emph",       "textup", "operatorname*"};
  return kText.contains(name);
}

bool is_greek_letter(std::string_view name) {
  return greek_letters().contains(name);
}

bool is_function(std::string_view name) {
  return functions().contains(name);
}

bool is_unit(std::string_view word) {
  return units_by_spelling().contains(word);
}

std::string canonical_unit(std::string_view words) {
  std::istringstream stream{std::string(words)};
  std::string canonical, exponent;
  for (std::string word; stream >> word;) {
    if (word == "square" || word == "sq" || word == "squared") {
      exponent = "^2";
    } else if (word == "cubic" || word == "cubed") {
      exponent = "^3";
    } else if (word != "of" && word != "the" && word != "per" && word != "/") {
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

std::optional<std::pair<std::string, std::string>> unit_scales(std::string_view unit,
                                                               std::string_view other) {
  const auto a = units_by_spelling().find(unit);
  const auto b = units_by_spelling().find(other);
  if (a == units_by_spelling().end() || b == units_by_spelling().end()) return std::nullopt;
  if (std::string_view(a->second->kind) != b->second->kind) return std::nullopt;
  return std::pair<std::string, std::string>(a->second->scale, b->second->scale);
}

}  // namespace r1::grading
