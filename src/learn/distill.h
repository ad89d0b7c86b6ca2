// Distillation: a student learns what a teacher answers.
#pragma once

#include <memory>

#include "learn/stage.h"

namespace r1 {

/// Each step the `teacher` answers questions of tasks; the student learns the answers that are
/// selected, by cross-entropy and, with `divergence_weight` w, as (1 - w) cross-entropy + w times
/// the divergence of its distribution from the teacher's, token by token. The latter needs the same
/// vocabulary; without it, answers are tokenized as the student does it.
std::unique_ptr<Stage> make_distill(const Section& section, const ModelConfig& model);

}  // namespace r1
