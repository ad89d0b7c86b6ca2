// Who answers the questions: a model in this process, or one behind an address.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "generate/engine.h"

namespace r1::evaluate {

/// One sample that is wanted.
struct Prompt {
  std::size_t question;  // its place in the suite
  std::int64_t sample;   // 0 is the first of the question
  const std::string* text;
};

struct Response {
  std::string text;  // thinking included, with "<think>" in front where the prompt had opened it
  std::string finish_reason;  // "length" if it was cut off
  std::int64_t tokens = 0;
  std::int64_t drafted = 0, accepted = 0;  // tokens of drafts, and those that the model took
};

using OnResponse = std::function<void(const Prompt& prompt, const Response& response)>;

class Responder {
 public:
  virtual ~Responder() = default;
  /// What the run is called in reports.
  virtual std::string name() const = 0;
  /// Answers all prompts and hands over each response when it is complete, on this thread. A sample
  /// is the same whatever else is asked: it depends on seed, question and number. Throws Error.
  virtual void respond(const std::vector<Prompt>& prompts, const OnResponse& on_response) = 0;
};

/// The seed of a sample's random numbers, 31 bits: servers take no more.
std::uint64_t sample_seed(std::uint64_t seed, const Prompt& prompt);

/// How questions become prompts of a model in this process.
enum class PromptForm {
  chat,   // one user message in the model's chat template
  plain,  // the text itself, for models that never learnt to chat
};

class EngineResponder : public Responder {
 public:
  /// `engine` has a tokenizer and outlives this.
  EngineResponder(Engine& engine, std::string name, GenerateOptions options, PromptForm form);
  std::string name() const override { return name_; }
  void respond(const std::vector<Prompt>& prompts, const OnResponse& on_response) override;

 private:
  Engine& engine_;
  std::string name_;
  GenerateOptions options_;
  PromptForm form_;
};

}  // namespace r1::evaluate
