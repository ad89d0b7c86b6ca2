#include "command_tree.h"

#include <algorithm>
#include <string_view>

namespace r1::app {
namespace {

/// "TEXT:{f32,bf16}" names the words to choose from.
std::vector<std::string> choices_in(const std::string& type) {
  std::vector<std::string> choices;
  const std::size_t open = type.find('{'), close = type.rfind('}');
  if (open == std::string::npos || close == std::string::npos || close < open) return choices;
  std::size_t begin = open + 1;
  while (begin <= close) {
    const std::size_t end = std::min(type.find(',', begin), close);
    choices.push_back(type.substr(begin, end - begin));
    begin = end + 1;
  }
  return choices;
}

OptionFacts facts_of(const CLI::Option& option) {
  OptionFacts facts;
  for (const std::string& name : option.get_snames()) facts.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) facts.names.push_back("--" + name);
  facts.positional = facts.names.empty();
  if (facts.positional) facts.names.push_back(option.get_single_name());
  facts.description = option.get_description();
  if (option.get_items_expected_max() == 0) return facts;
  const std::string type = option.get_type_name();
  facts.choices = choices_in(type);
  facts.value = type.substr(0, type.find(':'));
  if (facts.value.empty()) facts.value = "VALUE";
  return facts;
}

}  // namespace

std::vector<OptionFacts> options_of(const CLI::App& command) {
  std::vector<OptionFacts> options;
  for (const CLI::Option* option : command.get_options()) {
    if (!option->get_group().empty()) options.push_back(facts_of(*option));
  }
  return options;
}

std::vector<const CLI::App*> subcommands_of(const CLI::App& command) {
  return command.get_subcommands(
      [](const CLI::App* subcommand) { return !subcommand->get_group().empty(); });
}

std::string example_of(const CLI::App& command) {
  const std::string footer = command.get_footer();
  constexpr std::string_view title = "Example:\n  ";
  return footer.starts_with(title) ? footer.substr(title.size()) : std::string();
}

std::string path_of(const CLI::App& command) {
  if (command.get_parent() == nullptr) return {};
  const std::string above = path_of(*command.get_parent());
  return (above.empty() ? "" : above + " ") + command.get_name();
}

const CLI::App& program_of(const CLI::App& command) {
  return command.get_parent() == nullptr ? command : program_of(*command.get_parent());
}

}  // namespace r1::app
