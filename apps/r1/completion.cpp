// r1 completion: the shell completions, made from the program's own commands and options.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "command.h"
#include "command_tree.h"

namespace r1::app {
namespace {

std::string joined(const std::vector<std::string>& words, const char* separator) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : separator) + word;
  return text;
}

std::vector<std::string> names_of(const std::vector<const CLI::App*>& commands) {
  std::vector<std::string> names;
  names.reserve(commands.size());
  for (const CLI::App* command : commands) names.push_back(command->get_name());
  return names;
}

// ---- bash ------------------------------------------------------------------------------------

/// Whether the names of files may be completed for an option's value.
bool may_be_file(const OptionFacts& option) {
  return option.value == "TEXT" && option.choices.empty();
}

/// One case of the command's path: its words, and the values of the option before the cursor.
void add_bash_cases(const CLI::App& command, std::string& cases) {
  const auto subcommands = subcommands_of(command);
  std::vector<std::string> words = names_of(subcommands);
  std::string values;
  for (const OptionFacts& option : options_of(command)) {
    if (!option.positional) words.insert(words.end(), option.names.begin(), option.names.end());
    if (option.positional || option.value.empty()) continue;
    values += "        " + joined(option.names, "|") + ") words='" + joined(option.choices, " ") +
              (may_be_file(option) ? "' files=yes ;;\n" : "' files= ;;\n");
  }
  cases += "    '" + path_of(command) + "')\n      words='" + joined(words, " ") + "'\n";
  if (subcommands.empty()) cases += "      [[ $word == -* ]] || files=yes\n";
  if (!values.empty()) cases += "      case $before in\n" + values + "      esac\n";
  cases += "      ;;\n";
  for (const CLI::App* subcommand : subcommands) add_bash_cases(*subcommand, cases);
}

void add_paths(const CLI::App& command, std::vector<std::string>& paths) {
  for (const CLI::App* subcommand : subcommands_of(command)) {
    paths.push_back("'" + path_of(*subcommand) + "'");
    add_paths(*subcommand, paths);
  }
}

std::string bash_completion(const CLI::App& program) {
  std::vector<std::string> paths;
  add_paths(program, paths);
  std::string cases;
  add_bash_cases(program, cases);
  return R"(# bash completion for r1, made by "r1 completion bash"
_r1() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  # Bash takes --option=value for three words.
  if [[ $word == '=' ]]; then
    word=
  elif [[ $before == '=' ]]; then
    before=${COMP_WORDS[COMP_CWORD-2]}
  fi
  local command= words= files= i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "${command:+$command }${COMP_WORDS[i]}" in
      )" +
         joined(paths, "|") +
         R"() command="${command:+$command }${COMP_WORDS[i]}" ;;
    esac
  done
  case $command in
)" + cases +
         R"(  esac
  [[ -z $files ]] || compopt -o default
  if [[ -n $files && $word != -* ]]; then
    COMPREPLY=()
  else
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  fi
}
complete -F _r1 r1
)";
}

// ---- zsh -------------------------------------------------------------------------------------

/// For use between single quotes, in _arguments where brackets and colons have a meaning.
std::string zsh_text(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\'') {
      safe += R"('\'')";
    } else {
      if (c == '[' || c == ']' || c == ':' || c == '\\') safe += '\\';
      safe += c;
    }
  }
  return safe;
}

std::string zsh_argument(const OptionFacts& option) {
  const std::string action = may_be_file(option)      ? "_files"
                             : option.choices.empty() ? " "
                                                      : "(" + joined(option.choices, " ") + ")";
  if (option.positional) return "'*:" + zsh_text(option.names.front()) + ":" + action + "'";
  const std::string what =
      "'[" + zsh_text(option.description) + "]" +
      (option.value.empty() ? "" : ":" + zsh_text(option.value) + ":" + action) + "'";
  if (option.names.size() == 1) return option.names.front() + what;
  return "'(" + joined(option.names, " ") + ")'{" + joined(option.names, ",") + "}" + what;
}

std::string zsh_function(const CLI::App& command) {
  std::string name = "_r1_" + path_of(command);
  for (char& c : name) {
    if (c == ' ' || c == '-') c = '_';
  }
  return command.get_parent() == nullptr ? "_r1" : name;
}

void add_zsh_functions(const CLI::App& command, std::string& text) {
  const auto subcommands = subcommands_of(command);
  text += "\n" + zsh_function(command) + "() {\n  local -a commands\n  local state line\n";
  text += "  _arguments -C";
  for (const OptionFacts& option : options_of(command)) {
    text += " \\\n    " + zsh_argument(option);
  }
  if (!subcommands.empty()) {
    text += " \\\n    '1:command:->command' \\\n    '*::argument:->argument'";
    std::string names, cases;
    for (const CLI::App* subcommand : subcommands) {
      names += "\n        '" + subcommand->get_name() + ":" +
               zsh_text(subcommand->get_description()) + "'";
      cases += "        " + subcommand->get_name() + ") " + zsh_function(*subcommand) + " ;;\n";
    }
    text += "\n  case $state in\n    command)\n      commands=(" + names +
            ")\n      _describe command commands ;;\n    argument)\n      case $line[1] in\n" +
            cases + "      esac ;;\n  esac";
  }
  text += "\n}\n";
  for (const CLI::App* subcommand : subcommands) add_zsh_functions(*subcommand, text);
}

std::string zsh_completion(const CLI::App& program) {
  std::string text = "#compdef r1\n# zsh completion for r1, made by \"r1 completion zsh\"\n";
  add_zsh_functions(program, text);
  return text + "\n_r1 \"$@\"\n";
}

}  // namespace

void add_completion(CLI::App& program) {
  CLI::App* command = program.add_subcommand("completion", "the completions for a shell");
  command->group("");
  const auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash or zsh")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  command->callback([shell, command] {
    const CLI::App& whole = program_of(*command);
    std::fputs((*shell == "bash" ? bash_completion(whole) : zsh_completion(whole)).c_str(), stdout);
  });
}

}  // namespace r1::app
