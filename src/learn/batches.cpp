#include "learn/batches.h"

#include <cmath>
#include <numeric>
#include <utility>

#include "base/random.h"

namespace r1 {

Batches::Batches(const DataSet& data, const BatchOptions& options, std::uint64_t seed)
    : data_(data), options_(options), seed_(seed) {}

/// The document at a position of the endless walk.
std::int64_t Batches::at(std::int64_t position) const {
  const std::int64_t size = data_.size(), epoch = position / size;
  if (epoch_ != epoch) {
    order_.resize(static_cast<std::size_t>(size));
    std::iota(order_.begin(), order_.end(), 0);
    Random random(seed_, static_cast<std::uint64_t>(epoch));
    for (std::size_t i = order_.size(); options_.shuffle && i > 1; --i) {
      std::swap(order_[i - 1], order_[random.below(i)]);
    }
    epoch_ = epoch;
  }
  return order_[static_cast<std::size_t>(position % size)];
}

std::vector<std::int64_t> Batches::next() {
  std::vector<std::int64_t> batch;
  std::int64_t tokens = 0;
  for (;;) {
    const std::int64_t document = at(position_);
    const auto length = static_cast<std::int64_t>(data_[document].ids.size());
    const bool full = options_.tokens > 0 && tokens + length > options_.tokens;
    const bool enough =
        options_.documents > 0 && static_cast<std::int64_t>(batch.size()) == options_.documents;
    if (!batch.empty() && (full || enough)) return batch;
    batch.push_back(document);
    tokens += length;
    ++position_;
  }
}

double Batches::epochs() const {
  return static_cast<double>(position_) / static_cast<double>(data_.size());
}

std::int64_t Batches::steps(double epochs) const {
  Batches walk(data_, options_, seed_);
  const auto end =
      static_cast<std::int64_t>(std::ceil(epochs * static_cast<double>(data_.size()) - 1e-9));
  std::int64_t steps = 0;
  for (; walk.position_ < end; ++steps) walk.next();
  return steps;
}

void Batches::visit(State& state) {
  state.integer("data.position", position_);
}

std::vector<std::vector<Document>> micro_batches(const DataSet& data,
                                                 const std::vector<std::int64_t>& documents,
                                                 std::int64_t tokens, std::int64_t multiple) {
  std::int64_t total = 0;
  for (const std::int64_t index : documents) {
    total += static_cast<std::int64_t>(data[index].ids.size());
  }
  const std::int64_t fewest = (total + tokens - 1) / tokens;
  // One more than they would fill, as whole documents don't.
  const std::int64_t parts = multiple > 1 ? (fewest + multiple) / multiple * multiple : fewest;
  std::vector<std::vector<Document>> all;
  std::int64_t before = 0, held = 0;
  for (const std::int64_t index : documents) {
    const Document document = data[index];
    const auto length = static_cast<std::int64_t>(document.ids.size());
    const auto ended = static_cast<std::int64_t>(all.size());  // parts, if one ends here
    if (all.empty() || held + length > tokens || before + length / 2 >= total * ended / parts) {
      all.emplace_back();
      held = 0;
    }
    all.back().push_back(document);
    held += length;
    before += length;
  }
  return all;
}

}  // namespace r1
