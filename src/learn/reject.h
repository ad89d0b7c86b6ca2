// Rejection sampling: answers that verify become a data set for fine-tuning.
#pragma once

#include <memory>

#include "learn/stage.h"

namespace r1 {

/// Draws a group of answers to each of `questions` questions of tasks, by the learning model or a
/// `teacher`, and writes those that are selected to `output`, a file that sft reads. Nothing
/// learns.
std::unique_ptr<Stage> make_reject(const Section& section, const ModelConfig& model);

}  // namespace r1
