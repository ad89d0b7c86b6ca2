#include "plan/layer_cost.h"

#include <algorithm>

namespace r1::plan {

PassTime& PassTime::operator+=(const PassTime& other) {
  forward += other.forward;
  input_gradient += other.input_gradient;
  weight_gradient += other.weight_gradient;
  forward_exchange += other.forward_exchange;
  backward_exchange += other.backward_exchange;
  return *this;
}

PassTime& PassTime::operator*=(double factor) {
  forward *= factor;
  input_gradient *= factor;
  weight_gradient *= factor;
  forward_exchange *= factor;
  backward_exchange *= factor;
  return *this;
}

/// A layer's time while it is added up. Widths are counted for a token and a device: of what
/// elementwise kernels read and write, of products' inputs and results, of what they recompute.
struct LayerCosts::Sum {
  PassTime time;
  double moved = 0, inputs = 0, results = 0;
  double recomputed_products = 0, recomputed_moved = 0;
};

LayerCosts::LayerCosts(const Shape& shape, const Run& run, const Layout& layout,
                       const Cluster& cluster, const Assumptions& assumptions, double processors)
    : shape_(shape),
      run_(run),
      layout_(layout),
      kernels_(cluster.device, assumptions, processors),
      network_(cluster, assumptions),
      imbalance_(assumptions.expert_imbalance),
      tokens_(static_cast<double>(layout.micro_batch_tokens)) {}

/// y[m, n] = x[m, k] w[n, k]: forward, gradient of x, gradient of w added to a float32 sum.
void LayerCosts::linear(Sum& sum, double groups, double m, double n, double k,
                        bool recomputed) const {
  const double forward = kernels_.product(groups, m, n, k, run_.precision);
  sum.time.forward += forward;
  sum.time.input_gradient += kernels_.product(groups, m, k, n, run_.precision);
  sum.time.weight_gradient += kernels_.product(groups, n, k, m, run_.precision, 8);
  sum.inputs += groups * m * k / tokens_;
  sum.results += groups * m * n / tokens_;
  if (recomputed) sum.recomputed_products += forward;
}

/// Queries, keys, values, scores and output.
void LayerCosts::attention(Sum& sum) const {
  const auto width = static_cast<double>(shape_.width);
  const auto heads = static_cast<double>(shape_.heads) / static_cast<double>(layout_.tensor);
  const auto query = static_cast<double>(shape_.query_dims());
  const auto value = static_cast<double>(shape_.head_value_dims());
  if (shape_.latent()) {
    const auto q_lora = static_cast<double>(shape_.q_lora);
    const auto kv_lora = static_cast<double>(shape_.kv_lora);
    const auto nope = static_cast<double>(shape_.nope_dims);
    const auto rope = static_cast<double>(shape_.rope_dims);
    if (q_lora > 0) linear(sum, 1, tokens_, q_lora, width, false);
    linear(sum, 1, tokens_, heads * query, q_lora > 0 ? q_lora : width, q_lora > 0);
    linear(sum, 1, tokens_, kv_lora + rope, width, false);
    linear(sum, 1, tokens_, heads * (nope + value), kv_lora, true);
    // Norms of the latents, rotation, assembly of keys, copy of values.
    sum.moved += 2 * (q_lora + kv_lora) + heads * (2 * rope + nope + query + 2 * value);
  } else {
    const auto kv = static_cast<double>(shape_.kv_heads) / static_cast<double>(layout_.tensor);
    linear(sum, 1, tokens_, (heads + 2 * kv) * query, width, false);
    sum.moved += 2 * (heads + kv) * query;  // rotation
  }
  linear(sum, 1, tokens_, width, heads * value, false);
  // Forward: scores and sum over the values. Backward: scores again, and the gradients of
  // probabilities, queries, keys and values.
  const double keys = static_cast<double>(run_.sequence + 1) / 2;
  const double pairs = 2 * tokens_ * keys * heads;
  sum.time.forward += kernels_.attention_forward(pairs * (query + value), keys, run_.kernel);
  sum.time.input_gradient +=
      kernels_.attention_backward(pairs * (3 * query + 2 * value), keys, run_.kernel);
}

void LayerCosts::feed_forward(Sum& sum, double inner) const {
  const auto width = static_cast<double>(shape_.width);
  linear(sum, 1, tokens_, 2 * inner, width, false);
  linear(sum, 1, tokens_, width, inner, false);
  sum.moved += 3 * inner;  // SwiGLU
  sum.recomputed_moved += 3 * inner;
}

/// The experts this device holds, each for its share of all devices' tokens.
void LayerCosts::routed_experts(Sum& sum) const {
  const auto width = static_cast<double>(shape_.width);
  const auto inner = static_cast<double>(shape_.expert_feed_forward);
  const auto picks = static_cast<double>(shape_.experts_per_token);
  const auto local = static_cast<double>(shape_.experts) / static_cast<double>(layout_.expert);
  // Tensor parallelism splits the tokens here, so each expert is whole.
  const double rows = tokens_ * picks * imbalance_ / local / static_cast<double>(layout_.tensor);
  linear(sum, local, rows, 2 * inner, width, false);
  linear(sum, local, rows, width, inner, false);
  const double routed = picks * imbalance_ / static_cast<double>(layout_.tensor);
  // Copies into the experts' order and back with the weighted sum; SwiGLU; the router's scores.
  sum.moved +=
      routed * (3 * width + 3 * inner) + 3 * width + 4 * static_cast<double>(shape_.experts);
  sum.recomputed_moved += routed * 3 * inner;
}

PassTime LayerCosts::layer(bool experts) const {
  Sum sum;
  const auto width = static_cast<double>(shape_.width);
  const auto tensor = static_cast<double>(layout_.tensor);
  attention(sum);
  double shared_forward = 0;
  if (experts) {
    const double before = sum.time.forward;
    const auto shared = static_cast<double>(shape_.shared_experts * shape_.expert_feed_forward);
    if (shared > 0) feed_forward(sum, shared / tensor);
    shared_forward = sum.time.forward - before;
    routed_experts(sum);
  } else {
    feed_forward(sum, static_cast<double>(shape_.feed_forward) / tensor);
  }
  // Two norms and two residual sums, split along the sequence under tensor parallelism.
  sum.moved += 10 * width / tensor;
  sum.recomputed_moved += 4 * width / tensor;

  double forward_moved = 2 * sum.moved, backward_moved = 4 * sum.moved;
  if (run_.precision == Precision::fp8) {
    // Forward: bf16 read and fp8 written, then transposed for the weights' gradient; backward:
    // the results' gradients in both orders.
    forward_moved += 5 * sum.inputs;
    backward_moved += 4 * sum.results;
  }
  sum.time.forward += kernels_.elementwise(forward_moved * tokens_);
  sum.time.input_gradient += kernels_.elementwise(backward_moved * tokens_);

  // Tensor parallelism with split sequences: attention and feed-forward each gather their input
  // and scatter their result, in backward the other way round and the input once more.
  const double bytes = 2 * tokens_ * width;
  const double gather = network_.gather(bytes, layout_.tensor, 1);
  sum.time.forward += 4 * gather;
  sum.time.input_gradient += 6 * gather;

  if (experts && layout_.expert > 1) {
    // Dispatch in the products' precision, combination in bf16; the shared expert's products
    // hide what they can.
    const double element = run_.precision == Precision::fp8 ? 1 + 4.0 / 128 : 2;
    const double sent = tokens_ / tensor * imbalance_;
    const double dispatch =
        network_.all_to_all(shape_, sent, element * width, layout_.expert * layout_.tensor);
    const double combine =
        network_.all_to_all(shape_, sent, 2 * width, layout_.expert * layout_.tensor);
    const double hidden = layout_.schedule == Schedule::dualpipe ? 0.0 : shared_forward;
    sum.time.forward_exchange = std::max(0.0, dispatch + combine - hidden);
    sum.time.backward_exchange = std::max(0.0, dispatch + combine - 2 * hidden);
  }
  if (layout_.recompute == Recompute::full) {
    sum.time.input_gradient += sum.time.forward;
    sum.time.backward_exchange += sum.time.forward_exchange;
  } else if (layout_.recompute == Recompute::selective) {
    sum.time.input_gradient +=
        sum.recomputed_products + kernels_.elementwise(2 * sum.recomputed_moved * tokens_);
  }
  return sum.time;
}

double LayerCosts::kept_bytes(bool experts) const {
  const auto tensor = static_cast<double>(layout_.tensor);
  const auto of = [&](std::int64_t width) { return static_cast<double>(width) / tensor; };
  const double width = of(shape_.width);
  if (layout_.recompute == Recompute::full) return 2 * width * tokens_;
  const bool all = layout_.recompute == Recompute::none;
  // Elements of products' inputs, and of what else backward reads.
  double inputs = of(shape_.heads * shape_.head_value_dims()) + (all ? 2 * width : 0.0);
  double others = 2 * width;  // both residual sums
  if (shape_.latent()) {
    const auto latents = static_cast<double>(shape_.q_lora + shape_.kv_lora);
    others += latents + static_cast<double>(shape_.rope_dims);
    if (all) {
      inputs += latents;
      others += of(shape_.heads * (2 * shape_.query_dims() + shape_.value_dims));
    }
  } else {
    others += of((shape_.heads + 2 * shape_.kv_heads) * shape_.head_dims);
  }
  // SwiGLU reads both its inputs again; its result is a product's input. Expert by expert the
  // tokens are there as often as they were routed.
  double inner = of(shape_.feed_forward);
  if (experts) {
    const auto picks = static_cast<double>(shape_.experts_per_token) * imbalance_;
    inner = of(shape_.shared_experts * shape_.expert_feed_forward) +
            picks * of(shape_.expert_feed_forward);
    inputs += picks * width;
  }
  inputs += (all ? 3 : 2) * inner;
  const double element = run_.precision == Precision::fp8 ? 1 : 2;
  return (element * inputs + 2 * others) * tokens_;
}

PassTime LayerCosts::head() const {
  Sum sum;
  const auto tensor = static_cast<double>(layout_.tensor);
  const double vocab = static_cast<double>(shape_.vocab) / tensor;
  const auto width = static_cast<double>(shape_.width);
  // The head stays in bf16; logits are read and written as float32 a few times by the loss.
  sum.time.forward = kernels_.product(1, tokens_, vocab, width, Precision::bf16) +
                     kernels_.elementwise(8 * vocab * tokens_);
  sum.time.input_gradient = kernels_.product(1, tokens_, width, vocab, Precision::bf16) +
                            kernels_.elementwise(6 * vocab * tokens_);
  sum.time.weight_gradient = kernels_.product(1, vocab, width, tokens_, Precision::bf16, 8);
  return sum.time;
}

PassTime LayerCosts::embedding() const {
  PassTime time;
  const double bytes = 4 * static_cast<double>(shape_.width) * tokens_;
  time.forward = kernels_.elementwise(bytes / static_cast<double>(layout_.tensor));
  time.weight_gradient = 2 * time.forward;
  return time;
}

PassTime LayerCosts::prediction() const {
  Sum sum;
  const double width = static_cast<double>(shape_.width);
  linear(sum, 1, tokens_, width / static_cast<double>(layout_.tensor), 2 * width, false);
  sum.time += layer(shape_.experts > 0);
  sum.time += head();
  return sum.time;
}

}  // namespace r1::plan
