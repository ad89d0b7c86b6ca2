#include "learn/packed_pass.h"

#include <string>

#include "base/error.h"
#include "ops/elementwise.h"
#include "ops/log_probabilities.h"

namespace r1 {

PackedPass::PackedPass(const Model& model, std::span<const std::vector<int>> documents,
                       const PackedOptions& options)
    : model_(model), options_(options), documents_(documents.begin(), documents.end()) {
  pass_.recompute = options.recompute;
  pass_.routers = options.routers;
  for (std::size_t i = 0; i < documents_.size(); ++i) {
    if (documents_[i].empty()) throw Error("document " + std::to_string(i), "has no tokens");
    caches_.emplace_back(model.cache_shape(), static_cast<std::int64_t>(documents_[i].size()));
    pass_.add(documents_[i], 0, caches_.back());
  }
  hidden_ = model.hidden(pass_);
}

PackedPass::Targets PackedPass::targets(std::size_t ahead, std::size_t left_out,
                                        std::span<const std::uint8_t> counts) const {
  Targets all;
  std::int64_t row = 0;
  std::size_t token = 0;
  for (const auto& document : documents_) {
    const std::size_t rows = document.size() - std::min(document.size(), left_out);
    for (std::size_t t = 0; t + ahead < document.size() && t < rows; ++t) {
      if (!counts.empty() && counts[token + t + ahead] == 0) continue;
      all.rows.push_back(row + static_cast<std::int64_t>(t));
      all.ids.push_back(document[t + ahead]);
    }
    row += static_cast<std::int64_t>(rows);
    token += document.size();
  }
  return all;
}

Tensor PackedPass::log_probabilities(std::span<const std::uint8_t> counts) const {
  const Targets next = targets(1, 0, counts);
  return r1::log_probabilities(select_rows(hidden_, next.rows), model_.head(), next.ids);
}

Tensor PackedPass::predicted_log_probabilities(std::span<const std::uint8_t> counts) {
  predicting_ = {};
  predicting_.recompute = options_.recompute;
  predicting_.routers = options_.routers;
  std::vector<std::int64_t> states;
  std::int64_t row = 0;
  for (std::size_t i = 0; i < documents_.size(); ++i) {
    const auto count = static_cast<std::int64_t>(documents_[i].size());
    for (std::int64_t t = 0; t + 1 < count; ++t) states.push_back(row + t);
    row += count;
    if (count > 1) {
      predicting_.add({documents_[i].begin() + 1, documents_[i].end()}, 0, caches_[i]);
    }
  }
  const Tensor predicted = model_.predicted_hidden(predicting_, select_rows(hidden_, states));
  // The rows of `predicted` are those of tokens 0 .. n - 2, and row t is about token t + 2.
  const Targets second = targets(2, 1, counts);
  return r1::log_probabilities(select_rows(predicted, second.rows), model_.prediction_head(),
                               second.ids);
}

}  // namespace r1
