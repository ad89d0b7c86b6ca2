// Reads lines at a terminal with editing and a history.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace r1::app {

/// Where the user's state belongs: $XDG_STATE_HOME/r1, or ~/.local/state/r1.
std::filesystem::path state_folder();

/// Where stdin is no terminal, lines are read as they are.
class LineEditor {
 public:
  /// `history`: the file that keeps the lines entered from one session to the next. A file that
  /// can't be read or written is no error: history is a comfort.
  explicit LineEditor(std::filesystem::path history);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  /// The next line, without its end; empty after Ctrl-C; nothing at the end of the input (Ctrl-D).
  std::optional<std::string> read(const std::string& prompt);

 private:
  struct Terminal;
  std::unique_ptr<Terminal> terminal_;  // null where stdin is none
};

}  // namespace r1::app
