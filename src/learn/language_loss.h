// Cross-entropy of the next token: the loss of pre-training and fine-tuning.
#pragma once

#include "learn/packed_pass.h"

namespace r1 {

/// Mean of -log p(next token) over all documents' tokens from the second on; [1].
Tensor next_token_loss(const PackedPass& pass);

/// The same of multi-token prediction (V3 eq. 24), from the third token on.
Tensor prediction_loss(PackedPass& pass);

/// a + factor b, both [1].
Tensor joint_loss(const Tensor& a, const Tensor& b, float factor);

}  // namespace r1
