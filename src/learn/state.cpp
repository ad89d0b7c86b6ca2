#include "learn/state.h"

#include <cstring>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "formats/json.h"
#include "formats/safetensors.h"

namespace r1 {
namespace {

constexpr const char* kArrays = "state.safetensors";
constexpr const char* kValues = "state.json";

}  // namespace

void State::array(const std::string& name, Tensor& numbers) {
  const auto count = static_cast<std::size_t>(numbers.elements());
  array(name, DType::f32, numbers.shape(),
        std::as_writable_bytes(std::span(numbers.data(), count)));
}

struct SavingState::Contents {
  struct Array {
    std::string name;
    DType type;
    Tensor::Shape shape;
    std::span<const std::byte> bytes;
  };
  std::filesystem::path folder;
  std::vector<Array> arrays;
  nlohmann::json values = nlohmann::json::object();
};

SavingState::SavingState(std::filesystem::path folder) : contents_(std::make_unique<Contents>()) {
  contents_->folder = std::move(folder);
}

SavingState::~SavingState() = default;

void SavingState::array(const std::string& name, DType type, const Tensor::Shape& shape,
                        std::span<std::byte> bytes) {
  contents_->arrays.push_back({name, type, shape, bytes});
}

void SavingState::integer(const std::string& name, std::int64_t& value) {
  contents_->values[name] = value;
}

void SavingState::number(const std::string& name, double& value) {
  contents_->values[name] = value;
}

void SavingState::text(const std::string& name, std::string& value) {
  contents_->values[name] = value;
}

void SavingState::finish() {
  SafetensorsWriter writer(contents_->folder / kArrays);
  for (const auto& array : contents_->arrays) writer.declare(array.name, array.type, array.shape);
  for (const auto& array : contents_->arrays) writer.write(array.bytes);
  writer.finish();
  write_file(contents_->folder / kValues, json_text(contents_->values, 2) + "\n");
}

struct LoadingState::Contents {
  std::string where;
  Safetensors arrays;
  nlohmann::json values;

  const nlohmann::json& value(const std::string& name, const char* kind, bool fits) const {
    const auto found = values.find(name);
    if (found == values.end() || !fits) {
      throw Error(where, "has no " + std::string(kind) + " " + name,
                  "it was written by another recipe or program");
    }
    return *found;
  }
  bool is(const std::string& name, bool (nlohmann::json::*test)() const noexcept) const {
    const auto found = values.find(name);
    return found != values.end() && ((*found).*test)();
  }
};

LoadingState::LoadingState(const std::filesystem::path& folder)
    : contents_(std::make_unique<Contents>()) {
  contents_->where = folder.string();
  contents_->arrays = Safetensors::open(folder / kArrays);
  contents_->values = read_json(folder / kValues);
}

LoadingState::~LoadingState() = default;

void LoadingState::array(const std::string& name, DType type, const Tensor::Shape& shape,
                         std::span<std::byte> bytes) {
  const StoredTensor* stored = contents_->arrays.find(name);
  if (stored == nullptr || stored->dtype != type || stored->shape != shape ||
      stored->bytes.size() != bytes.size()) {
    throw Error(contents_->where, "has no array " + name + " of this run's type and shape",
                "it was written by another recipe or program");
  }
  if (!bytes.empty()) std::memcpy(bytes.data(), stored->bytes.data(), bytes.size());
}

void LoadingState::integer(const std::string& name, std::int64_t& value) {
  const bool fits = contents_->is(name, &nlohmann::json::is_number_integer);
  contents_->value(name, "whole number", fits).get_to(value);
}

void LoadingState::number(const std::string& name, double& value) {
  const bool fits = contents_->is(name, &nlohmann::json::is_number);
  contents_->value(name, "number", fits).get_to(value);
}

void LoadingState::text(const std::string& name, std::string& value) {
  const bool fits = contents_->is(name, &nlohmann::json::is_string);
  contents_->value(name, "text", fits).get_to(value);
}

}  // namespace r1
