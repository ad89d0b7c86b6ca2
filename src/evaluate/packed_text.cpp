#include "evaluate/packed_text.h"

#include <zlib.h>

#include <array>
#include <cctype>
#include <cstdint>
#include <optional>

#include "base/error.h"

namespace r1::evaluate {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 30;

std::string base64_decoded(std::string_view text, const std::string& where) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::uint8_t, 256> value{};
  value.fill(64);
  for (std::size_t i = 0; i < kDigits.size(); ++i) {
    value[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
  }
  while (!text.empty() && (text.back() == '=' || text.back() == '\n')) text.remove_suffix(1);
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::uint32_t digit = value[static_cast<unsigned char>(c)];
    if (digit == 64) throw Error(where, "it is no base64");
    bits = bits << 6U | digit;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xFFU);
    }
  }
  return bytes;
}

std::string inflated(std::string_view bytes, const std::string& where) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
  const struct End {
    z_stream& stream;
    ~End() { inflateEnd(&stream); }
  } end{stream};
  if (bytes.size() > kMostBytes) throw Error(where, "it is too long");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string text;
  std::string piece(1 << 20, '\0');
  for (int state = Z_OK; state != Z_STREAM_END;) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END) throw Error(where, "it is no whole zlib stream");
    text.append(piece, 0, piece.size() - stream.avail_out);
    if (text.size() > kMostBytes) throw Error(where, "unpacked it has more than a gigabyte");
  }
  return text;
}

/// Reads a pickle's operations one after another.
class Pickle {
 public:
  explicit Pickle(std::string_view bytes) : rest_(bytes) {}

  /// The text, if that is all there is.
  std::optional<std::string_view> text() {
    std::optional<std::string_view> found;
    while (!rest_.empty()) {
      switch (take(1).front()) {
        case '\x80':  // PROTO
        case 'q':     // BINPUT
          take(1);
          break;
        case '\x95':  // FRAME
          take(8);
          break;
        case 'r':  // LONG_BINPUT
          take(4);
          break;
        case '\x94':  // MEMOIZE
          break;
        case '\x8c':  // SHORT_BINUNICODE
          if (!hold(found, number(1))) return std::nullopt;
          break;
        case 'X':  // BINUNICODE
          if (!hold(found, number(4))) return std::nullopt;
          break;
        case '\x8d':  // BINUNICODE8
          if (!hold(found, number(8))) return std::nullopt;
          break;
        case '.':  // STOP
          return rest_.empty() && whole_ ? found : std::nullopt;
        default:
          return std::nullopt;
      }
    }
    return std::nullopt;
  }

 private:
  std::string_view take(std::uint64_t count) {
    whole_ = whole_ && count <= rest_.size();
    const std::string_view taken = rest_.substr(0, whole_ ? count : rest_.size());
    rest_.remove_prefix(taken.size());
    return taken;
  }
  /// Little endian.
  std::uint64_t number(std::uint64_t bytes) {
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (const char c : take(bytes)) {
      value |= std::uint64_t{static_cast<unsigned char>(c)} << shift;
      shift += 8;
    }
    return value;
  }
  /// False for a second text.
  bool hold(std::optional<std::string_view>& found, std::uint64_t size) {
    if (found) return false;
    found = take(size);
    return true;
  }

  std::string_view rest_;
  bool whole_ = true;
};

}  // namespace

std::string unpack_text(std::string_view packed, const std::string& where) {
  const std::string pickle = inflated(base64_decoded(packed, where), where);
  const auto text = Pickle(pickle).text();
  if (!text) {
    throw Error(where, "it is a pickle of something other than a text, which may run what it says",
                "unpack it with Python and put the text in its place");
  }
  return std::string(*text);
}

}  // namespace r1::evaluate
