// What a run must remember to go on to the same bits: written down and read back by one visit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/dtype.h"
#include "base/tensor.h"

namespace r1 {

/// Visits every number that must survive: a saving state writes them down, a loading one sets them.
/// Whoever has state writes one function `visit(State&)`, so that what is saved is what is loaded.
class State {
 public:
  virtual ~State() = default;
  /// Names are unique in a checkpoint: begin them with whose they are, "adamw.first.<parameter>".
  virtual void array(const std::string& name, DType type, const Tensor::Shape& shape,
                     std::span<std::byte> bytes) = 0;
  virtual void integer(const std::string& name, std::int64_t& value) = 0;
  virtual void number(const std::string& name, double& value) = 0;
  /// Of any length: what has no fixed size, as JSON.
  virtual void text(const std::string& name, std::string& value) = 0;

  void array(const std::string& name, Tensor& numbers);
};

/// Writes to folder/state.safetensors and folder/state.json.
class SavingState : public State {
 public:
  explicit SavingState(std::filesystem::path folder);
  ~SavingState() override;
  using State::array;
  /// The bytes must live until finish().
  void array(const std::string& name, DType type, const Tensor::Shape& shape,
             std::span<std::byte> bytes) override;
  void integer(const std::string& name, std::int64_t& value) override;
  void number(const std::string& name, double& value) override;
  void text(const std::string& name, std::string& value) override;
  void finish();

 private:
  struct Contents;
  std::unique_ptr<Contents> contents_;
};

/// Sets what SavingState wrote. Throws Error naming what is missing or of another shape or type.
class LoadingState : public State {
 public:
  explicit LoadingState(const std::filesystem::path& folder);
  ~LoadingState() override;
  using State::array;
  void array(const std::string& name, DType type, const Tensor::Shape& shape,
             std::span<std::byte> bytes) override;
  void integer(const std::string& name, std::int64_t& value) override;
  void number(const std::string& name, double& value) override;
  void text(const std::string& name, std::string& value) override;

 private:
  struct Contents;
  std::unique_ptr<Contents> contents_;
};

}  // namespace r1
