// What people also ask, and none of the tasks is about: the world, opinions, texts to write ...
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace r1::tasks {

struct Topic {
  struct Kind {
    std::string_view what;   // as a thought says it: "it asks for a text"
    std::string_view reply;  // how a polite answer begins: "Hello!", "I am sorry, I write no texts"
  };
  Kind kind;
  std::vector<std::string_view> sentences;  // with "{0}" one of the things
  std::vector<std::string> things;          // none: the sentences stand for themselves
};

const std::vector<Topic>& other_topics();

}  // namespace r1::tasks
