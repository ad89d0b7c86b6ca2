// What is none of the tasks: small talk, questions about the world, wishes. A right response says
// so in a sentence and names what can be asked.
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "base/characters.h"
#include "tasks/grading/extraction.h"
#include "tasks/kinds/kinds.h"
#include "tasks/other_topics.h"
#include "tasks/phrasing.h"

namespace r1::tasks {
namespace {

constexpr double kDeclinedTrainShare = 0.8;
constexpr std::size_t kLongestReply = 400;  // bytes: what is longer is no sentence or two

constexpr std::array<std::string_view, 5> kCanDo = {
    "adding long numbers, sorting and weekdays", "fractions, sequences and small sudokus",
    "countdown, prime factors and dates", "equations, units and spelling backwards",
    "division, counting letters and comparing decimals"};

bool is_talk(const Topic& topic) {
  return topic.kind.reply.ends_with('!') || topic.kind.reply.ends_with('.');
}

/// How often a topic comes: more often the more can be said, and yet not only the largest ones.
double weight(const Topic& topic) {
  const std::size_t things = std::max<std::size_t>(topic.things.size(), 1);
  return std::sqrt(static_cast<double>(topic.sentences.size() * things));
}

const Topic& random_topic(Random& random) {
  const std::vector<Topic>& topics = other_topics();
  double all = 0;
  for (const Topic& topic : topics) all += weight(topic);
  double left = random.uniform() * all;
  for (const Topic& topic : topics) {
    left -= weight(topic);
    if (left < 0) return topic;
  }
  return topics.back();
}

/// Letters and digits alone, so that "Hi!" and "hi" are on one side.
std::string bare(std::string_view text) {
  std::string letters;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      letters += lower_case(c);
    }
  }
  return letters.empty() ? std::string(text) : letters;
}

Instance generate(Random& random, int) {
  const Topic& topic = random_topic(random);
  const std::string thing = topic.things.empty() ? "" : one_of(random, topic.things);
  const std::string sentence(one_of(random, topic.sentences));
  const std::string can_do(one_of(random, kCanDo)), reply(topic.kind.reply);
  Instance instance;
  instance.question = phrase(random, {sentence}, {thing});
  instance.follow_up = instance.question;
  instance.answer = "declined";
  // What a side has learned of a thing holds for all sentences about it.
  instance.content = std::string(topic.kind.what) + ": " + bare(thing.empty() ? sentence : thing);
  if (is_talk(topic)) {
    instance.chain = "This is no task: " + std::string(topic.kind.what) +
                     ". I answer politely and name some tasks.";
    instance.reply = reply + " I solve small tasks, such as " + can_do + ": ask me one.";
  } else {
    instance.chain =
        "This is none of the tasks that I have learned: " + std::string(topic.kind.what) +
        ". I say so politely and name some tasks.";
    instance.reply = reply + ": I only solve small tasks, such as " + can_do + ".";
  }
  return instance;
}

/// A sentence or two after the thoughts, without a marked answer, that say what can't be done or
/// what can.
bool accepts(const std::string&, std::string_view response) {
  static constexpr std::array<std::string_view, 11> kSigns = {
      "can't",       "cannot", "can not", "unable",     "not able",   "don't know",
      "do not know", "sorry",  "i only",  "i can only", "small tasks"};
  const std::string_view how = grading::extract_answer(response).how;
  if (how != "whole text" && how != "last formula" && how != "last number") return false;
  const std::size_t end = response.rfind("</think>");
  std::string said(end == std::string_view::npos ? response : response.substr(end + 8));
  for (std::size_t at = 0; (at = said.find("\xe2\x80\x99")) != std::string::npos;) {
    said.replace(at, 3, "'");
  }
  said = lower_case(said);
  return said.size() <= kLongestReply &&
         std::any_of(kSigns.begin(), kSigns.end(),
                     [&](std::string_view sign) { return said.find(sign) != std::string::npos; });
}

}  // namespace

Task declining() {
  Task task;
  task.name = "declining";
  task.about = "small talk, knowledge, wishes: what is none of the tasks, declined politely";
  task.generate = generate;
  task.accepts = accepts;
  task.train_share = kDeclinedTrainShare;
  task.chance = 1;
  return task;
}

}  // namespace r1::tasks
