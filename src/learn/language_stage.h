// What pre-training and fine-tuning share: documents in batches, cross-entropy, validation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "learn/batches.h"
#include "learn/data_set.h"
#include "learn/stage.h"
#include "learn/task_documents.h"
#include "learn/trainer.h"

namespace r1 {

struct LanguageOptions {
  std::vector<std::filesystem::path> data, validation;
  TaskDocumentOptions tasks;  // documents beside those of `data`
  DocumentOptions documents;
  BatchOptions batches;
  TrainerOptions trainer;
  std::optional<std::int64_t> steps;  // else as many as the epochs take
  double epochs = 1;
  std::int64_t validate_every = 100;
  std::int64_t validation_documents = 256;  // the first so many
  float prediction_weight = 0;              // of multi-token prediction in the loss

  /// Keys data, those of TaskDocumentOptions::read, validation, validate_every,
  /// validation_documents, fields (a section: messages, prompt, completion, text), as_chat,
  /// context, batch_documents or batch_tokens, micro_batch_tokens, shuffle, steps or epochs,
  /// mtp_weight, and those of TrainerOptions::read. What is missing is as in `otherwise`.
  static LanguageOptions read(const Section& section, const ModelConfig& model,
                              const LanguageOptions& otherwise);
};

class LanguageStage : public Stage {
 public:
  explicit LanguageStage(LanguageOptions options) : options_(std::move(options)) {}

  void begin(StageContext& context) override;
  std::int64_t steps() const override { return steps_; }
  StageReport step(std::int64_t index) override;
  void visit(State& state) override;

 private:
  double validation_loss() const;

  LanguageOptions options_;
  std::int64_t steps_ = 0;
  const LearningModel* model_ = nullptr;
  std::optional<DataSet> data_, validation_;
  std::optional<Batches> batches_;
  std::optional<Trainer> trainer_;
};

}  // namespace r1
