// One call for answers, from the engine's tokens to the client's JSON.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/stopwatch.h"
#include "generate/engine_thread.h"
#include "generate/think_splitter.h"
#include "serve/api_error.h"
#include "serve/completion_request.h"
#include "serve/http.h"
#include "serve/tool_calls.h"

namespace r1::serve {

/// What became of a call, for logs and metrics.
struct CompletionReport {
  int status = 200;
  std::int64_t prompt_tokens = 0, reused_tokens = 0, tokens = 0;
  double first_token_seconds = -1, seconds = 0;
  std::string finish_reason{};
};

/// Lives as long as the engine or the client's connection knows of it.
class Completion : public std::enable_shared_from_this<Completion> {
 public:
  using OnReport = std::function<void(const CompletionReport&)>;
  Completion(const ServedModel& model, CompletionRequest request, std::shared_ptr<HttpReply> reply,
             OnReport on_report);
  /// Hands the requests to the engine; the answer goes to the reply when it comes. Throws ApiError
  /// if the engine's queue is full, with nothing begun.
  void start(EngineThread& engine);

 private:
  struct Choice {
    explicit Choice(bool in_thinking) : splitter(in_thinking) {}
    ThinkSplitter splitter;
    ToolCallReader tools;
    std::string reasoning, content;   // of a whole answer
    nlohmann::ordered_json logprobs;  // not yet sent, in the form of the API
    std::int64_t tokens = 0, reasoning_tokens = 0;
    std::size_t text_offset = 0;
    std::string finish_reason;
    bool begun = false;  // the client knows whose turn it is
  };

  // On the engine's thread:
  bool take(std::size_t index, const GeneratedToken& token);
  void finish(std::size_t request, const std::vector<Answer>& answers,
              const std::exception_ptr& failure);
  void finish_choice(std::size_t index, const std::string& reason);
  void finish_all();
  void fail(const ApiError& error);
  void show(std::size_t index, const AnswerPart& part);
  void add_logprobs(Choice& choice, const GeneratedToken& token, bool thought) const;
  void stream_delta(std::size_t index, nlohmann::ordered_json delta,
                    const std::string& finish_reason);
  bool send_event(const nlohmann::ordered_json& event);
  nlohmann::ordered_json frame(bool chunk) const;
  nlohmann::ordered_json usage() const;
  nlohmann::ordered_json whole_choice(std::size_t index);
  void report(int status);

  void begin_stream();

  const ServedModel& model_;
  CompletionRequest request_;
  std::shared_ptr<HttpReply> reply_;
  OnReport on_report_;
  std::string id_;
  std::int64_t created_;
  std::size_t answers_each_;  // to a prompt
  Stopwatch watch_;
  std::once_flag stream_begun_;
  std::atomic<bool> ended_ = false;
  // Used on the engine's thread only:
  std::vector<Choice> choices_;
  std::size_t open_requests_;
  std::int64_t prompt_tokens_ = 0, reused_tokens_ = 0;
  double first_token_seconds_ = -1;
  bool wanted_ = true;  // the client is still there
};

}  // namespace r1::serve
