#include "serve/http_connection.h"

#include <poll.h>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/detect_ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdio>
#include <deque>
#include <utility>

#include "base/characters.h"
#include "serve/client_stream.h"

namespace r1::serve {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;
using std::chrono::seconds;

namespace {

std::string chunk_of(const std::string& piece) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
  return size + piece + "\r\n";
}

class Reply;

/// All members are used on the socket's strand only.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, std::shared_ptr<ConnectionList> list)
      : list_(std::move(list)),
        stream_(std::move(socket)),
        idle_(stream_.get_executor()),
        deadline_(stream_.get_executor()),
        hangup_(stream_.get_executor()) {}
  ~Connection() {
    release_body();
    list_->remove(this);
  }

  void start();
  /// Runs `action` on the strand.
  template <typename Action>
  void post(Action action) {
    asio::post(stream_.get_executor(), [self = shared_from_this(),
                                        action = std::move(action)]() mutable { action(*self); });
  }

  void begin_answer(const HttpAnswer& head, bool whole, std::string idle_piece);
  void add_piece(std::string piece);
  void end_answer();
  void close();

 private:
  enum class State : std::uint8_t { waiting, reading, answering, closing };
  using Parser = http::request_parser<http::string_body>;

  void begin();
  void detect_tls();
  void shake_hands();
  void read_head();
  void on_head(error_code error);
  bool reserve_body();
  void release_body() { list_->release_body(std::exchange(reserved_, 0)); }
  void read_body();
  void on_body(error_code error);
  void refuse(const HttpAnswer& answer);
  void refuse(int status, std::string_view message) { refuse(handler_->error(status, message)); }
  void watch();
  void watch_for_hangup();
  void handle();
  void enqueue(std::string bytes);
  void write_next();
  void on_written(error_code error, std::size_t size);
  void finish_answer();
  void linger();
  void end_sending();
  void discard();
  void wait_idle();

  const HttpLimits& limits() const { return list_->limits; }

  std::shared_ptr<ConnectionList> list_;
  ClientStream stream_;
  HttpHandler* handler_ = &list_->handler;
  beast::flat_buffer buffer_;
  std::unique_ptr<Parser> parser_;
  State state_ = State::waiting;
  HttpRequest request_;
  std::weak_ptr<Reply> reply_;
  bool keep_alive_ = false, chunked_ = false, ended_ = false, writing_ = false;
  std::deque<std::string> queue_;
  std::string idle_piece_;
  asio::steady_timer idle_, deadline_, hangup_;
  std::array<char, 4096> scrap_{};
  std::size_t scraps_ = 0;
  std::size_t reserved_ = 0;  // bytes of the body, of those that all connections share
};

/// What other threads hold of a connection, for one request.
class Reply : public HttpReply {
 public:
  explicit Reply(std::shared_ptr<Connection> connection, std::size_t most_queued)
      : connection_(std::move(connection)), most_queued_(most_queued) {}
  ~Reply() override {
    if (!ended_) connection_->post([](Connection& c) { c.close(); });
  }
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;

  void send(HttpAnswer answer) override {
    ended_ = true;
    connection_->post(
        [answer = std::move(answer)](Connection& c) { c.begin_answer(answer, true, {}); });
  }
  void begin(HttpAnswer head, std::string idle_piece) override {
    connection_->post(
        [head = std::move(head), idle_piece = std::move(idle_piece)](Connection& c) mutable {
          c.begin_answer(head, false, std::move(idle_piece));
        });
  }
  bool write(std::string piece) override {
    if (gone_ || ended_) return false;
    if (queued_.fetch_add(piece.size()) + piece.size() > most_queued_) {
      gone();
      connection_->post([](Connection& c) { c.close(); });
      return false;
    }
    connection_->post(
        [piece = std::move(piece)](Connection& c) mutable { c.add_piece(std::move(piece)); });
    return true;
  }
  void end() override {
    ended_ = true;
    connection_->post([](Connection& c) { c.end_answer(); });
  }
  void on_gone(std::function<void()> callback) override {
    {
      const std::lock_guard lock(mutex_);
      if (!gone_) {
        on_gone_ = std::move(callback);
        return;
      }
    }
    callback();
  }

  void gone() {
    std::function<void()> callback;
    {
      const std::lock_guard lock(mutex_);
      gone_ = true;
      callback.swap(on_gone_);
    }
    if (callback) callback();
  }
  void written(std::size_t size) { queued_ -= std::min(size, queued_.load()); }

 private:
  std::shared_ptr<Connection> connection_;
  std::size_t most_queued_;
  std::atomic<std::size_t> queued_ = 0;
  std::atomic<bool> gone_ = false, ended_ = false;
  std::mutex mutex_;
  std::function<void()> on_gone_;
};

void Connection::start() {
  list_->add(this, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) {
      self->post([](Connection& c) {
        if (c.state_ == State::waiting) c.close();
      });
    }
  });
  error_code ignored;
  stream_.tcp().socket().set_option(tcp::no_delay(true), ignored);
  asio::dispatch(stream_.get_executor(), [self = shared_from_this()] {
    if (self->list_->size() > self->limits().connections) {
      if (self->list_->tls) return self->close();
      self->refuse(503, "too many connections");
    } else {
      self->begin();
    }
  });
}

void Connection::begin() {
  if (list_->tls) return detect_tls();
  read_head();
}

/// What speaks plain HTTP to a server with TLS is shown the way by a handler of its own.
void Connection::detect_tls() {
  stream_.tcp().expires_after(seconds(limits().head_seconds));
  beast::async_detect_ssl(stream_.tcp(), buffer_,
                          [self = shared_from_this()](error_code error, bool is_tls) {
                            if (error) return self->close();
                            if (is_tls) return self->shake_hands();
                            self->handler_ = &self->list_->plain_handler;
                            self->read_head();
                          });
}

void Connection::shake_hands() {
  stream_.accept_tls(*list_->tls, buffer_, [self = shared_from_this()](error_code error) {
    if (error) return self->close();
    self->read_head();
  });
}

void Connection::close() {
  if (state_ == State::closing) return;
  state_ = State::closing;
  idle_.cancel();
  deadline_.cancel();
  hangup_.cancel();
  queue_.clear();
  error_code ignored;
  stream_.tcp().socket().close(ignored);
  if (const auto reply = reply_.lock()) reply->gone();
}

void Connection::read_head() {
  if (list_->stopping) return close();
  state_ = State::waiting;
  request_ = {};
  parser_ = std::make_unique<Parser>();
  parser_->header_limit(static_cast<std::uint32_t>(limits().header_bytes));
  parser_->body_limit(limits().body_bytes);
  stream_.tcp().expires_after(seconds(limits().head_seconds));
  http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](error_code error, std::size_t) { self->on_head(error); });
}

void Connection::on_head(error_code error) {
  if (state_ == State::closing) return;
  state_ = State::reading;
  keep_alive_ = false;
  if (error == http::error::header_limit) return refuse(431, "the request's head is too large");
  if (error == http::error::body_limit) return refuse(413, "the request's body is too large");
  if (error == http::error::end_of_stream || error == http::error::partial_message ||
      error == beast::error::timeout) {
    return close();
  }
  if (error && error.category() == make_error_code(http::error::bad_method).category()) {
    return refuse(400, "this is no HTTP request (" + error.message() + ")");
  }
  if (error) return close();
  const auto& message = parser_->get();
  const std::string target(message.target());
  const std::size_t question = target.find('?');
  request_.method = std::string(message.method_string());
  request_.path = target.substr(0, question);
  if (question != std::string::npos) request_.query = target.substr(question + 1);
  for (const auto& field : message) {
    request_.headers.emplace_back(
        lower_case(std::string_view(field.name_string().data(), field.name_string().size())),
        std::string(field.value()));
  }
  error_code ignored;
  const auto peer = stream_.tcp().socket().remote_endpoint(ignored);
  if (!ignored) request_.client = peer.address().to_string();
  if (message.version() != 10 && message.version() != 11) {
    return refuse(505, "HTTP/1.1 is spoken here");
  }
  chunked_ = message.version() == 11;
  if (const auto answer = handler_->refuse(request_)) return refuse(*answer);
  if (!reserve_body()) return refuse(503, "too many large requests at once");
  if (const std::string* expected = request_.header("expect")) {
    if (lower_case(*expected) != "100-continue") return refuse(417, "unknown expectation");
    static const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    stream_.tcp().expires_after(seconds(limits().write_seconds));
    asio::async_write(stream_, asio::buffer(go_on),
                      [self = shared_from_this()](error_code failed, std::size_t) {
                        if (failed) return self->close();
                        self->read_body();
                      });
    return;
  }
  read_body();
}

bool Connection::reserve_body() {
  const auto length = parser_->content_length();
  const std::size_t size = length               ? static_cast<std::size_t>(*length)
                           : parser_->chunked() ? limits().body_bytes
                                                : 0;
  if (!list_->reserve_body(size)) return false;
  reserved_ = size;
  return true;
}

void Connection::read_body() {
  stream_.tcp().expires_after(seconds(limits().body_seconds));
  http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](error_code error, std::size_t) { self->on_body(error); });
}

void Connection::on_body(error_code error) {
  if (state_ == State::closing) return;
  if (error == http::error::body_limit) return refuse(413, "the request's body is too large");
  if (error == beast::error::timeout) return close();
  if (error && error.category() == make_error_code(http::error::bad_method).category() &&
      error != http::error::partial_message) {
    return refuse(400, "the request's body is damaged (" + error.message() + ")");
  }
  if (error) return close();
  request_.body = std::move(parser_->get().body());
  keep_alive_ = parser_->get().keep_alive();
  stream_.tcp().expires_never();
  handle();
}

void Connection::handle() {
  state_ = State::answering;
  ended_ = false;
  const auto reply = std::make_shared<Reply>(shared_from_this(), limits().queued_bytes);
  reply_ = reply;
  deadline_.expires_after(seconds(limits().request_seconds));
  deadline_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->close();
  });
  watch();
  handler_->handle(request_, reply);
  request_.body = {};
  release_body();
}

/// Notices when the client leaves before its answer is complete.
void Connection::watch() {
  stream_.tcp().socket().async_wait(
      tcp::socket::wait_read, [self = shared_from_this()](error_code error) {
        if (error || self->state_ != State::answering) return;
        char byte = 0;
        error_code failed;
        self->stream_.tcp().socket().non_blocking(true, failed);
        const std::size_t size = self->stream_.tcp().socket().receive(
            asio::buffer(&byte, 1), tcp::socket::message_peek, failed);
        if (failed == asio::error::would_block) return self->watch();
        if (failed || size == 0) return self->close();
        self->watch_for_hangup();
      });
}

/// Bytes that came are the next request, which waits for its turn, or TLS's farewell: only whether
/// the client has closed its side still tells.
void Connection::watch_for_hangup() {
  hangup_.expires_after(seconds(1));
  hangup_.async_wait([self = shared_from_this()](error_code error) {
    if (error || self->state_ != State::answering) return;
    pollfd socket{self->stream_.tcp().socket().native_handle(), POLLRDHUP, 0};
    if (::poll(&socket, 1, 0) > 0) return self->close();
    self->watch_for_hangup();
  });
}

void Connection::refuse(const HttpAnswer& answer) {
  keep_alive_ = false;
  ended_ = false;
  state_ = State::answering;
  begin_answer(answer, true, {});
}

void Connection::begin_answer(const HttpAnswer& head, bool whole, std::string idle_piece) {
  if (state_ != State::answering) return;
  if (list_->stopping) keep_alive_ = false;
  if (!whole && !chunked_) keep_alive_ = false;
  std::string text =
      "HTTP/1.1 " + std::to_string(head.status) + " " +
      std::string(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(head.status)))) +
      "\r\n";
  for (const auto& [name, value] : head.headers) {
    text.append(name).append(": ").append(value).append("\r\n");
  }
  const bool bodiless = head.status == 204 || head.status == 304;
  if (whole && !bodiless) text += "Content-Length: " + std::to_string(head.body.size()) + "\r\n";
  if (!whole && chunked_) text += "Transfer-Encoding: chunked\r\n";
  text += keep_alive_ ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  if (whole && request_.method != "HEAD") text += head.body;
  ended_ = whole;
  enqueue(std::move(text));
  idle_piece_ = std::move(idle_piece);
  if (!whole && !idle_piece_.empty()) wait_idle();
}

void Connection::add_piece(std::string piece) {
  if (state_ != State::answering || ended_ || piece.empty()) return;
  if (!idle_piece_.empty()) wait_idle();
  enqueue(chunked_ ? chunk_of(piece) : std::move(piece));
}

void Connection::end_answer() {
  if (state_ != State::answering || ended_) return;
  ended_ = true;
  idle_.cancel();
  enqueue(chunked_ ? "0\r\n\r\n" : "");
}

void Connection::wait_idle() {
  idle_.expires_after(seconds(limits().idle_seconds));
  idle_.async_wait([self = shared_from_this()](error_code error) {
    if (error || self->state_ != State::answering || self->ended_) return;
    if (self->queue_.empty())
      self->enqueue(self->chunked_ ? chunk_of(self->idle_piece_) : self->idle_piece_);
    self->wait_idle();
  });
}

void Connection::enqueue(std::string bytes) {
  queue_.push_back(std::move(bytes));
  if (!writing_) write_next();
}

void Connection::write_next() {
  // Pieces that have gathered leave together.
  for (; queue_.size() > 1 && queue_.front().size() < 65536; queue_.pop_front()) {
    queue_[1].insert(0, queue_[0]);
  }
  writing_ = true;
  stream_.tcp().expires_after(seconds(limits().write_seconds));
  asio::async_write(stream_, asio::buffer(queue_.front()),
                    [self = shared_from_this()](error_code error, std::size_t size) {
                      self->on_written(error, size);
                    });
}

void Connection::on_written(error_code error, std::size_t size) {
  writing_ = false;
  if (state_ != State::answering) return;
  if (error) return close();
  if (const auto reply = reply_.lock()) reply->written(size);
  queue_.pop_front();
  if (!queue_.empty()) return write_next();
  stream_.tcp().expires_never();
  if (ended_) finish_answer();
}

void Connection::finish_answer() {
  idle_.cancel();
  deadline_.cancel();
  hangup_.cancel();
  reply_.reset();
  if (!keep_alive_) return linger();
  read_head();
}

/// Says that nothing more comes and reads on for a moment: closing while bytes arrive would take
/// the answer from the client.
void Connection::linger() {
  state_ = State::closing;
  stream_.tcp().expires_after(seconds(10));
  stream_.say_farewell([self = shared_from_this()] { self->end_sending(); });
}

void Connection::end_sending() {
  error_code ignored;
  stream_.tcp().socket().shutdown(tcp::socket::shutdown_send, ignored);
  discard();
}

void Connection::discard() {
  constexpr std::size_t kMost = 64 << 20;
  stream_.tcp().async_read_some(asio::buffer(scrap_),
                                [self = shared_from_this()](error_code error, std::size_t size) {
                                  self->scraps_ += size;
                                  if (error || self->scraps_ > kMost) return;
                                  self->discard();
                                });
}

}  // namespace

void ConnectionList::add(const void* connection, std::function<void()> close_if_idle) {
  const std::lock_guard lock(mutex_);
  connections_.emplace(connection, std::move(close_if_idle));
}

void ConnectionList::remove(const void* connection) {
  bool empty = false;
  {
    const std::lock_guard lock(mutex_);
    connections_.erase(connection);
    empty = connections_.empty();
  }
  if (empty && stopping && on_empty) on_empty();
}

bool ConnectionList::reserve_body(std::size_t bytes) {
  if (body_bytes_.fetch_add(bytes) + bytes <= limits.all_body_bytes) return true;
  body_bytes_ -= bytes;
  return false;
}

std::size_t ConnectionList::size() const {
  const std::lock_guard lock(mutex_);
  return connections_.size();
}

void ConnectionList::stop() {
  stopping = true;
  std::vector<std::function<void()>> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [connection, close] : connections_) all.push_back(close);
  }
  for (const auto& close : all) close();
  if (all.empty() && on_empty) on_empty();
}

void start_connection(tcp::socket socket, std::shared_ptr<ConnectionList> list) {
  std::make_shared<Connection>(std::move(socket), std::move(list))->start();
}

}  // namespace r1::serve
