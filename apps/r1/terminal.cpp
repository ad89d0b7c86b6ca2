#include "terminal.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <ostream>

namespace r1::app {
namespace {

constexpr std::string_view dim = "\033[2m", usual = "\033[0m";

volatile std::sig_atomic_t interrupt_seen = 0;

void note_interrupt(int) {
  interrupt_seen = 1;
}

void handle_interrupt(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigaction(SIGINT, &action, nullptr);
}

}  // namespace

bool is_terminal(int descriptor) {
  return isatty(descriptor) == 1;
}

bool wants_colours() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  return is_terminal(STDOUT_FILENO) && (no_colour == nullptr || *no_colour == '\0') &&
         (kind == nullptr || std::string_view(kind) != "dumb");
}

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool low = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
    // U+0080 to U+009F, in UTF-8.
    const bool high = byte == 0xc2 && i + 1 < text.size() &&
                      static_cast<unsigned char>(text[i + 1]) >= 0x80 &&
                      static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (high) ++i;
    if (!low && !high) result.push_back(text[i]);
  }
  return result;
}

std::string dimmed(std::string_view text, bool colours) {
  return colours ? std::string(dim).append(text).append(usual) : std::string(text);
}

void AnswerPrinter::write(std::string_view text) {
  if (text.empty()) return;
  const std::string safe = printable(text);
  out_ << safe;
  if (!safe.empty()) at_line_start_ = safe.back() == '\n';
}

void AnswerPrinter::begin_thinking() {
  thinking_ = true;
  if (colours_) {
    out_ << dim;
  } else {
    write("<think>\n");
  }
}

void AnswerPrinter::end_thinking() {
  thinking_ = false;
  if (!at_line_start_) write("\n");
  if (colours_) {
    out_ << usual;
  } else {
    write("</think>\n");
  }
  write("\n");
}

void AnswerPrinter::print(const AnswerPart& part) {
  if (!part.reasoning.empty()) {
    if (!thinking_) begin_thinking();
    write(part.reasoning);
  }
  if (!part.content.empty()) {
    if (thinking_) end_thinking();
    write(part.content);
  }
  out_.flush();
}

void AnswerPrinter::finish() {
  if (!at_line_start_) write("\n");
  if (thinking_ && colours_) out_ << usual;
  thinking_ = false;
  out_.flush();
}

InterruptGuard::InterruptGuard() {
  interrupt_seen = 0;
  handle_interrupt(note_interrupt);
}

InterruptGuard::~InterruptGuard() {
  handle_interrupt(SIG_DFL);
}

bool InterruptGuard::interrupted() const {
  return interrupt_seen != 0;
}

}  // namespace r1::app
