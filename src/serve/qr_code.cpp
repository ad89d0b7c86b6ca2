#include "serve/qr_code.h"

#include <qrencode.h>

#include <memory>

namespace r1::serve {

std::string qr_code(std::string_view text) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeString8bit(std::string(text).c_str(), 0, QR_ECLEVEL_L), QRcode_free);
  if (code == nullptr) return "";
  constexpr int kQuiet = 4;
  const auto is_black = [&](int row, int column) {
    const bool inside = row >= 0 && row < code->width && column >= 0 && column < code->width;
    return inside && (code->data[row * code->width + column] & 1) != 0;
  };
  std::string lines;
  for (int row = -kQuiet; row < code->width + kQuiet; row += 2) {
    lines += "\x1b[38;5;16;48;5;231m";
    for (int column = -kQuiet; column < code->width + kQuiet; ++column) {
      const bool upper = is_black(row, column), lower = is_black(row + 1, column);
      lines += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
    }
    lines += "\x1b[0m\n";
  }
  return lines;
}

}  // namespace r1::serve
