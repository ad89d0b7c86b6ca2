#include "serve/completion_request.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <random>
#include <utility>

#include "base/error.h"
#include "formats/json.h"
#include "generate/json_grammar.h"
#include "serve/api_error.h"
#include "serve/chat_prompt.h"
#include "serve/fields.h"

namespace r1::serve {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kMostAnswers = 128, kMostPrompts = 256;
constexpr std::size_t kMostKeys = 1000, kMostStops = 16, kLongestStop = 1000;

Json parse_body(std::string_view body) {
  try {
    return parse_ordered_json(body, "the request", kMostKeys);
  } catch (const Error& error) {
    throw ApiError("", error.what());
  }
}

std::uint64_t any_seed() {
  thread_local std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

std::string checked_model(const Fields& fields, const ServedModel& model) {
  std::string name = fields.text("model").value_or(model.id);
  if (model.is_called(name)) return name;
  throw ApiError(404, "the model `" + name + "` is not here; this server has `" + model.id + "`",
                 "model_not_found", "model");
}

/// OpenAI's object of biases by token id.
std::vector<std::pair<int, float>> read_logit_bias(const Fields& fields, const ServedModel& model) {
  std::vector<std::pair<int, float>> biases;
  const Json* given = fields.object("logit_bias");
  if (given == nullptr) return biases;
  for (const auto& [name, value] : given->items()) {
    int id = -1;
    const char* end = name.data() + name.size();
    const auto read = std::from_chars(name.data(), end, id);
    const bool known =
        read.ec == std::errc() && read.ptr == end && id >= 0 && id < model.tokenizer.vocab_size();
    if (!known || !value.is_number() || std::fabs(value.get<double>()) > 100) {
      throw ApiError("logit_bias", "logit_bias must hold numbers from -100 to 100 by token ids");
    }
    biases.emplace_back(id, value.get<float>());
  }
  return biases;
}

GenerateOptions read_options(const Fields& fields, const ServedModel& model) {
  GenerateOptions options = model.defaults;
  SamplingOptions& sampling = options.sampling;
  sampling.temperature = fields.number("temperature", 0, 2).value_or(sampling.temperature);
  if (sampling.temperature < 1e-3) sampling.temperature = 0;
  sampling.top_p = std::max(1e-6, fields.number("top_p", 0, 1).value_or(sampling.top_p));
  sampling.top_k = static_cast<int>(fields.integer("top_k", -1, 1 << 30).value_or(sampling.top_k));
  sampling.top_k = std::max(0, sampling.top_k);
  sampling.min_p = fields.number("min_p", 0, 1).value_or(sampling.min_p);
  sampling.presence_penalty =
      fields.number("presence_penalty", -2, 2).value_or(sampling.presence_penalty);
  sampling.frequency_penalty =
      fields.number("frequency_penalty", -2, 2).value_or(sampling.frequency_penalty);
  sampling.repetition_penalty =
      fields.number("repetition_penalty", 0.01, 100).value_or(sampling.repetition_penalty);
  const auto seed = fields.integer("seed", INT64_MIN, INT64_MAX);
  sampling.seed = seed ? static_cast<std::uint64_t>(*seed) : any_seed();
  constexpr std::int64_t kMost = 1 << 30;
  options.max_tokens =
      fields.integer("max_completion_tokens", 1, kMost)
          .value_or(fields.integer("max_tokens", 1, kMost).value_or(options.max_tokens));
  options.stop = fields.texts("stop", kMostStops);
  for (const std::string& stop : options.stop) {
    if (stop.empty() || stop.size() > kLongestStop) {
      throw ApiError("stop", "stop must hold texts of 1 to 1000 bytes");
    }
  }
  sampling.logit_bias = read_logit_bias(fields, model);
  return options;
}

void read_stream(const Fields& fields, CompletionRequest& request) {
  request.stream = fields.boolean("stream").value_or(false);
  if (const Json* options = fields.object("stream_options")) {
    if (!request.stream) throw ApiError("stream_options", "stream_options needs stream");
    request.include_usage =
        Fields(*options, "stream_options").boolean("include_usage").value_or(false);
  }
}

/// reasoning_effort, thinking_budget, and thinking as an object with a type and a budget.
void read_thinking(const Fields& fields, ChatPrompt& prompt, GenerateOptions& options) {
  if (const auto effort = fields.text("reasoning_effort")) {
    const std::vector<std::pair<std::string, std::int64_t>> budgets = {
        {"none", 0},      {"minimal", 256}, {"low", 1024},
        {"medium", 8192}, {"high", -1},     {"xhigh", -1}};
    const auto found = std::find_if(budgets.begin(), budgets.end(),
                                    [&](const auto& pair) { return pair.first == *effort; });
    if (found == budgets.end()) {
      throw ApiError("reasoning_effort",
                     "reasoning_effort must be none, minimal, low, medium, high or xhigh");
    }
    options.thinking_budget = found->second;
    if (*effort == "none") prompt.thinks = false;
  }
  if (const Json* object = fields.object("thinking")) {
    const Fields thinking(*object, "thinking");
    const std::string type = thinking.text("type").value_or("enabled");
    if (type != "enabled" && type != "disabled") {
      throw ApiError("thinking.type", "thinking.type must be enabled or disabled");
    }
    prompt.thinks = type == "enabled";
    if (const auto budget = thinking.integer("budget_tokens", 0, 1 << 30)) {
      options.thinking_budget = *budget;
    }
  }
  if (const auto budget = fields.integer("thinking_budget", 0, 1 << 30)) {
    options.thinking_budget = *budget;
  }
}

void read_chat_logprobs(const Fields& fields, CompletionRequest& request,
                        GenerateOptions& options) {
  request.logprobs = fields.boolean("logprobs").value_or(false);
  const auto top = fields.integer("top_logprobs", 0, 20);
  if (top && !request.logprobs) throw ApiError("top_logprobs", "top_logprobs needs logprobs");
  request.top_logprobs = static_cast<int>(top.value_or(0));
  options.top_logprobs = request.top_logprobs;
}

/// The grammar of JSON answers.
void read_response_format(const Fields& fields, const ServedModel& model,
                          GenerateOptions& options) {
  const Json* object = fields.object("response_format");
  if (object == nullptr) return;
  const std::string name = "response_format";
  const Fields format(*object, name);
  const std::string type = format.text("type").value_or("");
  if (type == "text") return;
  options.grammar.tree = model.tree;
  if (type == "json_object") {
    options.grammar.grammar = json_object_grammar();
    return;
  }
  if (type != "json_schema") {
    throw ApiError(name + ".type", name + ".type must be text, json_object or json_schema");
  }
  const Json* wrapper = format.object("json_schema");
  const Json* schema =
      wrapper == nullptr ? nullptr : Fields(*wrapper, name + ".json_schema").object("schema");
  if (schema == nullptr) {
    throw ApiError(name + ".json_schema.schema", name + ".json_schema.schema is missing");
  }
  try {
    options.grammar.grammar = json_schema_grammar(*schema);
  } catch (const Error& error) {
    throw ApiError(name + ".json_schema.schema", error.what());
  }
}

std::vector<int> encode(const ServedModel& model, const std::string& text,
                        const EncodeOptions& options, const char* field) {
  std::vector<int> ids = model.tokenizer.encode(text, options);
  if (static_cast<std::int64_t>(ids.size()) < model.context_length) return ids;
  throw ApiError(400,
                 "this has " + std::to_string(ids.size()) + " tokens, and the context holds " +
                     std::to_string(model.context_length) + ", the answer included",
                 "context_length_exceeded", field);
}

std::vector<int> read_ids(const Json& list, const ServedModel& model) {
  std::vector<int> ids;
  for (const Json& id : list) {
    if (!id.is_number_integer() || id < 0 || id >= model.tokenizer.vocab_size()) {
      throw ApiError("prompt", "prompt holds what is no token of the model");
    }
    ids.push_back(id.get<int>());
  }
  if (ids.empty()) throw ApiError("prompt", "prompt is empty");
  if (static_cast<std::int64_t>(ids.size()) >= model.context_length) {
    throw ApiError(400, "prompt is longer than the context", "context_length_exceeded", "prompt");
  }
  return ids;
}

/// A text, ids, or a list of either.
void read_prompts(const Fields& fields, const ServedModel& model, CompletionRequest& request) {
  const Json* prompt = fields.find("prompt");
  if (prompt == nullptr) throw ApiError("prompt", "prompt is missing");
  const auto add = [&](std::vector<int> ids, std::string text) {
    request.requests.push_back({.prompt = std::move(ids), .options = {}});
    request.echo.push_back(std::move(text));
  };
  const auto add_text = [&](const Json& text) {
    auto ids = encode(model, text.get<std::string>(), {}, "prompt");
    if (ids.empty()) throw ApiError("prompt", "prompt is empty");
    add(std::move(ids), text.get<std::string>());
  };
  const auto add_ids = [&](const Json& list) {
    auto ids = read_ids(list, model);
    std::string text = model.tokenizer.decode(ids);
    add(std::move(ids), std::move(text));
  };
  if (prompt->is_string()) return add_text(*prompt);
  if (!prompt->is_array()) {
    throw ApiError("prompt", "prompt must be a text, a list of token ids, or a list of those");
  }
  if (!prompt->empty() && prompt->front().is_number()) return add_ids(*prompt);
  if (prompt->empty() || static_cast<std::int64_t>(prompt->size()) > kMostPrompts) {
    throw ApiError("prompt", "prompt must hold 1 to 256 prompts");
  }
  for (const Json& one : *prompt) {
    if (one.is_string()) {
      add_text(one);
    } else if (one.is_array()) {
      add_ids(one);
    } else {
      throw ApiError("prompt", "prompt must hold texts or lists of token ids");
    }
  }
}

}  // namespace

bool ServedModel::is_called(const std::string& name) const {
  return name == id || std::find(aliases.begin(), aliases.end(), name) != aliases.end();
}

CompletionRequest parse_chat_request(std::string_view body, const ServedModel& model) {
  const Json json = parse_body(body);
  const Fields fields(json, "");
  CompletionRequest request{.chat = true};
  request.model = checked_model(fields, model);
  read_stream(fields, request);
  GenerateOptions options = read_options(fields, model);
  read_chat_logprobs(fields, request, options);
  read_response_format(fields, model, options);
  if (!model.chat_template) {
    throw ApiError(400, "this model has no chat template; ask /v1/completions", "no_chat_template");
  }
  ChatPrompt prompt = read_chat(fields, model);
  request.tools = !prompt.request.tools.is_null();
  read_thinking(fields, prompt, options);
  const ChatPrompt::Rendered rendered = prompt.render(*model.chat_template);
  options.starts_in_thinking = rendered.in_thinking;
  request.requests.push_back(
      {.prompt =
           encode(model, rendered.text, {.add_special = false, .parse_special = true}, "messages"),
       .options = std::move(options),
       .count = static_cast<std::size_t>(fields.integer("n", 1, kMostAnswers).value_or(1))});
  return request;
}

CompletionRequest parse_text_request(std::string_view body, const ServedModel& model) {
  const Json json = parse_body(body);
  const Fields fields(json, "");
  CompletionRequest request;
  request.model = checked_model(fields, model);
  read_stream(fields, request);
  GenerateOptions options = read_options(fields, model);
  if (!fields.find("max_tokens") && !fields.find("max_completion_tokens")) options.max_tokens = 16;
  if (const auto logprobs = fields.integer("logprobs", 0, 20)) {
    request.logprobs = true;
    request.top_logprobs = options.top_logprobs = static_cast<int>(*logprobs);
  }
  if (fields.text("suffix")) throw ApiError("suffix", "suffix is not supported");
  const std::int64_t count = fields.integer("n", 1, kMostAnswers).value_or(1);
  if (fields.integer("best_of", 1, kMostAnswers).value_or(count) != count) {
    throw ApiError("best_of", "best_of must be n");
  }
  const bool echo = fields.boolean("echo").value_or(false);
  read_prompts(fields, model, request);
  if (count * static_cast<std::int64_t>(request.requests.size()) > kMostPrompts) {
    throw ApiError("n", "n times the number of prompts must be at most 256");
  }
  if (!echo) request.echo.clear();
  for (std::size_t i = 0; i < request.requests.size(); ++i) {
    request.requests[i].options = options;
    request.requests[i].count = static_cast<std::size_t>(count);
    request.requests[i].first_stream = i * static_cast<std::size_t>(count);
  }
  return request;
}

}  // namespace r1::serve
