// The commands and options of the program as its parser knows them, for what is generated from
// them: completions and the manual page.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace r1::app {

struct OptionFacts {
  std::vector<std::string> names;  // with their dashes; one without for a positional argument
  std::string description;
  std::string value;                 // what it takes, as "INT"; empty for flags
  std::vector<std::string> choices;  // if it takes one of a few words
  bool positional = false;
};

/// In the order in which they were added; hidden ones are left out.
std::vector<OptionFacts> options_of(const CLI::App& command);
std::vector<const CLI::App*> subcommands_of(const CLI::App& command);
/// The example at the end of its help text, without "Example:"; may be empty.
std::string example_of(const CLI::App& command);
/// "debug gradients": the names below the program's own.
std::string path_of(const CLI::App& command);
/// The program of a command.
const CLI::App& program_of(const CLI::App& command);

}  // namespace r1::app
