// r1 manual: the manual page, made from the program's own commands and options.
#include <cstdio>
#include <string>

#include "command.h"
#include "command_tree.h"

namespace r1::app {
namespace {

/// Text that roff shows as it is.
std::string roff(const std::string& text) {
  std::string safe;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) safe += "\\&";
    line_begins = c == '\n';
    if (c == '\\') {
      safe += "\\e";
    } else if (c == '-') {
      safe += "\\-";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string option_entry(const OptionFacts& option) {
  std::string names;
  for (const std::string& name : option.names) {
    names += (names.empty() ? "" : ", ") + std::string("\\fB") + roff(name) + "\\fR";
  }
  if (!option.positional && !option.value.empty()) names += " \\fI" + roff(option.value) + "\\fR";
  std::string choices;
  for (const std::string& choice : option.choices) {
    choices += (choices.empty() ? " (" : ", ") + choice;
  }
  if (!choices.empty()) choices += ")";
  return ".TP\n" + names + "\n" + roff(option.description + choices) + "\n";
}

void add_command(const CLI::App& command, std::string& page) {
  page += ".SS r1 " + roff(path_of(command)) + "\n" + roff(command.get_description()) + ".\n";
  for (const OptionFacts& option : options_of(command)) page += option_entry(option);
  const std::string example = example_of(command);
  if (!example.empty()) page += ".PP\nExample:\n.PP\n.nf\n.RS\n" + roff(example) + "\n.RE\n.fi\n";
  for (const CLI::App* subcommand : subcommands_of(command)) add_command(*subcommand, page);
}

std::string manual(const CLI::App& program) {
  std::string page = ".TH R1 1 \"\" \"r1 " + roff(R1_VERSION) + "\" \"User commands\"\n.SH NAME\n" +
                     roff(program.get_description()) +
                     "\n.SH SYNOPSIS\n.B r1\n.I COMMAND\n[\\fIOPTIONS\\fR]\n.SH OPTIONS\n";
  for (const OptionFacts& option : options_of(program)) page += option_entry(option);
  page += ".SH COMMANDS\n";
  for (const CLI::App* command : subcommands_of(program)) add_command(*command, page);
  return page +
         ".SH ENVIRONMENT\n.TP\n\\fBR1_ISA\\fR\n"
         "the instruction set to compute with, in place of the best the processor has: reference, "
         "avx2, avx512 or amx\n"
         ".SH EXIT STATUS\n.TP\n0\nsuccess\n.TP\n1\nan error, told in one sentence on standard "
         "error\n.TP\n2\nwrong usage\n";
}

}  // namespace

void add_manual(CLI::App& program) {
  CLI::App* command = program.add_subcommand("manual", "the manual page");
  command->group("");
  command->callback([command] { std::fputs(manual(program_of(*command)).c_str(), stdout); });
}

}  // namespace r1::app
