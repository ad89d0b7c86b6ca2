// Words that questions are about: English ones and made-up ones that can be pronounced.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"

namespace r1::tasks {

/// Common English words of 4 to 14 letters, all in lower case.
const std::vector<std::string>& english_words();
/// Given names, all different in their first letters.
const std::vector<std::string>& given_names();
/// A word of exactly `length` letters, in which consonants and vowels alternate.
std::string made_up_word(Random& random, int length);

}  // namespace r1::tasks
