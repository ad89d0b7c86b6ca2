// What commands print for people: colours where there is a terminal, and streamed answers.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "generate/think_splitter.h"

namespace r1::app {

/// Whether the descriptor (0 stdin, 1 stdout, 2 stderr) is a terminal.
bool is_terminal(int descriptor);
/// Whether to colour what goes to stdout: at a terminal, unless NO_COLOR is set or TERM is "dumb".
bool wants_colours();
/// The text without the control characters that could steer a terminal; newlines and tabs stay.
std::string printable(std::string_view text);

/// The text dimmed, or as it is without colours.
std::string dimmed(std::string_view text, bool colours);

/// Prints an answer as it comes: thinking dimmed, the rest as usual; without colours the thinking
/// stands between <think> and </think>.
class AnswerPrinter {
 public:
  AnswerPrinter(std::ostream& out, bool colours) : out_(out), colours_(colours) {}
  void print(const AnswerPart& part);
  /// Ends the answer, and its last line if that is open.
  void finish();

 private:
  void write(std::string_view text);
  void begin_thinking();
  void end_thinking();

  std::ostream& out_;
  bool colours_;
  bool thinking_ = false;
  bool at_line_start_ = true;
};

/// While it lives, Ctrl-C only sets a flag.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  /// Whether Ctrl-C was pressed since the guard was made.
  bool interrupted() const;
};

}  // namespace r1::app
