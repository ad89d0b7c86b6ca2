// A client's connection, over TLS or not; included only by the connection, as it brings Beast
// along.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <optional>
#include <utility>

namespace r1::serve {

/// Reads and writes through TLS once it was accepted. What Asio asks of an asynchronous stream.
class ClientStream {
 public:
  using executor_type = boost::beast::tcp_stream::executor_type;
  explicit ClientStream(boost::asio::ip::tcp::socket socket) : tcp_(std::move(socket)) {}

  executor_type get_executor() { return tcp_.get_executor(); }
  /// The connection underneath, with its time-outs.
  boost::beast::tcp_stream& tcp() { return tcp_; }

  /// `begun`: bytes of the client's greeting that were read already.
  template <typename Handler>
  void accept_tls(boost::asio::ssl::context& context, boost::beast::flat_buffer& begun,
                  Handler handler) {
    tls_.emplace(tcp_, context);
    tls_->async_handshake(boost::asio::ssl::stream_base::server, begun.data(),
                          [&begun, handler = std::move(handler)](boost::system::error_code error,
                                                                 std::size_t used) mutable {
                            begun.consume(used);
                            handler(error);
                          });
  }
  /// Tells a client over TLS that nothing more comes, then calls back.
  template <typename Handler>
  void say_farewell(Handler handler) {
    if (!tls_) return handler();
    tls_->async_shutdown(
        [handler = std::move(handler)](boost::system::error_code) mutable { handler(); });
  }

  template <typename Buffers, typename Handler>
  void async_read_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) {
      tls_->async_read_some(buffers, std::forward<Handler>(handler));
    } else {
      tcp_.async_read_some(buffers, std::forward<Handler>(handler));
    }
  }
  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler&& handler) {
    if (tls_) {
      tls_->async_write_some(buffers, std::forward<Handler>(handler));
    } else {
      tcp_.async_write_some(buffers, std::forward<Handler>(handler));
    }
  }

 private:
  boost::beast::tcp_stream tcp_;
  std::optional<boost::asio::ssl::stream<boost::beast::tcp_stream&>> tls_;
};

}  // namespace r1::serve
