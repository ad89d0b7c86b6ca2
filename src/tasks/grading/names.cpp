#include "tasks/grading/names.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "base/characters.h"
#include "tasks/grading/phrases.h"
#include "tasks/grading/prose.h"
#include "tasks/grading/vocabulary.h"

namespace r1::grading {
namespace {

constexpr std::size_t kLongest = 2000;

struct Item {
  std::string whole;  // "the shape is a hexagon"
  std::string said;   // "hexagon"
};

struct Words {
  std::vector<Item> items;
  bool has_or = false;
};

/// Words in lower case, but "AB" and "x" as they are.
std::string key_of(const std::string& item) {
  if (item == "No") return "no";
  const bool is_symbol = item.size() < 3 || std::none_of(item.begin(), item.end(), [](char c) {
                           return std::islower(static_cast<unsigned char>(c)) != 0;
                         });
  if (is_symbol) return item;
  return lower_case(item);
}

class Reader {
 public:
  /// Nothing in `words` where the text is no list of words.
  Words read(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
      const char c = text[at];
      if (c == '\\') {
        std::size_t end = at + 1;
        while (end < text.size() && is_letter(text[end])) ++end;
        const std::string_view name = text.substr(at + 1, end - at - 1);
        const bool is_sign = name.empty() && end < text.size() &&
                             std::string_view(",;:! ").find(text[end]) == std::string_view::npos;
        if (is_sign) return {};
        const bool is_space = name.empty() || is_layout_command(name);
        if (!is_space && !is_text_command(name)) return {};
        at = name.empty() ? end + 1 : end;
        if (is_space) end_word();
      } else if (is_letter(c) || ((c == '-' || c == '\'') && !word_.empty())) {
        word_ += c;
        ++at;
      } else if (c == '(' && at + 2 < text.size() && is_letter(text[at + 1]) &&
                 text[at + 2] == ')') {
        end_word();  // the (A) of a choice
        word_ = text[at + 1];
        at += 3;
      } else {
        if (std::string_view("{}$ .,;\n").find(c) == std::string_view::npos) return {};
        end_word();
        if (c == ',' || c == ';') end_item();
        ++at;
      }
    }
    end_word();
    end_item();
    return std::move(words_);
  }

 private:
  void end_word() {
    if (word_ == "and" || word_ == "or") {
      words_.has_or = words_.has_or || word_ == "or";
      end_item();
    } else if (!word_.empty()) {
      item_ += (item_.empty() ? "" : " ") + word_;
    }
    word_.clear();
  }
  void end_item() {
    if (item_.empty()) return;
    const std::string said(complement_of(item_));
    const bool names_subject =
        !naming_words(lower_case(item_.substr(0, item_.size() - said.size()))).empty();
    words_.items.push_back({key_of(names_subject ? item_ : said), key_of(said)});
    item_.clear();
  }

  Words words_;
  std::string item_, word_;
};

/// "odd" of "odd function": without the noun that says only of what kind the thing is.
std::string_view without_noun(std::string_view words) {
  for (const std::string_view noun : {" triangle", " number", " function", " quadrilateral",
                                      " series", " sequence", " line", " player", " angle"}) {
    if (words.ends_with(noun)) return words.substr(0, words.size() - noun.size());
  }
  return words;
}

bool say_the_same(const Item& a, const Item& b) {
  const auto same = [](const std::string& one, const std::string& other) {
    return one == other || without_noun(one) == other || one == without_noun(other);
  };
  return same(a.whole, b.whole) || same(a.said, b.whole) || same(a.whole, b.said);
}

/// "ACD" beside "A, C, D" are three letters.
void split_letters(std::vector<Item>& items, const std::vector<Item>& others) {
  const auto is_letter_alone = [](const Item& item) {
    return item.whole.size() == 1 && item.whole[0] >= 'A' && item.whole[0] <= 'Z';
  };
  if (items.size() != 1 || others.size() < 2 || items[0].whole.size() != others.size()) return;
  if (!std::all_of(others.begin(), others.end(), is_letter_alone)) return;
  const std::string letters = items[0].whole;
  items.clear();
  for (const char letter : letters) items.push_back({std::string(1, letter), ""});
}

/// Of "Yes, it converges" the first word, but all of "yes and no".
void keep_yes_or_no(std::vector<Item>& items) {
  const auto says_either = [](const Item& item) {
    return item.whole == "yes" || item.whole == "no";
  };
  if (std::count_if(items.begin(), items.end(), says_either) != 1 || !says_either(items[0])) return;
  items.resize(1);
}

}  // namespace

bool list_same_words(std::string_view a, std::string_view b) {
  if (std::max(a.size(), b.size()) > kLongest) return false;
  Words first = Reader().read(a), second = Reader().read(b);
  split_letters(first.items, second.items);
  split_letters(second.items, first.items);
  keep_yes_or_no(first.items);
  keep_yes_or_no(second.items);
  if (first.items.empty() || first.items.size() != second.items.size()) return false;
  // A letter alone is compared as what it stands for.
  if (first.items.size() == 1 && first.items[0].whole.size() < 2) return false;
  if (first.has_or != second.has_or) return false;
  for (const Item& item : first.items) {
    const auto partner = std::find_if(second.items.begin(), second.items.end(),
                                      [&](const Item& other) { return say_the_same(item, other); });
    if (partner == second.items.end()) return false;
    second.items.erase(partner);
  }
  return true;
}

}  // namespace r1::grading
