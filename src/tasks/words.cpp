#include "tasks/words.h"

#include <string_view>

#include "tasks/phrasing.h"

namespace r1::tasks {
namespace {

constexpr std::string_view kWords =
    "able above across address afternoon again airplane almost already although always amount "
    "animal another answer apple around arrive attention autumn balloon banana basket beautiful "
    "because bedroom before beginning believe between bicycle birthday blanket blossom bottle "
    "bottom branch breakfast bridge bring brother building business butter butterfly button "
    "cabbage "
    "calendar camera candle captain careful carpet carrot castle center champion cheese cherry "
    "chicken children chocolate church circle classroom climb clothes coffee collect college color "
    "committee company computer concert cookie corner cotton country cousin cover dance danger "
    "daughter december decide deep deliver dictionary difference different difficult dinner "
    "discover doctor dollar dream drink during early earth education eight either elephant eleven "
    "empty engine enough evening every example excellent exercise expect family famous farmer "
    "father february feeling finger finish flower follow football forest forget forward friend "
    "fruit funny garden giraffe glasses good grammar grandmother grass green ground guitar hammer "
    "happen happiness happy heavy hello history holiday honey horse hospital house hundred hungry "
    "imagine important independence insect inside island january jelly journey kangaroo keep "
    "kitchen knife ladder language laptop laughter lesson letter library little lonely machine "
    "market marriage mathematics meadow measure medicine memory message middle million minute "
    "mirror mississippi mistake moment monday money monkey month morning mother mountain music "
    "narrow nature necessary needle neighbor nothing november number occasion ocean october office "
    "often onion orange paper parallel parents parrot pencil people pepper pepperoni perhaps "
    "picture pillow planet please pocket possible potato pretty problem puppy purple question "
    "rabbit "
    "railroad rainbow raspberry really reason remember restaurant river rocket saturday scissors "
    "school science season secret september seven several shadow shoulder silver simple sister "
    "skill sleep smooth soccer special spring square squirrel station strawberry street strong "
    "success sudden suggest summer sunday surprise sweater swim table teacher telephone tennis "
    "thirteen thousand thunder thursday together tomato tomorrow traffic travel tuesday umbrella "
    "uncle understand university useful vacation valley vegetable village visitor volleyball "
    "waiting "
    "water weather wednesday welcome whisper window winter wonderful yellow yesterday zebra";

constexpr std::string_view kNames =
    "Anna Ben Clara David Emma Felix Grace Henry Iris Jack Kate Leo Mia Noah Olivia Paul Quinn "
    "Rosa "
    "Sam Tina Uma Victor Wendy Xavier Yara Zoe";

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

}  // namespace

const std::vector<std::string>& english_words() {
  static const std::vector<std::string> words = split(kWords);
  return words;
}

const std::vector<std::string>& given_names() {
  static const std::vector<std::string> names = split(kNames);
  return names;
}

std::string made_up_word(Random& random, int length) {
  constexpr std::string_view kConsonants = "bcdfghjklmnprstvwz", kVowels = "aeiou";
  std::string word;
  bool vowel = random.below(3) == 0;
  while (static_cast<int>(word.size()) < length) {
    word += one_of(random, vowel ? kVowels : kConsonants);
    vowel = !vowel;
  }
  return word;
}

}  // namespace r1::tasks
