// Options of the commands that run a model, and how they load it.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "generate/engine.h"

namespace r1::app {

struct ModelOptions {
  std::string model;
  std::string dtype = "native";
  std::string cache_type;  // "": bf16, or f32 with --dtype f32
  std::string lora;        // folder of an adapter
  std::int64_t context = 0;
  bool fast_prefill = false;
  bool learns = false;  // hold the weights as a trainer does
};
/// Adds -m, --dtype, --cache-type, --context, --lora and --fast-prefill.
void add_model_options(CLI::App& command, ModelOptions& options);

/// The numbers to compute in and the adapter. Throws Error for an adapter that is none.
LoadOptions load_options(const ModelOptions& options);

/// Opens and loads what the options name. A model that this machine's memory can't hold is refused
/// before anything is loaded. `sequences` is how many run at once; the context length is that of
/// the options.
struct LoadedModel {
  Checkpoint checkpoint;
  std::unique_ptr<Engine> engine;
};
LoadedModel load_model(const ModelOptions& options, std::int64_t sequences = 1,
                       EngineOptions engine = {});

}  // namespace r1::app
