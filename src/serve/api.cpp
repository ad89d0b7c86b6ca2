#include "serve/api.h"

#include <ctime>
#include <utility>

#include "base/characters.h"
#include "base/error.h"
#include "formats/json.h"
#include "serve/openapi.h"
#include "serve/page.h"
#include "serve/tls_advice.h"

namespace r1::serve {
namespace {

using Json = nlohmann::ordered_json;

/// Adds headers to the answer that goes through it.
class ReplyWithHeaders : public HttpReply {
 public:
  ReplyWithHeaders(std::shared_ptr<HttpReply> reply, HttpHeaders headers)
      : reply_(std::move(reply)), headers_(std::move(headers)) {}
  void send(HttpAnswer answer) override { reply_->send(with_headers(std::move(answer))); }
  void begin(HttpAnswer head, std::string idle_piece) override {
    reply_->begin(with_headers(std::move(head)), std::move(idle_piece));
  }
  bool write(std::string piece) override { return reply_->write(std::move(piece)); }
  void end() override { reply_->end(); }
  void on_gone(std::function<void()> callback) override { reply_->on_gone(std::move(callback)); }

 private:
  HttpAnswer with_headers(HttpAnswer answer) const {
    answer.headers.insert(answer.headers.end(), headers_.begin(), headers_.end());
    return answer;
  }
  std::shared_ptr<HttpReply> reply_;
  HttpHeaders headers_;
};

bool is_json(const std::string* content_type) {
  if (content_type == nullptr) return false;
  constexpr std::string_view wanted = "application/json";
  std::string kind = content_type->substr(0, content_type->find(';'));
  while (!kind.empty() && kind.back() == ' ') kind.pop_back();
  return lower_case(kind) == wanted;
}

/// "/v1/models" and "/beta/models" are "/models".
std::string plain_path(const std::string& path) {
  for (const std::string_view prefix : {"/v1/", "/beta/"}) {
    if (path.starts_with(prefix)) return path.substr(prefix.size() - 1);
  }
  return path;
}

HttpAnswer json_answer(const Json& json) {
  return {200, {{"Content-Type", "application/json"}}, json_text(json)};
}

}  // namespace

Api::Api(ServedModel model, EngineThread& engine, AccessOptions access, const Log& log)
    : model_(std::move(model)),
      engine_(engine),
      access_(std::move(access)),
      log_(log),
      started_(std::time(nullptr)) {}

Api::Route Api::route_of(const std::string& path) {
  if (path == "/health") return {.method = "GET", .get = &Api::get_health, .open = true};
  if (path == "/metrics") return {.method = "GET", .get = &Api::get_metrics};
  if (path == kAuthorityPath) return {.method = "GET", .get = &Api::get_authority, .open = true};
  if (path == "/openapi.json") return {.method = "GET", .get = &Api::get_openapi, .open = true};
  if (path == "/models" || path.starts_with("/models/")) {
    return {.method = "GET", .get = &Api::get_models};
  }
  if (path == "/chat/completions") return {.method = "POST", .parse = parse_chat_request};
  if (path == "/completions") return {.method = "POST", .parse = parse_text_request};
  return {};
}

HttpAnswer Api::error(int status, std::string_view message) {
  metrics_.count_answer("", status);
  return ApiError(status, std::string(message), "").answer();
}

HttpAnswer Api::refused(const HttpRequest& head, HttpAnswer answer) {
  const HttpHeaders cors = access_.cors_headers(head);
  answer.headers.insert(answer.headers.end(), cors.begin(), cors.end());
  const std::string path = plain_path(head.path);
  metrics_.count_answer(route_of(path).method.empty() ? "" : path, answer.status);
  log_.write("refused", {{"client", head.client},
                         {"method", head.method.substr(0, 20)},
                         {"path", head.path.substr(0, 200)},
                         {"status", answer.status}});
  return answer;
}

std::optional<HttpAnswer> Api::refuse(const HttpRequest& head) {
  if (auto answer = access_.refuse_origin(head)) return refused(head, std::move(*answer));
  if (head.method == "OPTIONS") {
    HttpAnswer answer{204, access_.cors_headers(head), ""};
    if (!answer.headers.empty()) return answer;
  }
  const bool page = find_page_file(page_files(), head.path) != nullptr;
  const Route route = page ? Route{.method = "GET", .open = true} : route_of(plain_path(head.path));
  if (route.method.empty()) {
    return refused(head, ApiError(404, "there is nothing at this path", "not_found").answer());
  }
  const bool asks =
      head.method == route.method || (head.method == "HEAD" && route.parse == nullptr);
  if (!asks) {
    HttpAnswer answer =
        ApiError(405, "only " + route.method + " is possible here", "wrong_method").answer();
    answer.headers.emplace_back("Allow", route.method);
    return refused(head, std::move(answer));
  }
  if (!route.open) {
    if (auto answer = access_.refuse_key(head)) return refused(head, std::move(*answer));
  }
  if (route.parse != nullptr && !is_json(head.header("content-type"))) {
    return refused(
        head,
        ApiError(415, "the header Content-Type must be application/json", "wrong_type").answer());
  }
  if (route.parse != nullptr && draining_) {
    return refused(head, ApiError(503, "the server is stopping", "stopping").answer());
  }
  return std::nullopt;
}

void Api::handle(const HttpRequest& request, std::shared_ptr<HttpReply> reply) {
  if (HttpHeaders cors = access_.cors_headers(request); !cors.empty()) {
    reply = std::make_shared<ReplyWithHeaders>(std::move(reply), std::move(cors));
  }
  if (const PageFile* file = find_page_file(page_files(), request.path)) {
    HttpAnswer answer = page_answer(*file, request);
    metrics_.count_answer("/", answer.status);
    return reply->send(std::move(answer));
  }
  const std::string path = plain_path(request.path);
  const Route route = route_of(path);
  HttpAnswer answer;
  try {
    if (route.parse != nullptr) return complete(request, route, reply);
    answer = (this->*route.get)(path);
  } catch (const ApiError& error) {
    answer = error.answer();
  } catch (const Error& error) {
    answer = ApiError("", error.what()).answer();
  } catch (const std::exception& error) {
    answer = ApiError(500, error.what(), "internal_error").answer();
  }
  metrics_.count_answer(path.starts_with("/models/") ? "/models" : path, answer.status);
  log_.write("answer", {{"client", request.client}, {"path", path}, {"status", answer.status}});
  reply->send(std::move(answer));
}

void Api::complete(const HttpRequest& request, const Route& route,
                   std::shared_ptr<HttpReply> reply) {
  const std::string path = plain_path(request.path);
  const auto report = [this, path, client = request.client](const CompletionReport& done) {
    metrics_.count_answer(path, done.status);
    metrics_.count_request(done.seconds);
    if (done.first_token_seconds >= 0) metrics_.count_first_token(done.first_token_seconds);
    log_.write("answer", {{"client", client},
                          {"path", path},
                          {"status", done.status},
                          {"prompt_tokens", done.prompt_tokens},
                          {"reused_tokens", done.reused_tokens},
                          {"tokens", done.tokens},
                          {"first_token_seconds", done.first_token_seconds},
                          {"seconds", done.seconds},
                          {"finish_reason", done.finish_reason}});
  };
  const auto completion = std::make_shared<Completion>(model_, route.parse(request.body, model_),
                                                       std::move(reply), report);
  completion->start(engine_);
}

HttpAnswer Api::get_health(const std::string&) const {
  return json_answer({{"status", draining_ ? "stopping" : "ok"}});
}

HttpAnswer Api::get_metrics(const std::string&) const {
  return {200,
          {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
          metrics_.text(engine_.load(), connections())};
}

HttpAnswer Api::get_models(const std::string& path) const {
  const auto describe = [&](const std::string& id) {
    return Json{{"id", id},
                {"object", "model"},
                {"created", started_},
                {"owned_by", "r1"},
                {"context_length", model_.context_length}};
  };
  const std::string_view prefix = "/models/";
  if (path.starts_with(prefix)) {
    const std::string id = path.substr(prefix.size());
    if (!model_.is_called(id)) {
      throw ApiError(404, "the model `" + id + "` is not here", "model_not_found", "model");
    }
    return json_answer(describe(id));
  }
  Json list = Json::array({describe(model_.id)});
  for (const std::string& alias : model_.aliases) list.push_back(describe(alias));
  return json_answer({{"object", "list"}, {"data", std::move(list)}});
}

HttpAnswer Api::get_authority(const std::string&) const {
  if (authority.empty())
    throw ApiError(404, "this server has no authority of its own", "not_found");
  return authority_answer(authority);
}

HttpAnswer Api::get_openapi(const std::string&) const {
  return {200, {{"Content-Type", "application/json"}}, std::string(openapi_document())};
}

}  // namespace r1::serve
