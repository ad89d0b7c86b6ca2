#include "base/error.h"

namespace r1 {
namespace {

std::string sentence(std::string_view where, std::string_view what, std::string_view remedy) {
  std::string text;
  if (!where.empty()) text.append(where).append(": ");
  text.append(what);
  if (!remedy.empty()) text.append("; ").append(remedy);
  // Names from damaged files reach this text: keep it on one line of printable bytes.
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

}  // namespace

Error::Error(std::string_view where, std::string_view what, std::string_view remedy)
    : std::runtime_error(sentence(where, what, remedy)) {}

}  // namespace r1
