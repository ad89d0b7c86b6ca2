// The stage that makes a tokenizer for a model that begins from random weights.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "formats/tokenizer_data.h"
#include "learn/byte_pair_trainer.h"
#include "learn/stage.h"

namespace r1 {

/// One step: trains a byte-level byte-pair encoding on the worked solutions of tasks and on files,
/// and writes it to the run's tokenizer/, as tokenizer.json and tokenizer_config.json. The model
/// has it from then on. Keys vocabulary (by default the model's), joining ("words", "anywhere"),
/// text (files), and those of TaskDocumentOptions::read.
std::unique_ptr<Stage> make_train_tokenizer(const Section& section, const ModelConfig& model);

/// A tokenizer for R1's chat format, with at most `vocabulary` tokens: the special ones (BOS 0,
/// EOS 1, padding 2, <think> and </think>, User and Assistant), the bytes, then merges. Digits
/// stand one by one.
TokenizerData r1_tokenizer(const std::vector<std::string>& texts, std::int64_t vocabulary,
                           Joining joining);

/// The folder of a run in which the stage leaves its tokenizer.
inline constexpr const char* kTokenizerFolder = "tokenizer";

}  // namespace r1
