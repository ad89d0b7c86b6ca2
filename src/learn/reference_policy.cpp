#include "learn/reference_policy.h"

#include <algorithm>
#include <string>

namespace r1 {

ReferencePolicy::ReferencePolicy(const Model& model) : model_(model) {
  renew();
}

std::vector<Tensor> ReferencePolicy::learning() const {
  std::vector<Tensor> all;
  for (const Parameter& parameter : model_.parameters().all()) all.push_back(parameter.value);
  for (const Tensor& biases : model_.router_biases()) {
    if (biases.defined()) all.push_back(biases);
  }
  return all;
}

void ReferencePolicy::renew() {
  values_.clear();
  for (const Tensor& value : learning()) {
    values_.push_back(Tensor::of(value.shape(), value.numbers()));
  }
}

void ReferencePolicy::visit(State& state) {
  for (std::size_t i = 0; i < values_.size(); ++i) {
    state.array("reference." + std::to_string(i), values_[i]);
  }
}

void ReferencePolicy::swap() {
  std::vector<Tensor> all = learning();
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::swap_ranges(all[i].data(), all[i].data() + all[i].elements(), values_[i].data());
  }
  model_.parameters().refresh();
}

}  // namespace r1
