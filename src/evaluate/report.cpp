#include "evaluate/report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>

#include "base/error.h"

namespace r1::evaluate {
namespace {

constexpr std::uint64_t kTestSeed = 2;

std::string percent(double share) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", 100 * share);
  return text.data();
}

std::string percent(const Interval& interval) {
  return percent(interval.low) + " - " + percent(interval.high);
}

struct Published {
  const char* model;
  std::optional<double> aime, aime_consensus, math500, gpqa, live_code_bench;
  int codeforces;
};

/// DeepSeek-R1, table of results; percent, and Codeforces' rating.
const std::array<Published, 8> kPublished = {{
    {"DeepSeek-R1", 79.8, std::nullopt, 97.3, 71.5, 65.9, 2029},
    {"DeepSeek-R1-Zero", 71.0, 86.7, 95.9, 73.3, 50.0, 1444},
    {"R1-Distill-Qwen-1.5B", 28.9, 52.7, 83.9, 33.8, 16.9, 954},
    {"R1-Distill-Qwen-7B", 55.5, 83.3, 92.8, 49.1, 37.6, 1189},
    {"R1-Distill-Qwen-14B", 69.7, 80.0, 93.9, 59.1, 53.1, 1481},
    {"R1-Distill-Qwen-32B", 72.6, 83.3, 94.3, 62.1, 57.2, 1691},
    {"R1-Distill-Llama-8B", 50.4, 80.0, 89.1, 49.0, 39.6, 1205},
    {"R1-Distill-Llama-70B", 70.0, 86.7, 94.5, 65.2, 57.5, 1633},
}};

std::string cell(const std::optional<double>& value) {
  std::array<char, 32> text{};
  if (value) std::snprintf(text.data(), text.size(), "%.1f", *value);
  return value ? text.data() : "-";
}

const Summary* find(const std::vector<Summary>& summaries, const std::string& suite) {
  const auto found = std::find_if(summaries.begin(), summaries.end(),
                                  [&](const Summary& one) { return one.suite == suite; });
  return found == summaries.end() ? nullptr : &*found;
}

std::string own_cell(const std::vector<Summary>& summaries, const std::string& suite) {
  const Summary* summary = find(summaries, suite);
  return summary == nullptr ? "-"
                            : percent(summary->pass_at_1) + " (" + percent(summary->interval) + ")";
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '&':
        result += "&amp;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

constexpr std::string_view kStyle = R"(<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
       color: #222; background: #fff; }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818; } }
table { border-collapse: collapse; } td, th { padding: .2rem .8rem; text-align: left; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border-left: 3px solid #8886; padding-left: 1rem; }
.right > summary::before { content: "\2713 "; color: #2a2; }
.wrong > summary::before { content: "\2717 "; color: #c33; }
summary { cursor: pointer; } details details { margin-left: 1.5rem; }
body[data-show=wrong] .question.right, body[data-show=cut] .question:not(.cut) { display: none; }
</style>)";

std::string html_of(const Sample& sample) {
  const bool right = sample.judged.score >= 1;
  return std::string("<details class=\"") + (right ? "right" : "wrong") + "\"><summary>" +
         escaped(sample.judged.answer.substr(0, 200)) + " <small>" + std::to_string(sample.tokens) +
         " tokens" + (sample.finish_reason == "length" ? ", cut off" : "") +
         "</small></summary><p>Judge: " + escaped(sample.judged.reason) + "</p><pre>" +
         escaped(sample.response) + "</pre></details>\n";
}

std::string html_of(const Question& question, const std::vector<const Sample*>& samples) {
  std::string inner;
  bool all_right = true, cut = false;
  for (const Sample* sample : samples) {
    all_right = all_right && sample->judged.score >= 1;
    cut = cut || sample->finish_reason == "length";
    inner += html_of(*sample);
  }
  return std::string("<details class=\"question ") + (all_right ? "right" : "wrong") +
         (cut ? " cut" : "") + "\"><summary>" + escaped(question.id) +
         (question.gold.empty() ? "" : " <small>right: " + escaped(question.gold) + "</small>") +
         "</summary><pre>" + escaped(question.text) + "</pre>\n" + inner + "</details>\n";
}

}  // namespace

std::string markdown_table(const std::vector<Summary>& summaries) {
  std::string text =
      "| suite | questions | samples | pass@1 | 95 % interval | cons | tokens (mean) | cut off | "
      "no "
      "answer |\n|-|-|-|-|-|-|-|-|-|\n";
  for (const Summary& one : summaries) {
    std::array<char, 32> tokens{};
    std::snprintf(tokens.data(), tokens.size(), "%.0f", one.mean_tokens);
    text += "| " + one.suite + " | " + std::to_string(one.questions) + " | " +
            std::to_string(one.samples) + " | " + percent(one.pass_at_1) + " | " +
            percent(one.interval) + " | " + (one.consensus ? percent(*one.consensus) : "-") +
            " | " + tokens.data() + " | " + percent(one.truncated) + " | " +
            percent(one.no_answer) + " |\n";
  }
  return text;
}

std::string paper_table(const std::vector<Summary>& summaries) {
  std::string text =
      "| | AIME 2024 pass@1 | cons@64 | MATH-500 | GPQA-D | LiveCodeBench | Codeforces |\n"
      "|-|-|-|-|-|-|-|\n";
  for (const Published& one : kPublished) {
    text += std::string("| ") + one.model + " | " + cell(one.aime) + " | " +
            cell(one.aime_consensus) + " | " + cell(one.math500) + " | " + cell(one.gpqa) + " | " +
            cell(one.live_code_bench) + " | " + std::to_string(one.codeforces) + " |\n";
  }
  const Summary* aime = find(summaries, "aime2024");
  const std::string consensus =
      aime != nullptr && aime->consensus
          ? percent(*aime->consensus) + " (cons@" + std::to_string(aime->samples) + ")"
          : "-";
  text += "| **" + (summaries.empty() ? std::string("this run") : summaries.front().model) +
          "** | " + own_cell(summaries, "aime2024") + " | " + consensus + " | " +
          own_cell(summaries, "math500") + " | " + own_cell(summaries, "gpqa") + " | " +
          own_cell(summaries, "livecodebench") + " | - |\n";
  return text;
}

std::string html_report(const Summary& summary, const std::vector<Question>& questions,
                        const std::vector<Sample>& samples) {
  const std::string title = escaped(summary.suite + ", " + summary.model);
  std::string page = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" +
                     title + "</title>\n" + std::string(kStyle) + "</head>\n<body><h1>" + title +
                     "</h1>\n<table>\n";
  const auto line = [&](const std::string& name, const std::string& value) {
    page += "<tr><th>" + name + "</th><td>" + escaped(value) + "</td></tr>\n";
  };
  line("questions", std::to_string(summary.questions) + " with " + std::to_string(summary.samples) +
                        " samples each");
  line("pass@1", percent(summary.pass_at_1) + " % (95 %: " + percent(summary.interval) + ")");
  if (summary.consensus) {
    line("cons@" + std::to_string(summary.samples), percent(*summary.consensus) + " %");
  }
  for (const auto& [k, value] : summary.pass_at) {
    line("pass@" + std::to_string(k), percent(value) + " %");
  }
  line("cut off", percent(summary.truncated) + " %");
  line("no answer", percent(summary.no_answer) + " %");
  if (summary.accepted) line("drafted tokens accepted", percent(*summary.accepted) + " %");
  for (const auto& [subject, value] : summary.subjects) {
    line(escaped(subject.empty() ? "others" : subject), percent(value) + " %");
  }
  page +=
      "</table>\n<p>Show <button onclick=\"document.body.dataset.show='all'\">all</button> "
      "<button onclick=\"document.body.dataset.show='wrong'\">with wrong answers</button> "
      "<button onclick=\"document.body.dataset.show='cut'\">cut off</button></p>\n";
  std::unordered_map<std::string_view, std::vector<const Sample*>> by_question;
  for (const Sample& sample : samples) by_question[sample.question].push_back(&sample);
  for (const Question& question : questions) {
    const auto found = by_question.find(question.id);
    if (found != by_question.end()) page += html_of(question, found->second);
  }
  return page + "</body></html>\n";
}

std::string compare_runs(const RecordedRun& first, const RecordedRun& second) {
  std::vector<std::string> ids;
  std::set<std::string> seen;
  for (const Sample& sample : first.samples) {
    if (seen.insert(sample.question).second) ids.push_back(sample.question);
  }
  const auto a = scores_of(ids, first.samples), b = scores_of(ids, second.samples);
  std::vector<double> first_scores, second_scores;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto &first_score = a[i], &second_score = b[i];
    if (!first_score || !second_score) continue;
    first_scores.push_back(*first_score);
    second_scores.push_back(*second_score);
  }
  if (first_scores.empty()) {
    throw Error("the two runs", "they have no question in common",
                "compare runs of the same suite");
  }
  const PairedTest test = compare_paired(first_scores, second_scores, kTestSeed);
  std::array<char, 32> p{};
  std::snprintf(p.data(), p.size(), "%.4f", test.p);
  const auto name = [](const RecordedRun& run) {
    return run.run["suite"].get<std::string>() + ", " + run.run["model"].get<std::string>();
  };
  return "| run | pass@1 over " + std::to_string(first_scores.size()) +
         " common questions |\n|-|-|\n| " + name(first) + " | " + percent(mean(first_scores)) +
         " |\n| " + name(second) + " | " + percent(mean(second_scores)) +
         " |\n\nThe second is better by " + percent(test.difference) +
         " points (95 %: " + percent(test.interval) + "), p = " + p.data() +
         " that a difference as large is chance (paired, by exchange).\n";
}

}  // namespace r1::evaluate
