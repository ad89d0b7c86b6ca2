#include "learn/language_stage.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "formats/json.h"
#include "learn/language_loss.h"

namespace r1 {
namespace {

constexpr std::int64_t kLargest = std::int64_t{1} << 40;
constexpr std::int64_t kTaskDocuments = 100000;

double sum_of(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0);
}

/// A micro-batch as the forward wants it.
struct Packed {
  std::vector<std::vector<int>> ids;
  std::vector<std::uint8_t> counts;  // of all documents' tokens
  std::int64_t tokens = 0;
  std::int64_t next = 0, second = 0;  // tokens that count, from each document's 2nd and 3rd on
};

Packed packed(const std::vector<Document>& documents) {
  Packed result;
  for (const Document& document : documents) {
    result.ids.emplace_back(document.ids.begin(), document.ids.end());
    result.counts.insert(result.counts.end(), document.counts.begin(), document.counts.end());
    result.tokens += static_cast<std::int64_t>(document.ids.size());
    const auto counted = [&](std::size_t from) {
      const std::size_t begin = std::min(from, document.counts.size());
      return std::accumulate(document.counts.begin() + static_cast<std::ptrdiff_t>(begin),
                             document.counts.end(), std::int64_t{0});
    };
    result.next += counted(1);
    result.second += counted(2);
  }
  return result;
}

void read_fields(const Section& fields, DocumentOptions& documents) {
  documents.messages = fields.text("messages", documents.messages);
  documents.prompt = fields.text("prompt", documents.prompt);
  documents.completion = fields.text("completion", documents.completion);
  documents.text = fields.text("text", documents.text);
}

void read_batches(const Section& section, BatchOptions& batches) {
  if (section.has("batch_documents") || section.has("batch_tokens")) {
    batches.documents = section.integer("batch_documents", 0, 1, kLargest);
    batches.tokens = section.integer("batch_tokens", 0, 2, kLargest);
  }
  batches.micro_batch_tokens =
      section.integer("micro_batch_tokens", batches.micro_batch_tokens, 2, kLargest);
  batches.shuffle = section.flag("shuffle", batches.shuffle);
}

/// A line that a DocumentMaker of these options reads.
nlohmann::ordered_json line_of(const TaskDocument& document, const DocumentOptions& options) {
  if (document.size() == 1) {
    // As a text, the question is a line of its own.
    const char* end = options.as_chat ? "" : "\n";
    return {{options.prompt, document[0].question + end},
            {options.completion, document[0].response}};
  }
  auto messages = nlohmann::ordered_json::array();
  for (const Turn& turn : document) {
    messages.push_back({{"role", "user"}, {"content", turn.question}});
    messages.push_back({{"role", "assistant"}, {"content", turn.response}});
  }
  return {{options.messages, messages}};
}

/// Writes the documents of tasks.
void write_task_documents(const LanguageOptions& options, std::uint64_t seed,
                          const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) throw Error(path.parent_path().string(), "can't be made: " + error.message());
  FileWriter file(path);
  for (const TaskDocument& document : task_documents(options.tasks, seed)) {
    file.write(json_text(line_of(document, options.documents)) + "\n");
  }
  file.commit();
}

}  // namespace

LanguageOptions LanguageOptions::read(const Section& section, const ModelConfig& model,
                                      const LanguageOptions& otherwise) {
  LanguageOptions options = otherwise;
  options.data = section.inputs("data");
  options.tasks = TaskDocumentOptions::read(section, kTaskDocuments);
  if (options.data.empty() && options.tasks.tasks.empty()) {
    throw section.error("", "lacks data, a file of JSON lines, or tasks");
  }
  options.validation = section.inputs("validation");
  options.validate_every = section.integer("validate_every", options.validate_every, 1, kLargest);
  options.validation_documents =
      section.integer("validation_documents", options.validation_documents, 1, kLargest);
  read_fields(section.table("fields"), options.documents);
  options.documents.as_chat = section.flag("as_chat", options.documents.as_chat);
  options.documents.longest =
      section.integer("context", std::min(options.documents.longest, model.context_length), 2,
                      model.context_length);
  read_batches(section, options.batches);
  if (section.has("steps")) options.steps = section.integer("steps", 1, kLargest);
  if (section.has("steps") && section.has("epochs")) {
    throw section.error("epochs", "can't be given beside steps");
  }
  options.epochs = section.number("epochs", options.epochs, 1e-6, 1e6);
  if (section.has("mtp_weight") && model.prediction_layers == 0) {
    throw section.error("mtp_weight", "is for models with a multi-token prediction layer",
                        "leave it out");
  }
  options.prediction_weight = static_cast<float>(section.number(
      "mtp_weight",
      model.prediction_layers > 0 ? static_cast<double>(options.prediction_weight) : 0, 0, 1e3));
  options.trainer = TrainerOptions::read(section, model, options.trainer);
  return options;
}

void LanguageStage::begin(StageContext& context) {
  model_ = &context.model;
  std::vector<std::filesystem::path> data = options_.data;
  if (!options_.tasks.tasks.empty()) {
    data.push_back(context.folder.path() / "data" /
                   ("tasks-" + std::to_string(context.seed) + ".jsonl"));
    write_task_documents(options_, context.seed, data.back());
  }
  data_ = DataSet::open(data, options_.documents, *model_, context.cache, context.note);
  if (!options_.validation.empty()) {
    validation_ = DataSet::open(options_.validation, options_.documents, *model_, context.cache,
                                context.note);
  }
  batches_.emplace(*data_, options_.batches, context.seed);
  steps_ = options_.steps ? *options_.steps : batches_->steps(options_.epochs);
  trainer_.emplace(model_->model(), options_.trainer, steps_);
}

StageReport LanguageStage::step(std::int64_t index) {
  const std::vector<std::int64_t> documents = batches_->next();
  std::vector<Packed> parts;
  std::int64_t next = 0, second = 0;
  // Threads that compute micro-batches side by side should end together.
  const int multiple = most_gradient_lanes(model_->model().parameters()) > 1 ? 4 : 1;
  for (const auto& micro :
       micro_batches(*data_, documents, options_.batches.micro_batch_tokens, multiple)) {
    parts.push_back(packed(micro));
    next += parts.back().next;
    second += parts.back().second;
  }
  StageReport report;
  std::vector<double> shares;
  for (const Packed& part : parts) {
    shares.push_back(static_cast<double>(part.ids.size()) / static_cast<double>(documents.size()));
    report.tokens += part.tokens;
  }
  std::vector<double> main_losses(parts.size()), second_losses(parts.size());
  trainer_->accumulate(shares, [&](std::size_t i, const PackedOptions& packing) -> MicroLoss {
    const Packed& part = parts[i];
    const auto pass = std::make_shared<PackedPass>(model_->model(), part.ids, packing);
    const Tensor loss = next_token_loss(*pass, part.counts, next);
    main_losses[i] = static_cast<double>(loss.data()[0]);
    if (options_.prediction_weight <= 0 || part.second == 0) return {loss, pass};
    const Tensor ahead = prediction_loss(*pass, part.counts, second);
    second_losses[i] = static_cast<double>(ahead.data()[0]);
    return {joint_loss(loss, ahead, options_.prediction_weight), pass};
  });
  const UpdateFigures figures = trainer_->update();
  report.operations = training_operations(model_->model(), report.tokens, next);
  report.metrics = {{"loss", sum_of(main_losses)},
                    {"grad_norm", figures.gradient_norm},
                    {"learning_rate", figures.learning_rate},
                    {"epoch", batches_->epochs()},
                    {"learned_tokens", next}};
  if (options_.prediction_weight > 0) report.metrics["mtp_loss"] = sum_of(second_losses);
  if (figures.expert_load.largest > 0) report.metrics["balance_loss"] = figures.balance_loss;
  add_expert_load(figures.expert_load, report.metrics);
  const bool last = index + 1 == steps_;
  if (validation_ && (last || (index + 1) % options_.validate_every == 0)) {
    const double loss = validation_loss();
    report.metrics["validation_loss"] = loss;
    report.quality = -loss;
  }
  return report;
}

/// Mean over all tokens of the validation documents that count.
double LanguageStage::validation_loss() const {
  const std::int64_t count = std::min(options_.validation_documents, validation_->size());
  std::vector<std::int64_t> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  double sum = 0;
  std::int64_t total = 0;
  for (const auto& micro : micro_batches(*validation_, all, options_.batches.micro_batch_tokens)) {
    const Packed part = packed(micro);
    const PackedPass pass(model_->model(), part.ids);
    sum += static_cast<double>(next_token_loss(pass, part.counts, 1).data()[0]);
    total += part.next;
  }
  return sum / static_cast<double>(total);
}

void LanguageStage::visit(State& state) {
  batches_->visit(state);
  trainer_->visit(state);
}

}  // namespace r1
