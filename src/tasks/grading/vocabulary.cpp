#include "tasks/grading/vocabulary.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/characters.h"

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
                                  {"⅙", "\\frac{1}{6}"},
                                  {"⅚", "\\frac{5}{6}"},
                                  {"⅖", "\\frac{2}{5}"},
                                  {"⅗", "\\frac{3}{5}"},
                                  {"⅘", "\\frac{4}{5}"},
                                  {"⅜", "\\frac{3}{8}"},
                                  {"⅝", "\\frac{5}{8}"},
                                  {"⅞", "\\frac{7}{8}"},
                                  {"…", "\\ldots "},
                                  {"⋯", "\\cdots "},
                                  {"∣", "|"},
                                  {"或", " or "},
                                  {"和", " and "},
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
                                  {"∖", "\\setminus "},
                                  {"≡", "\\equiv "},
                                  {"∥", "\\parallel "},
                                  {"⊥", "\\perp "},
                                  {"⊂", "\\subset "},
                                  {"⊆", "\\subseteq "},
                                  {"→", "\\to "},
                                  {"⇒", "\\Rightarrow "},
                                  {"∠", "\\angle "},
                                  {"△", "\\triangle "},
                                  {"≅", "\\cong "},
                                  {"∼", "\\sim "},
                                  {"⟨", "\\langle "},
                                  {"⟩", "\\rangle "},
                                  {"¬", "\\neg "},
                                  {"η", "\\eta "},
                                  {"κ", "\\kappa "},
                                  {"ν", "\\nu "},
                                  {"ξ", "\\xi "},
                                  {"χ", "\\chi "},
                                  {"ψ", "\\psi "},
                                  {"Γ", "\\Gamma "},
                                  {"Θ", "\\Theta "},
                                  {"Λ", "\\Lambda "},
                                  {"Φ", "\\Phi "},
                                  {"Ψ", "\\Psi "},
                                  {"∂", "\\partial "},
                                  {"ℓ", "\\ell "},
                                  {"⅑", "\\frac{1}{9}"},
                                  {"⅒", "\\frac{1}{10}"},
                                  {"⅐", "\\frac{1}{7}"},
                                  {"ₙ", "_{n}"},
                                  {"ₖ", "_{k}"},
                                  {"ᵢ", "_{i}"},
                                  {"０", "0"},
                                  {"１", "1"},
                                  {"２", "2"},
                                  {"３", "3"},
                                  {"４", "4"},
                                  {"５", "5"},
                                  {"６", "6"},
                                  {"７", "7"},
                                  {"８", "8"},
                                  {"９", "9"},
                                  {"．", "."}};
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
                                     {"Vert", "|"},
                                     {"lVert", "|"},
                                     {"rVert", "|"},
                                     {"rightarrow", "to"},
                                     {"longrightarrow", "to"},
                                     {"implies", "Rightarrow"},
                                     {"Longrightarrow", "Rightarrow"},
                                     {"overrightarrow", "vec"},
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

/// Makes the numerator of a fraction of the exponent that the text ends in; not of a variable's.
bool begin_fraction(std::string& text) {
  const std::size_t begin = text.rfind("^{");
  const char base = begin > 0 ? text[begin - 1] : ' ';
  if (!is_digit(base) && !is_space(base) &&
      std::string_view("-+(=$").find(base) == std::string_view::npos) {
    return false;
  }
  text.replace(begin, 2, "\\frac{");
  text.pop_back();
  return true;
}

/// Takes the lowered digits off that the text begins with: "₁₂".
std::string take_lowered_digits(std::string_view& text) {
  constexpr std::string_view kZero = "₀";
  std::string digits;
  while (text.size() >= kZero.size() && text.starts_with(kZero.substr(0, 2))) {
    const char last = static_cast<char>(text[2] - kZero[2]);
    if (last < 0 || last > 9) break;
    digits += static_cast<char>('0' + last);
    text.remove_prefix(kZero.size());
  }
  return digits;
}

}  // namespace

std::string without_unicode_signs(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool after_raised = false;
  while (!text.empty()) {
    const std::size_t length =
        std::min(character_length(static_cast<unsigned char>(text[0])), text.size());
    const std::string_view character = text.substr(0, length);
    text.remove_prefix(length);
    const auto found = length == 1 ? unicode_signs().end() : unicode_signs().find(character);
    std::string_view written = found == unicode_signs().end() ? character : found->second;
    const bool raised = length > 1 && written.starts_with("^{");
    if (raised && after_raised) {  // several make one exponent
      out.pop_back();
      written.remove_prefix(2);
    }
    if (character == "⁄" && after_raised && begin_fraction(out)) {
      out += "}{" + take_lowered_digits(text) + "}";
      after_raised = false;
      continue;
    }
    after_raised = raised;
    out += written;
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

bool is_product_of_letters(std::string_view run) {
  if (run.size() <= 3) return true;
  return std::all_of(run.begin(), run.end(), [](char c) {
    return std::string_view("abcdkmnpqrstxyzABCDEFGHMNOPQRSTXYZ").find(c) != std::string_view::npos;
  });
}

bool is_short_word(std::string_view run) {
  static const Words kShort = {"for", "all", "any", "so", "So", "the", "The", "is",
                               "are", "we",  "We",  "it", "It", "per", "to"};
  return kShort.contains(run);
}

}  // namespace r1::grading
