// Which of a repository's files are wanted.
#pragma once

#include <string>
#include <vector>

#include "hub/name.h"

namespace r1::hub {

/// A model in a repository of several: a GGUF file, or all parts of a split one in order.
struct Variant {
  std::string quantization;        // "Q4_K_M"; empty if the name doesn't tell
  std::vector<std::string> files;  // the first is what is opened
};

/// The GGUF models among the files; parts of models that lack others are left out, and so are
/// files that are no models of their own (mmproj, imatrix).
std::vector<Variant> gguf_variants(const std::vector<std::string>& files);

/// The variant that `choice` names: a quantization in any case, a file, or a folder; without one
/// Q4_K_M or what is nearest to it of the types that run here. Throws Error, naming what there
/// is, if none is meant.
Variant choose_variant(const std::vector<Variant>& variants, const std::string& choice,
                       const std::string& where);

/// The files of a model to fetch, what is opened first: a variant; where there are no GGUF files
/// the weights in safetensors with configuration and tokenizer; the one file that the name tells.
/// Of a data set all files, or those that are or lie in what the name tells. Throws Error where
/// there is nothing of the kind.
std::vector<std::string> files_to_fetch(const Name& name, const std::vector<std::string>& files);

}  // namespace r1::hub
