#include "serve/metrics.h"

#include <algorithm>
#include <cstdio>

namespace r1::serve {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

void write(std::string& text, const std::string& name, const char* type, const char* help,
           std::int64_t value) {
  text += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n" + name + " " +
          std::to_string(value) + "\n";
}

}  // namespace

void Metrics::Histogram::add(double seconds) {
  const auto at = std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin();
  ++counts[static_cast<std::size_t>(at)];
  sum += seconds;
}

void Metrics::Histogram::write(std::string& text, const char* name, const char* help) const {
  const std::string is(name);
  text += "# HELP " + is + " " + help + "\n# TYPE " + is + " histogram\n";
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    total += counts[i];
    const std::string bound = i < kBounds.size() ? number(kBounds[i]) : "+Inf";
    text.append(is).append("_bucket{le=\"").append(bound).append("\"} ");
    text.append(std::to_string(total)).append("\n");
  }
  text += is + "_sum " + number(sum) + "\n" + is + "_count " + std::to_string(total) + "\n";
}

void Metrics::count_answer(const std::string& path, int status) {
  const std::lock_guard lock(mutex_);
  ++answers_[{path, status}];
}

void Metrics::count_first_token(double seconds) {
  const std::lock_guard lock(mutex_);
  first_token_.add(seconds);
}

void Metrics::count_request(double seconds) {
  const std::lock_guard lock(mutex_);
  request_.add(seconds);
}

std::string Metrics::text(const EngineLoad& load, std::size_t connections) const {
  std::string text;
  write(text, "r1_connections", "gauge", "Open connections.",
        static_cast<std::int64_t>(connections));
  write(text, "r1_requests_in_work", "gauge", "Requests taken and not yet answered.",
        load.requests);
  write(text, "r1_sequences", "gauge", "Answers begun and not yet ended.", load.sequences);
  write(text, "r1_sequences_in_cache", "gauge", "Of those, the ones being computed.",
        load.computed);
  write(text, "r1_cache_pages", "gauge", "Pages of the cache, of 128 tokens each.", load.pages);
  write(text, "r1_cache_pages_in_use", "gauge", "Pages in use.", load.pages_in_use);
  write(text, "r1_cache_pages_kept", "gauge", "Pages kept of earlier texts.", load.pages_kept);
  write(text, "r1_prompt_tokens_total", "counter", "Tokens of prompts computed.",
        load.prompt_tokens);
  write(text, "r1_reused_tokens_total", "counter", "Tokens of prompts found in the cache.",
        load.reused_tokens);
  write(text, "r1_generated_tokens_total", "counter", "Tokens generated.", load.generated_tokens);
  write(text, "r1_preemptions_total", "counter", "Answers put off for want of memory.",
        load.preemptions);
  const std::lock_guard lock(mutex_);
  first_token_.write(text, "r1_time_to_first_token_seconds", "From a request to its first token.");
  request_.write(text, "r1_request_seconds", "From a request to the end of its answer.");
  text += "# HELP r1_answers_total HTTP answers.\n# TYPE r1_answers_total counter\n";
  for (const auto& [key, count] : answers_) {
    text += "r1_answers_total{path=\"" + key.first + "\",status=\"" + std::to_string(key.second) +
            "\"} " + std::to_string(count) + "\n";
  }
  return text;
}

}  // namespace r1::serve
