// r1 debug grpo-loss: the loss of group relative policy optimization on given numbers.
#include "learn/grpo_loss.h"

#include <cmath>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "base/error.h"
#include "command.h"
#include "formats/json.h"
#include "learn/advantages.h"

namespace r1::app {
namespace {

using Rows = std::vector<std::vector<double>>;

struct GrpoCase {
  GrpoOptions options;
  RewardScale scale = RewardScale::group;
  std::int64_t group = 0;
  std::size_t micro_batches = 0;
  std::vector<double> rewards;
  std::vector<std::vector<int>> mask;
  Rows log_probabilities, old, reference;  // the last two may be absent
};

template <typename Value>
Value choice(const nlohmann::json& settings, const char* key,
             const std::map<std::string, Value>& values, const std::string& where) {
  const auto found = values.find(settings.at(key).get<std::string>());
  if (found == values.end()) throw Error(where, std::string("has an unknown \"") + key + "\"");
  return found->second;
}

void read_settings(const nlohmann::json& settings, const std::string& where, GrpoCase& read) {
  GrpoOptions& options = read.options;
  options.mean = choice<TokenMean>(settings, "loss_type",
                                   {{"grpo", TokenMean::answer},
                                    {"bnpo", TokenMean::micro_batch},
                                    {"dapo", TokenMean::batch},
                                    {"dr_grpo", TokenMean::longest}},
                                   where);
  options.ratio =
      choice<RatioLevel>(settings, "importance_sampling_level",
                         {{"token", RatioLevel::token}, {"sequence", RatioLevel::sequence}}, where);
  read.scale = choice<RewardScale>(
      settings, "scale_rewards",
      {{"group", RewardScale::group}, {"batch", RewardScale::batch}, {"none", RewardScale::none}},
      where);
  options.kl_weight = settings.at("beta").get<double>();
  options.clip_low = settings.at("epsilon_low").get<double>();
  options.clip_high = settings.at("epsilon_high").get<double>();
  if (!settings.at("delta").is_null()) options.ratio_limit = settings.at("delta").get<double>();
  options.longest_answer = settings.at("max_completion_length").get<std::int64_t>();
  read.group = settings.at("num_generations").get<std::int64_t>();
  const auto micro_batches = settings.at("micro_batches").get<std::int64_t>();
  if (options.clip_low < 0 || options.clip_high < 0 || options.longest_answer < 1 ||
      read.group < 1 || micro_batches < 1) {
    throw Error(where, "has settings that are too small");
  }
  read.micro_batches = static_cast<std::size_t>(micro_batches);
}

template <typename Table>
void require_shape_of_mask(const GrpoCase& read, const Table& table, const char* key,
                           const std::string& where) {
  bool same = table.size() == read.mask.size();
  for (std::size_t i = 0; same && i < table.size(); ++i) {
    same = table[i].size() == read.mask[i].size();
  }
  if (!same) throw Error(where, std::string("has another shape of \"") + key + "\" than of mask");
}

GrpoCase read_case(const std::string& line, const std::string& where) {
  const nlohmann::json json = parse_json(line, where);
  GrpoCase read;
  try {
    read_settings(json.at("settings"), where, read);
    json.at("rewards").get_to(read.rewards);
    json.at("mask").get_to(read.mask);
    json.at("logp_new").get_to(read.log_probabilities);
    if (!json.at("logp_old").is_null()) json.at("logp_old").get_to(read.old);
    if (!json.at("logp_ref").is_null()) json.at("logp_ref").get_to(read.reference);
  } catch (const nlohmann::json::exception&) {
    throw Error(where, "is no case of settings, rewards, mask, logp_new, logp_old and logp_ref");
  }
  const std::size_t answers = read.rewards.size();
  if (answers == 0 || answers % static_cast<std::size_t>(read.group) != 0 ||
      answers % read.micro_batches != 0 || answers != read.mask.size()) {
    throw Error(where, "has rewards that don't fit its mask, groups or micro-batches");
  }
  require_shape_of_mask(read, read.log_probabilities, "logp_new", where);
  if (!json.at("logp_old").is_null()) require_shape_of_mask(read, read.old, "logp_old", where);
  if (!json.at("logp_ref").is_null()) {
    require_shape_of_mask(read, read.reference, "logp_ref", where);
  } else if (read.options.kl_weight != 0) {
    throw Error(where, "has no logp_ref, which beta needs");
  }
  return read;
}

std::int64_t counted_tokens(const GrpoCase& given) {
  std::int64_t tokens = 0;
  for (const auto& row : given.mask) {
    for (const int counts : row) tokens += counts != 0;
  }
  return tokens;
}

std::vector<double> joined(const Rows& rows, std::size_t first, std::size_t last) {
  std::vector<double> numbers;
  for (std::size_t i = first; i < last && i < rows.size(); ++i) {
    numbers.insert(numbers.end(), rows[i].begin(), rows[i].end());
  }
  return numbers;
}

/// Answers first .. last - 1 as a micro-batch.
AnswerBatch micro_batch(const GrpoCase& given, const std::vector<double>& advantages,
                        std::size_t first, std::size_t last) {
  AnswerBatch batch;
  for (std::size_t i = first; i < last; ++i) {
    batch.advantages.push_back(advantages[i]);
    batch.lengths.push_back(static_cast<std::int64_t>(given.mask[i].size()));
    for (const int counts : given.mask[i]) batch.counts.push_back(counts != 0 ? 1 : 0);
  }
  batch.old = joined(given.old, first, last);
  batch.reference = joined(given.reference, first, last);
  batch.micro_batches = static_cast<std::int64_t>(given.micro_batches);
  batch.batch_tokens = counted_tokens(given);
  return batch;
}

nlohmann::ordered_json evaluate(const GrpoCase& given, const std::string& where) {
  const std::vector<double> scaled = advantages(given.rewards, given.group, given.scale);
  std::vector<double> losses, clipped_low, clipped_high, divergences;
  Rows gradients;
  const std::size_t answers = given.mask.size() / given.micro_batches;
  for (std::size_t first = 0; first < given.mask.size(); first += answers) {
    const AnswerBatch batch = micro_batch(given, scaled, first, first + answers);
    const GrpoGradient computed = grpo_gradient(
        joined(given.log_probabilities, first, first + answers), batch, given.options);
    if (!std::isfinite(computed.loss) || !std::isfinite(computed.figures.mean_kl)) {
      throw Error(where, "has log-probabilities so far apart that the loss is infinite");
    }
    losses.push_back(computed.loss);
    clipped_low.push_back(computed.figures.clipped_low);
    clipped_high.push_back(computed.figures.clipped_high);
    divergences.push_back(computed.figures.mean_kl);
    auto next = computed.gradient.begin();
    for (const std::int64_t length : batch.lengths) {
      gradients.emplace_back(next, next + length);
      next += length;
    }
  }
  return {{"advantages", scaled},
          {"advantages_paper", paper_advantages(given.rewards, given.group)},
          {"num_items_in_batch", counted_tokens(given)},
          {"micro_losses", losses},
          {"loss", std::accumulate(losses.begin(), losses.end(), 0.0)},
          {"grad", gradients},
          {"clip_low", clipped_low},
          {"clip_high", clipped_high},
          {"mean_kl", divergences}};
}

void evaluate_lines() {
  std::size_t number = 0;
  for (std::string line; std::getline(std::cin, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string where = "case in line " + std::to_string(number);
    std::cout << json_text(evaluate(read_case(line, where), where)) << std::endl;
  }
}

}  // namespace

void add_grpo_loss(CLI::App& debug) {
  auto options = std::make_shared<CommonOptions>();
  CLI::App* command = debug.add_subcommand(
      "grpo-loss",
      "advantages, loss and gradient of GRPO, DAPO, Dr. GRPO or GSPO on the rewards and "
      "log-probabilities of the JSON case in each line of stdin");
  add_common_options(*command, *options, "r1 debug grpo-loss < cases.jsonl");
  command->callback([options] { evaluate_lines(); });
}

}  // namespace r1::app
