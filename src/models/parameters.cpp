#include "models/parameters.h"

#include <utility>

namespace r1 {

const Tensor* Parameters::find(const std::string& name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : &all_[found->second].value;
}

void Parameters::add(const std::string& name, const Tensor& value) {
  places_.emplace(name, all_.size());
  all_.push_back({name, value});
}

void Parameters::derive(std::function<void()> refresh) {
  refresh();
  derived_.push_back(std::move(refresh));
}

void Parameters::refresh() const {
  for (const auto& refresh : derived_) refresh();
}

void Parameters::clear_gradients() const {
  for (const Parameter& parameter : all_) parameter.value.gradient().clear();
}

}  // namespace r1
