// The options with which answers are drawn.
#pragma once

#include <CLI/CLI.hpp>

#include "formats/checkpoint.h"
#include "generate/sequence.h"

namespace r1::app {

/// Adds --temperature, --top-k ... --max-tokens, --stop, --thinking-budget and --speculate.
void add_sampling_options(CLI::App& command, GenerateOptions& options);

/// Sets what the command line left open to what the model's generation_config.json says.
void use_model_defaults(const CLI::App& command, const Checkpoint& checkpoint,
                        GenerateOptions& options);

}  // namespace r1::app
