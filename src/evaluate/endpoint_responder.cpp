#include "evaluate/endpoint_responder.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "base/error.h"
#include "evaluate/chat_completion.h"
#include "formats/json.h"
#include "net/http_client.h"

namespace r1::evaluate {
namespace {

constexpr std::int64_t kSilence = 600;               // seconds, of a stream
constexpr std::int64_t kSilenceOfWholes = 4 * 3600;  // of answers that come whole, when written
constexpr std::chrono::seconds kLongestWait{60};
constexpr std::chrono::seconds kLongestWished{900};  // by the server
constexpr std::size_t kLongestRefusal = 1 << 16;     // bytes of a server's message that are read
constexpr std::size_t kLongestFault = 500;           // those that are shown

bool may_pass(int status) {
  return status == 408 || status == 409 || status == 425 || status == 429 || status >= 500;
}

std::string base_of(std::string url) {
  for (const std::string_view end : {"/chat/completions", "/completions"}) {
    while (url.ends_with('/')) url.pop_back();
    if (url.ends_with(end)) url.resize(url.size() - end.size());
  }
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    throw Error("--endpoint", "\"" + url + "\" is no address of HTTP",
                "give one like http://127.0.0.1:8080/v1");
  }
  const std::size_t host = url.find("//") + 2, path = url.find('/', host);
  if (url.substr(host, path - host).find('@') != std::string::npos) {
    throw Error("--endpoint", "the address holds a password", "give a key with --api-key");
  }
  return path == std::string::npos ? url + "/v1" : url;
}

std::vector<std::string> headers_of(const std::string& key) {
  std::vector<std::string> headers = {"Content-Type: application/json"};
  if (!key.empty()) headers.push_back("Authorization: Bearer " + key);
  return headers;
}

/// What the server says of a request that it refused: OpenAI's form, or the text as it is.
std::string fault_in(const std::string& body) {
  try {
    const nlohmann::json object = parse_json(body, "answer");
    const nlohmann::json& error = object.at("error");
    return error.is_string() ? error.get<std::string>() : error.at("message").get<std::string>();
  } catch (const std::exception&) {
    return body.substr(0, body.find_first_of("\r\n"));
  }
}

/// "it answers 503: busy"
std::string fault_of(int status, const std::string& body) {
  std::string said = fault_in(body);
  if (said.size() > kLongestFault) said = said.substr(0, kLongestFault) + "...";
  return "it answers " + std::to_string(status) + (said.empty() ? "" : ": " + said);
}

/// The server's model: the one that is named, or the only one it has. Asks the server in any case,
/// so that one that isn't there is told at once.
std::string model_of(const Endpoint& endpoint) {
  const std::string url = endpoint.url + "/models";
  constexpr const char* kRemedy = "name the model with --endpoint-model";
  const net::HttpResponse response =
      net::HttpClient().send({.url = url, .headers = headers_of(endpoint.key)});
  if (!endpoint.model.empty()) return endpoint.model;
  if (response.status != 200) throw Error(url, fault_of(response.status, response.body), kRemedy);
  const nlohmann::json object = parse_json(response.body, url);
  std::vector<std::string> names;
  try {
    for (const nlohmann::json& model : object.at("data")) names.push_back(model.at("id"));
  } catch (const nlohmann::json::exception&) {
    throw Error(url, "it gives no list of models", kRemedy);
  }
  if (names.size() == 1) return names.front();
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  throw Error(url, "it offers " + (names.empty() ? "no model" : "several models: " + all), kRemedy);
}

/// The workers of one call of respond, and what they have done.
class Requests {
 public:
  Requests(const Endpoint& endpoint, const GenerateOptions& options, PromptForm form,
           const std::vector<Prompt>& prompts)
      : endpoint_(endpoint), options_(options), form_(form), prompts_(prompts) {
    const auto count =
        std::min<std::size_t>(static_cast<std::size_t>(endpoint.concurrency), prompts.size());
    workers_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) workers_.emplace_back([this] { work(); });
  }
  ~Requests() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
      changed_.notify_all();
    }
    for (std::thread& worker : workers_) worker.join();
  }
  Requests(const Requests&) = delete;
  Requests& operator=(const Requests&) = delete;

  /// Waits for the next answer; throws what a worker failed with.
  std::pair<Prompt, Response> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return failure_ || !answered_.empty(); });
    // What is there is worth keeping, whatever else failed.
    if (answered_.empty()) std::rethrow_exception(failure_);
    std::pair<Prompt, Response> first = std::move(answered_.front());
    answered_.pop_front();
    return first;
  }

 private:
  void work() {
    try {
      net::HttpClient client([this] { return stop_.load(); });
      for (std::size_t i = 0; (i = next_++) < prompts_.size() && !stop_;) {
        Response response = ask(client, prompts_[i]);
        const std::lock_guard lock(mutex_);
        answered_.emplace_back(prompts_[i], std::move(response));
        changed_.notify_all();
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      stop_ = true;
      changed_.notify_all();
    }
  }

  Response ask(net::HttpClient& client, const Prompt& prompt) {
    std::chrono::milliseconds wait = endpoint_.first_wait;
    for (int tried = 1;; ++tried) {
      Fault fault;
      if (std::optional<Response> response = try_once(client, prompt, fault)) {
        return *std::move(response);
      }
      if (stop_ || tried == endpoint_.tries || !fault.may_pass) {
        throw Error(endpoint_.url, fault.what, fault.may_pass ? "try again later" : "");
      }
      if (fault.wished) {
        if (*fault.wished > kLongestWished) {
          throw Error(endpoint_.url,
                      fault.what + " (it asks to wait for " +
                          std::to_string(fault.wished->count()) + " seconds)",
                      "run the same command again then");
        }
        pause(*fault.wished);
      } else {
        pause(wait);
        wait = std::min<std::chrono::milliseconds>(2 * wait, kLongestWait);
      }
    }
  }

  struct Fault {
    std::string what;
    bool may_pass = true;
    std::optional<std::chrono::seconds> wished;  // time to wait
  };

  std::optional<Response> try_once(net::HttpClient& client, const Prompt& prompt, Fault& fault) {
    const Dialect dialect = dialect_;
    const net::HttpRequest request{
        .url = endpoint_.url + (form_ == PromptForm::chat ? "/chat/completions" : "/completions"),
        .headers = headers_of(endpoint_.key),
        .body = completion_request(endpoint_.model, *prompt.text, options_,
                                   sample_seed(options_.sampling.seed, prompt), form_,
                                   endpoint_.stream, dialect),
        .silence_seconds = endpoint_.stream ? kSilence : kSilenceOfWholes};
    CompletionReader reader;
    std::string refusal;
    try {
      const net::HttpResponse response =
          client.send(request, [&](int status, std::string_view bytes) {
            if (status == 200) {
              reader.take(bytes);
            } else {
              refusal +=
                  bytes.substr(0, kLongestRefusal - std::min(refusal.size(), kLongestRefusal));
            }
            return true;
          });
      if (response.status == 200) {
        Response answer = reader.finish();
        if (answer.finish_reason != "insufficient_system_resource") return answer;
        fault.what = "it ran out of resources";
        return std::nullopt;
      }
      fault.what = fault_of(response.status, refusal);
      if (response.retry_after) fault.wished = std::chrono::seconds(*response.retry_after);
      const bool refused = response.status == 400 || response.status == 422;
      if (dialect != Dialect::openai && (refused || is_about_dialect(refusal))) {
        dialect_ = static_cast<Dialect>(static_cast<int>(dialect) + 1);
        fault.wished = std::chrono::seconds(0);
      } else {
        fault.may_pass = may_pass(response.status);
      }
    } catch (const Error& error) {  // no connection, or an answer that isn't whole
      fault.what = error.what();
    }
    return std::nullopt;
  }

  void pause(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, time, [&] { return stop_.load(); });
  }

  const Endpoint& endpoint_;
  const GenerateOptions& options_;
  PromptForm form_;
  const std::vector<Prompt>& prompts_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> stop_ = false;
  std::atomic<Dialect> dialect_ = Dialect::minus_one;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<Prompt, Response>> answered_;
  std::exception_ptr failure_;
  std::vector<std::thread> workers_;
};

}  // namespace

EndpointResponder::EndpointResponder(Endpoint endpoint, GenerateOptions options, PromptForm form)
    : endpoint_(std::move(endpoint)), options_(std::move(options)), form_(form) {
  endpoint_.url = base_of(endpoint_.url);
  endpoint_.model = model_of(endpoint_);
}

void EndpointResponder::respond(const std::vector<Prompt>& prompts, const OnResponse& on_response) {
  Requests requests(endpoint_, options_, form_, prompts);
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    const auto [prompt, response] = requests.next();
    on_response(prompt, response);
  }
}

}  // namespace r1::evaluate
