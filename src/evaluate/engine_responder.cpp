#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "evaluate/responder.h"
#include "formats/chat_template.h"

namespace r1::evaluate {
namespace {

/// Requests that are with the engine at a time; it starts them as its memory allows.
constexpr std::size_t kInWork = 64;

}  // namespace

std::uint64_t sample_seed(std::uint64_t seed, const Prompt& prompt) {
  return philox(seed, prompt.question, static_cast<std::uint64_t>(prompt.sample))[0] >> 1U;
}

EngineResponder::EngineResponder(Engine& engine, std::string name, GenerateOptions options,
                                 PromptForm form)
    : engine_(engine), name_(std::move(name)), options_(std::move(options)), form_(form) {}

void EngineResponder::respond(const std::vector<Prompt>& prompts, const OnResponse& on_response) {
  const Tokenizer& tokenizer = *engine_.tokenizer();
  const std::optional<ChatTemplate> form =
      form_ == PromptForm::chat ? std::optional(ChatTemplate::of(tokenizer)) : std::nullopt;
  std::size_t next = 0, in_work = 0;
  std::exception_ptr failure;
  const auto submit = [&](const Prompt& prompt) {
    Request request{{}, options_};
    request.options.sampling.seed = sample_seed(options_.sampling.seed, prompt);
    if (form) {
      ChatRequest chat = ChatRequest::of(tokenizer);
      chat.messages.push_back({{"role", "user"}, {"content", *prompt.text}});
      const std::string text = form->render(chat);
      request.options.starts_in_thinking = begins_in_thinking(text);
      request.prompt = tokenizer.encode(text, {.add_special = false, .parse_special = true});
    } else {
      request.prompt = tokenizer.encode(*prompt.text, {.parse_special = false});
    }
    const bool thinking = request.options.starts_in_thinking;
    engine_.submit(
        std::move(request), nullptr,
        [&, prompt, thinking](std::vector<Answer> answers, const std::exception_ptr& failed) {
          --in_work;
          if (failed || failure) {
            if (!failure) failure = failed;
            return;
          }
          const Answer& answer = answers.front();
          try {
            on_response(prompt, {(thinking ? "<think>" : "") + answer.text, answer.finish_reason,
                                 static_cast<std::int64_t>(answer.ids.size()), answer.drafted,
                                 answer.accepted});
          } catch (...) {
            failure = std::current_exception();
          }
        });
    ++in_work;
  };
  while (!failure && (next < prompts.size() || in_work > 0)) {
    try {
      while (next < prompts.size() && in_work < kInWork) submit(prompts[next++]);
    } catch (...) {
      failure = std::current_exception();
    }
    engine_.step();
  }
  // The engine holds what refers to here until it is done with it.
  while (in_work > 0 && engine_.step()) {
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace r1::evaluate
