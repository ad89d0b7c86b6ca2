#include "line_editor.h"

#include <histedit.h>
#include <langinfo.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "terminal.h"

namespace r1::app {
namespace {

constexpr int history_size = 1000;

/// Text is typed in UTF-8, whatever the user's locale says about money and dates.
void use_utf8() {
  if (std::setlocale(LC_CTYPE, "") == nullptr ||
      std::string_view(nl_langinfo(CODESET)) != "UTF-8") {
    std::setlocale(LC_CTYPE, "C.UTF-8");
  }
}

}  // namespace

std::filesystem::path state_folder() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
    return std::filesystem::path(state) / "r1";
  }
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home == nullptr ? "/tmp" : home) / ".local/state/r1";
}

struct LineEditor::Terminal {
  explicit Terminal(std::filesystem::path file) : history_file(std::move(file)) {
    use_utf8();
    editor.reset(el_init("r1", stdin, stdout, stderr));
    history.reset(::history_init());
    HistEvent event;
    ::history(history.get(), &event, H_SETSIZE, history_size);
    ::history(history.get(), &event, H_SETUNIQUE, 1);
    std::error_code ignored;
    std::filesystem::create_directories(history_file.parent_path(), ignored);
    ::history(history.get(), &event, H_LOAD, history_file.c_str());
    el_set(editor.get(), EL_EDITOR, "emacs");
    el_set(editor.get(), EL_CLIENTDATA, this);
    el_set(editor.get(), EL_PROMPT, &Terminal::prompt_of);
    el_set(editor.get(), EL_HIST, &::history, history.get());
    el_set(editor.get(), EL_SIGNAL, 1);  // redraws when the window's size changes
    // Ctrl-C is a key like others while a line is edited.
    el_set(editor.get(), EL_SETTY, "-d", "-isig", nullptr);
    el_set(editor.get(), EL_ADDFN, "cancel-line", "give up the line", &Terminal::cancel);
    el_set(editor.get(), EL_BIND, "^C", "cancel-line", nullptr);
    el_set(editor.get(), EL_BIND, "^R", "em-inc-search-prev", nullptr);
  }

  static Terminal& of(EditLine* editor) {
    void* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return *static_cast<Terminal*>(self);
  }
  static char* prompt_of(EditLine* editor) { return of(editor).prompt.data(); }
  static unsigned char cancel(EditLine* editor, int) {
    of(editor).cancelled = true;
    return CC_NEWLINE;
  }

  void remember(const std::string& line) {
    HistEvent event;
    ::history(history.get(), &event, H_ENTER, line.c_str());
    ::history(history.get(), &event, H_SAVE, history_file.c_str());
  }

  struct EndEditor {
    void operator()(EditLine* editor) const { el_end(editor); }
  };
  struct EndHistory {
    void operator()(History* history) const { ::history_end(history); }
  };
  std::filesystem::path history_file;
  std::unique_ptr<History, EndHistory> history;
  std::unique_ptr<EditLine, EndEditor> editor;
  std::string prompt;
  bool cancelled = false;
};

LineEditor::LineEditor(std::filesystem::path history) {
  if (is_terminal(STDIN_FILENO)) terminal_ = std::make_unique<Terminal>(std::move(history));
}

LineEditor::~LineEditor() = default;

std::optional<std::string> LineEditor::read(const std::string& prompt) {
  std::string line;
  if (terminal_ == nullptr) {
    if (!std::getline(std::cin, line)) return std::nullopt;
    return line;
  }
  terminal_->prompt = prompt;
  terminal_->cancelled = false;
  int size = 0;
  const char* text = el_gets(terminal_->editor.get(), &size);
  if (text == nullptr || size <= 0) return std::nullopt;
  if (terminal_->cancelled) {
    std::cout << "^C\n";
    return "";
  }
  line.assign(text, static_cast<std::size_t>(size));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  if (line.find_first_not_of(" \t") != std::string::npos) terminal_->remember(line);
  return line;
}

}  // namespace r1::app
