// Any bytes on a connection to the server, a small model behind it: they are answered or not, and
// when the client is gone, nothing is left of it.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <thread>

#include "serve/test_server.h"

namespace {

/// The first byte says how the others are sent: in how many pieces, and how the client leaves.
struct Manner {
  explicit Manner(std::uint8_t byte) : pieces(1 + byte % 4U), waits((byte & 0x10U) != 0) {}
  std::size_t pieces;
  bool waits;  // for the answer; else it closes at once
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const r1::serve::TestServer server(
      {.engine = {.context_length = 300, .cache_tokens = 1024, .sequences = 4},
       .limits = {.header_bytes = 4096, .body_bytes = 1 << 16, .queued_bytes = 1 << 16}});
  const Manner manner(data[0]);
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  {
    r1::serve::Client client(server.port());
    const std::size_t piece = bytes.size() / manner.pieces + 1;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
      client.send(bytes.substr(0, piece));
    }
    while (manner.waits && client.receive_within(std::chrono::milliseconds(5))) {
    }
  }
  while (server.connections() > 0 || server.load().requests > 0) {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
  return 0;
}
