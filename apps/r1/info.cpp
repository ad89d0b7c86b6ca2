// r1 info: what a model file contains.
#include "command.h"

namespace r1::app {
void add_info(CLI::App& program) { program.add_subcommand("info", "what a model file contains"); }
}  // namespace r1::app
