#include "evaluate/summary.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace r1::evaluate {
namespace {

constexpr std::uint64_t kBootstrapSeed = 1;

using BySample = std::map<std::int64_t, const Sample*>;

std::unordered_map<std::string, BySample> by_question(const std::vector<Sample>& samples) {
  std::unordered_map<std::string, BySample> grouped;
  for (const Sample& sample : samples) grouped[sample.question][sample.number] = &sample;
  return grouped;
}

/// cons@k of one question: answers that are the same vote together; the one that was judged right
/// is the right one.
double consensus(const Suite& suite, const BySample& samples) {
  struct Party {
    const Sample* speaker;
    std::int64_t votes;
  };
  std::vector<Party> parties;
  std::int64_t silent = 0, right = 0;
  for (const auto& [number, sample] : samples) {
    if (sample->judged.answer.empty()) {
      ++silent;
    } else if (sample->judged.score >= 1) {
      ++right;  // all of them are the same as the gold answer
    } else {
      const auto party = std::find_if(parties.begin(), parties.end(), [&](const Party& one) {
        return suite.same_answer(one.speaker->judged.answer, sample->judged.answer);
      });
      if (party == parties.end()) {
        parties.push_back({sample, 1});
      } else {
        ++party->votes;
      }
    }
  }
  std::vector<std::int64_t> votes = {right};
  for (const Party& party : parties) votes.push_back(party.votes);
  return consensus_at_k(votes, silent, static_cast<std::int64_t>(samples.size()));
}

void add_lengths(Summary& summary, std::vector<std::int64_t> lengths) {
  if (lengths.empty()) return;
  std::sort(lengths.begin(), lengths.end());
  double sum = 0;
  for (const std::int64_t length : lengths) sum += static_cast<double>(length);
  summary.mean_tokens = sum / static_cast<double>(lengths.size());
  summary.median_tokens = lengths[lengths.size() / 2];
  summary.longest_tokens = static_cast<double>(lengths.back());
}

}  // namespace

Summary summarize(const Suite& suite, const std::vector<Question>& questions,
                  const std::vector<Sample>& samples, std::int64_t samples_each,
                  const std::string& model) {
  Summary summary;
  summary.suite = suite.name;
  summary.model = model;
  summary.samples = samples_each;
  const auto grouped = by_question(samples);
  std::vector<double> scores, consensuses;
  std::map<std::int64_t, double> pass_sums;
  std::map<std::string, std::vector<double>> subjects;
  std::vector<std::int64_t> lengths;
  std::int64_t truncated = 0, silent = 0, drafted = 0, accepted = 0;
  for (const Question& question : questions) {
    const auto found = grouped.find(question.id);
    if (found == grouped.end()) continue;
    BySample kept = found->second;
    kept.erase(kept.lower_bound(samples_each), kept.end());
    if (static_cast<std::int64_t>(kept.size()) < samples_each) continue;
    double score = 0;
    std::int64_t right = 0;
    for (const auto& [number, sample] : kept) {
      score += sample->judged.score;
      right += sample->judged.score >= 1 ? 1 : 0;
      lengths.push_back(sample->tokens);
      truncated += sample->finish_reason == "length" ? 1 : 0;
      silent += sample->judged.answer.empty() ? 1 : 0;
      drafted += sample->drafted;
      accepted += sample->accepted;
    }
    scores.push_back(score / static_cast<double>(samples_each));
    subjects[question.subject].push_back(scores.back());
    if (suite.same_answer) consensuses.push_back(consensus(suite, kept));
    for (std::int64_t k = 2; k <= samples_each; k *= 2) {
      pass_sums[k] += pass_at_k(samples_each, right, k);
    }
  }
  summary.questions = static_cast<std::int64_t>(scores.size());
  summary.pass_at_1 = mean(scores);
  summary.interval = bootstrap_interval(scores, kBootstrapSeed);
  if (samples_each > 1 && !consensuses.empty()) summary.consensus = mean(consensuses);
  for (const auto& [k, sum] : pass_sums) {
    summary.pass_at.emplace_back(k, sum / static_cast<double>(scores.size()));
  }
  if (subjects.size() > 1) {
    for (const auto& [subject, all] : subjects) summary.subjects.emplace_back(subject, mean(all));
  }
  const double count = std::max(1.0, static_cast<double>(lengths.size()));
  summary.truncated = static_cast<double>(truncated) / count;
  summary.no_answer = static_cast<double>(silent) / count;
  if (drafted > 0) summary.accepted = static_cast<double>(accepted) / static_cast<double>(drafted);
  add_lengths(summary, std::move(lengths));
  return summary;
}

std::vector<std::optional<double>> scores_of(const std::vector<std::string>& ids,
                                             const std::vector<Sample>& samples) {
  const auto grouped = by_question(samples);
  std::vector<std::optional<double>> scores;
  for (const std::string& id : ids) {
    const auto found = grouped.find(id);
    if (found == grouped.end()) {
      scores.emplace_back();
      continue;
    }
    double sum = 0;
    for (const auto& [number, sample] : found->second) sum += sample->judged.score;
    scores.emplace_back(sum / static_cast<double>(found->second.size()));
  }
  return scores;
}

double mean_pass_at_1(const std::vector<Summary>& summaries) {
  double sum = 0;
  for (const Summary& summary : summaries) sum += summary.pass_at_1;
  return summaries.empty() ? 0 : sum / static_cast<double>(summaries.size());
}

nlohmann::ordered_json json_of(const Summary& summary) {
  nlohmann::ordered_json json = {
      {"suite", summary.suite},      {"model", summary.model},
      {"n", summary.questions},      {"samples", summary.samples},
      {"pass@1", summary.pass_at_1}, {"interval95", {summary.interval.low, summary.interval.high}}};
  if (summary.consensus) json["cons@" + std::to_string(summary.samples)] = *summary.consensus;
  for (const auto& [k, value] : summary.pass_at) json["pass@" + std::to_string(k)] = value;
  json["tokens"] = {{"mean", summary.mean_tokens},
                    {"median", summary.median_tokens},
                    {"longest", summary.longest_tokens}};
  json["truncated"] = summary.truncated;
  json["no_answer"] = summary.no_answer;
  if (summary.accepted) json["drafts_accepted"] = *summary.accepted;
  for (const auto& [subject, value] : summary.subjects) json["subjects"][subject] = value;
  return json;
}

}  // namespace r1::evaluate
