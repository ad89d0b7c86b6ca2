#include "sampling_options.h"

#include <map>
#include <string>

namespace r1::app {

void add_sampling_options(CLI::App& command, GenerateOptions& options) {
  SamplingOptions& sampling = options.sampling;
  command.add_option("--temperature", sampling.temperature, "0: the most probable token")
      ->capture_default_str();
  command.add_option("--top-k", sampling.top_k, "draw from the k most probable (0: all)");
  command.add_option("--top-p", sampling.top_p, "draw from the smallest set of this probability")
      ->capture_default_str();
  command.add_option("--min-p", sampling.min_p, "drop what is less than min_p times the best");
  command.add_option("--repetition-penalty", sampling.repetition_penalty, "1: none");
  command.add_option("--presence-penalty", sampling.presence_penalty, "0: none");
  command.add_option("--frequency-penalty", sampling.frequency_penalty, "0: none");
  command.add_option("--seed", sampling.seed, "the same seed draws the same answer");
  command.add_option("--max-tokens", options.max_tokens, "longest answer")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 24));
  command.add_option("--stop", options.stop, "text that ends the answer (may be repeated)");
  command.add_option("--thinking-budget", options.thinking_budget,
                     "tokens of thinking after which it is closed");
  const std::map<std::string, Speculation> kinds = {{"none", Speculation::none},
                                                    {"lookup", Speculation::lookup},
                                                    {"mtp", Speculation::prediction}};
  command
      .add_option("--speculate", options.speculation,
                  "draft tokens from the text (lookup) or the model's MTP layer (mtp)")
      ->transform(CLI::CheckedTransformer(kinds, CLI::ignore_case).description("{lookup,mtp,none}"))
      ->type_name("TEXT");
}

void use_model_defaults(const CLI::App& command, const Checkpoint& checkpoint,
                        GenerateOptions& options) {
  const auto& config = checkpoint.generation_config();
  const auto number = [&](const char* key, const char* option, double least, double most,
                          double& to) {
    const auto found = config.find(key);
    if (found == config.end() || !found->is_number() || command.count(option) > 0) return;
    const auto value = found->get<double>();
    if (value >= least && value <= most) to = value;
  };
  number("temperature", "--temperature", 0, 100, options.sampling.temperature);
  number("top_p", "--top-p", 1e-6, 1, options.sampling.top_p);
}

}  // namespace r1::app
