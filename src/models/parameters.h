// The numbers of a model that learn.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/tensor.h"

namespace r1 {

/// An array that learns, by its name in the checkpoint (a LoRA's as PEFT names them). Gradients are
/// summed in value.gradient(). A tied embedding is one parameter.
struct Parameter {
  std::string name;
  Tensor value;
};

/// All of a model's, and what is made from them.
class Parameters {
 public:
  const std::vector<Parameter>& all() const { return all_; }
  const Tensor* find(const std::string& name) const;
  void add(const std::string& name, const Tensor& value);
  /// `refresh` makes a multiplied weight from its parameter; it is called at once.
  void derive(std::function<void()> refresh);
  /// After the parameters changed: makes all multiplied weights again.
  void refresh() const;
  void clear_gradients() const;

 private:
  std::vector<Parameter> all_;
  std::unordered_map<std::string, std::size_t> places_;  // in all_
  std::vector<std::function<void()>> derived_;
};

}  // namespace r1
