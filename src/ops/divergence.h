// How far a model's next-token distribution is from a teacher's.
#pragma once

#include "base/tensor.h"
#include "ops/linear.h"

namespace r1 {

/// sum over the vocabulary of p_t (log p_t - log p), for each row: p_t = softmax(teacher_head(
/// teacher_hidden[i])) is the teacher's, p = softmax(head(hidden[i])) the learning one's (Hinton et
/// al., Distilling the knowledge in a neural network). hidden [rows, width], teacher_hidden [rows,
/// its width] -> [rows]. Both heads have the same vocabulary. No gradient reaches the teacher, and
/// [rows, vocab] never exists.
Tensor divergence(const Tensor& hidden, const Linear& head, const Tensor& teacher_hidden,
                  const Linear& teacher_head);

}  // namespace r1
