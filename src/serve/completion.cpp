#include "serve/completion.h"

#include <ctime>
#include <random>
#include <utility>

#include "base/error.h"
#include "formats/json.h"

namespace r1::serve {
namespace {

using Json = nlohmann::ordered_json;

std::string random_hex(int digits) {
  thread_local std::random_device device;
  std::string text;
  for (int i = 0; i < digits; ++i) text += "0123456789abcdef"[device() % 16];
  return text;
}

Json bytes_of(std::string_view text) {
  Json bytes = Json::array();
  for (const char c : text) bytes.push_back(static_cast<unsigned char>(c));
  return bytes;
}

/// Without those that a grammar made impossible.
std::vector<TokenProbability> possible(std::vector<TokenProbability> top) {
  std::erase_if(top, [](const TokenProbability& token) { return token.logprob < -1e6f; });
  return top;
}

/// What /chat/completions tells of a token.
Json token_json(const Tokenizer& tokenizer, const TokenProbability& token) {
  const std::string_view bytes = tokenizer.token_bytes(token.id);
  return {{"token", std::string(bytes)},
          {"logprob", static_cast<double>(token.logprob)},
          {"bytes", bytes_of(bytes)}};
}

}  // namespace

Completion::Completion(const ServedModel& model, CompletionRequest request,
                       std::shared_ptr<HttpReply> reply, OnReport on_report)
    : model_(model),
      request_(std::move(request)),
      reply_(std::move(reply)),
      on_report_(std::move(on_report)),
      id_((request_.chat ? "chatcmpl-" : "cmpl-") + random_hex(24)),
      created_(std::time(nullptr)),
      answers_each_(request_.requests.front().count),
      open_requests_(request_.requests.size()) {
  for (std::size_t i = 0; i < request_.requests.size(); ++i) {
    for (std::size_t k = 0; k < answers_each_; ++k) {
      Choice& choice = choices_.emplace_back(request_.requests[i].options.starts_in_thinking);
      if (i < request_.echo.size()) choice.content = request_.echo[i];
    }
  }
}

void Completion::start(EngineThread& engine) {
  const auto self = shared_from_this();
  std::vector<EngineThread::Ticket> tickets;
  for (std::size_t i = 0; i < request_.requests.size(); ++i) {
    const auto ticket = engine.submit(
        std::move(request_.requests[i]),
        [self, first = i * answers_each_](std::size_t answer, const GeneratedToken& token) {
          return self->take(first + answer, token);
        },
        [self, i](const std::vector<Answer>& answers, const std::exception_ptr& failure) {
          self->finish(i, answers, failure);
        });
    if (ticket) {
      tickets.push_back(*ticket);
      continue;
    }
    ended_ = true;
    for (const auto taken : tickets) engine.cancel(taken);
    throw ApiError(429, "too many requests are waiting; try again soon", "queue_full");
  }
  if (request_.stream) begin_stream();
  reply_->on_gone([&engine, tickets] {
    for (const auto ticket : tickets) engine.cancel(ticket);
  });
}

void Completion::begin_stream() {
  std::call_once(stream_begun_, [this] {
    reply_->begin({200,
                   {{"Content-Type", "text/event-stream"},
                    {"Cache-Control", "no-cache"},
                    {"X-Accel-Buffering", "no"}},
                   ""},
                  ": keep-alive\n\n");
  });
}

/// One token of one answer; false ends that answer.
bool Completion::take(std::size_t index, const GeneratedToken& token) {
  if (ended_) return false;
  if (first_token_seconds_ < 0) first_token_seconds_ = watch_.seconds();
  Choice& choice = choices_[index];
  ++choice.tokens;
  const bool thought = request_.chat && choice.splitter.thinking();
  if (thought) ++choice.reasoning_tokens;
  if (request_.logprobs) add_logprobs(choice, token, thought);
  AnswerPart part;
  if (request_.chat) {
    part = choice.splitter.push(token.text);
  } else {
    part.content = token.text;
  }
  if (request_.tools) part.content = choice.tools.push(part.content);
  show(index, part);
  return wanted_;
}

void Completion::show(std::size_t index, const AnswerPart& part) {
  Choice& choice = choices_[index];
  if (!request_.stream) {
    choice.reasoning += part.reasoning;
    choice.content += part.content;
    return;
  }
  if (!request_.chat) {
    std::string text = std::exchange(choice.content, {}) + part.content;  // after the echo
    if (!text.empty()) stream_delta(index, std::move(text), "");
    return;
  }
  if (!part.reasoning.empty()) {
    stream_delta(index, {{"reasoning_content", part.reasoning}}, "");
  }
  if (!part.content.empty()) stream_delta(index, {{"content", part.content}}, "");
}

void Completion::add_logprobs(Choice& choice, const GeneratedToken& token, bool thought) const {
  const Tokenizer& tokenizer = model_.tokenizer;
  const Sample& sample = token.sample;
  if (tokenizer.ends_generation(sample.id)) return;
  if (request_.chat) {
    Json entry = token_json(tokenizer, sample);
    Json& top = entry["top_logprobs"] = Json::array();
    for (const TokenProbability& other : possible(sample.top))
      top.push_back(token_json(tokenizer, other));
    choice.logprobs[thought ? "reasoning_content" : "content"].push_back(std::move(entry));
    return;
  }
  const std::string text(tokenizer.token_bytes(sample.id));
  choice.logprobs["tokens"].push_back(text);
  choice.logprobs["token_logprobs"].push_back(static_cast<double>(sample.logprob));
  Json top = Json::object();
  for (const TokenProbability& other : possible(sample.top)) {
    top[std::string(tokenizer.token_bytes(other.id))] = static_cast<double>(other.logprob);
  }
  choice.logprobs["top_logprobs"].push_back(std::move(top));
  choice.logprobs["text_offset"].push_back(choice.text_offset);
  choice.text_offset += text.size();
}

/// What all objects that are sent begin with.
Json Completion::frame(bool chunk) const {
  const char* object =
      request_.chat ? (chunk ? "chat.completion.chunk" : "chat.completion") : "text_completion";
  return {{"id", id_},
          {"object", object},
          {"created", created_},
          {"model", request_.model},
          {"system_fingerprint", "r1"}};
}

void Completion::stream_delta(std::size_t index, Json delta, const std::string& finish_reason) {
  Choice& choice = choices_[index];
  Json event = frame(true);
  Json entry = {{"index", index}};
  if (request_.chat) {
    if (!std::exchange(choice.begun, true)) {
      Json first = {{"role", "assistant"}};
      first.update(delta);
      delta = std::move(first);
    }
    entry["delta"] = std::move(delta);
  } else {
    entry["text"] = std::move(delta);
  }
  entry["logprobs"] = std::exchange(choice.logprobs, nullptr);
  entry["finish_reason"] = finish_reason.empty() ? Json() : Json(finish_reason);
  event["choices"] = Json::array({std::move(entry)});
  if (request_.include_usage) event["usage"] = nullptr;
  wanted_ = send_event(event) && wanted_;
}

bool Completion::send_event(const Json& event) {
  begin_stream();
  return reply_->write("data: " + json_text(event) + "\n\n");
}

void Completion::finish(std::size_t request, const std::vector<Answer>& answers,
                        const std::exception_ptr& failure) {
  if (ended_) return;
  if (failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      return fail(ApiError(500, error.what(), "engine_error"));
    }
  }
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].finish_reason == "cancelled" && wanted_) {
      return fail(ApiError(503, "the answer was cancelled", "cancelled"));
    }
    finish_choice(request * answers_each_ + i, answers[i].finish_reason);
  }
  prompt_tokens_ += answers.front().prompt_tokens;
  reused_tokens_ += answers.front().reused_tokens;
  if (--open_requests_ == 0) finish_all();
}

void Completion::finish_choice(std::size_t index, const std::string& reason) {
  Choice& choice = choices_[index];
  if (request_.chat) {
    AnswerPart part = choice.splitter.flush();
    if (request_.tools) part.content = choice.tools.push(part.content) + choice.tools.flush();
    show(index, part);
  }
  choice.finish_reason = choice.tools.calls().empty() ? reason : "tool_calls";
  if (!request_.stream) return;
  if (!choice.tools.calls().empty()) {
    stream_delta(index, {{"tool_calls", choice.tools.calls()}}, "");
  }
  if (request_.chat) {
    stream_delta(index, Json::object(), choice.finish_reason);
  } else {
    stream_delta(index, std::exchange(choice.content, {}), choice.finish_reason);
  }
}

Json Completion::usage() const {
  std::int64_t tokens = 0, reasoning = 0;
  for (const Choice& choice : choices_) {
    tokens += choice.tokens;
    reasoning += choice.reasoning_tokens;
  }
  return {{"prompt_tokens", prompt_tokens_},
          {"completion_tokens", tokens},
          {"total_tokens", prompt_tokens_ + tokens},
          {"prompt_tokens_details", {{"cached_tokens", reused_tokens_}}},
          {"completion_tokens_details", {{"reasoning_tokens", reasoning}}},
          {"prompt_cache_hit_tokens", reused_tokens_},
          {"prompt_cache_miss_tokens", prompt_tokens_ - reused_tokens_}};
}

Json Completion::whole_choice(std::size_t index) {
  Choice& choice = choices_[index];
  Json entry = {{"index", index}};
  if (request_.chat) {
    Json message = {{"role", "assistant"}, {"content", choice.content}};
    if (!choice.reasoning.empty()) message["reasoning_content"] = choice.reasoning;
    if (!choice.tools.calls().empty()) {
      if (choice.content.empty()) message["content"] = nullptr;
      for (Json call : choice.tools.calls()) {
        call.erase("index");
        message["tool_calls"].push_back(std::move(call));
      }
    }
    entry["message"] = std::move(message);
  } else {
    entry["text"] = choice.content;
  }
  entry["logprobs"] = std::move(choice.logprobs);
  entry["finish_reason"] = choice.finish_reason;
  return entry;
}

void Completion::finish_all() {
  ended_ = true;
  if (request_.stream) {
    if (request_.include_usage) {
      Json event = frame(true);
      event["choices"] = Json::array();
      event["usage"] = usage();
      send_event(event);
    }
    begin_stream();
    reply_->write("data: [DONE]\n\n");
    reply_->end();
  } else {
    Json answer = frame(false);
    answer["choices"] = Json::array();
    for (std::size_t i = 0; i < choices_.size(); ++i) answer["choices"].push_back(whole_choice(i));
    answer["usage"] = usage();
    reply_->send({200, {{"Content-Type", "application/json"}}, json_text(answer)});
  }
  report(200);
}

void Completion::fail(const ApiError& error) {
  ended_ = true;
  if (request_.stream) {
    begin_stream();
    reply_->write("data: " + error.json() + "\n\n");
    reply_->end();
  } else {
    reply_->send(error.answer());
  }
  report(error.status());
}

void Completion::report(int status) {
  if (!on_report_) return;
  CompletionReport report{.status = status,
                          .prompt_tokens = prompt_tokens_,
                          .reused_tokens = reused_tokens_,
                          .first_token_seconds = first_token_seconds_};
  report.seconds = watch_.seconds();
  for (const Choice& choice : choices_) report.tokens += choice.tokens;
  report.finish_reason = wanted_ ? choices_.front().finish_reason : "gone";
  on_report_(report);
}

}  // namespace r1::serve
