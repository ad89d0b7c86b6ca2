// r1 tokenize: text to token ids and back.
#include "command.h"

namespace r1::app {
void add_tokenize(CLI::App& program) {
  program.add_subcommand("tokenize", "text to token ids and back");
}
}  // namespace r1::app
