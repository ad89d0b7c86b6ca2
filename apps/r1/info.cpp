// r1 info: what a model file contains, and what running it takes.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/memory.h"
#include "command.h"
#include "formats/json.h"
#include "formats/model_file.h"
#include "formats/npy.h"
#include "models/memory_need.h"

namespace r1::app {
namespace {

using Json = nlohmann::ordered_json;

struct InfoOptions : CommonOptions {
  std::string model, tensor, npy;
  std::int64_t context = 0;
};

void print_json(const ModelFile& file) {
  Json tensors = Json::array();
  for (const StoredTensor& tensor : file.tensors) {
    tensors.push_back({{"name", tensor.name}, {"shape", tensor.shape}, {"dtype", tensor.type}});
  }
  const Json document = {{"metadata", file.metadata}, {"tensors", std::move(tensors)}};
  std::puts(json_text(document).c_str());
}

/// Names from files may hold anything: control characters are shown as '?'.
std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

/// One line of text, cut where it gets long; arrays by their length.
std::string brief(const Json& value) {
  constexpr std::size_t kLongest = 100;
  if (value.is_array() && value.size() > 8) return "[" + std::to_string(value.size()) + " values]";
  std::string text = json_text(value);
  if (text.size() <= kLongest) return text;
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) --end;
  return text.substr(0, end) + "...";
}

/// "model.layers.*.mlp.up_proj.weight": every number between dots becomes a star.
std::string pattern_of(const std::string& name) {
  std::string pattern;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    const std::string part = name.substr(begin, end - begin);
    const bool number = !part.empty() && part.find_first_not_of("0123456789") == std::string::npos;
    pattern += (begin == 0 ? "" : ".") + (number ? "*" : part);
    begin = end + 1;
  }
  return pattern;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : " x ") + std::to_string(size);
  return text.empty() ? "scalar" : text;
}

struct Group {
  std::string pattern, shape, type;
  std::int64_t count = 0, bytes = 0;
};

/// Tensors that differ only in a layer's or an expert's number are one line.
std::vector<Group> groups_of(const ModelFile& file) {
  std::vector<Group> groups;
  std::map<std::string, std::size_t> places;
  for (const StoredTensor& tensor : file.tensors) {
    const Group group{pattern_of(tensor.name), shape_text(tensor.shape), tensor.type};
    const auto [place, added] =
        places.emplace(group.pattern + ' ' + group.shape + ' ' + group.type, groups.size());
    if (added) groups.push_back(group);
    groups[place->second].count += 1;
    groups[place->second].bytes += static_cast<std::int64_t>(tensor.bytes.size());
  }
  return groups;
}

void print_tensors(const ModelFile& file) {
  std::int64_t parameters = 0, bytes = 0;
  for (const StoredTensor& tensor : file.tensors) {
    parameters += tensor.elements();
    bytes += static_cast<std::int64_t>(tensor.bytes.size());
  }
  std::printf("%s, %zu tensors, %.4g million numbers, %s\n\n", file.format.c_str(),
              file.tensors.size(), static_cast<double>(parameters) / 1e6,
              readable_bytes(bytes).c_str());
  const auto& object = file.metadata.get_ref<const Json::object_t&>();
  for (const auto& [key, value] : object) {
    std::printf("  %-44s %s\n", printable(key).c_str(), brief(value).c_str());
  }
  std::puts("");
  for (const Group& group : groups_of(file)) {
    std::printf("  %5lld x  %-52s %-9s %-22s %9s\n", static_cast<long long>(group.count),
                printable(group.pattern).c_str(), group.type.c_str(), group.shape.c_str(),
                readable_bytes(group.bytes).c_str());
  }
}

/// Nothing for files that are no model this program runs; `reason` then says why.
std::optional<Checkpoint> as_runnable(const std::string& path, std::string& reason) {
  try {
    return Checkpoint::open(path);
  } catch (const Error& error) {
    reason = error.what();
    return std::nullopt;
  }
}

void print_need(const std::string& path, std::int64_t context) {
  std::string reason;
  const auto model = as_runnable(path, reason);
  if (!model) {
    std::printf("\nnot a model that runs here: %s\n", reason.c_str());
    return;
  }
  const std::int64_t trained = model->config().value("max_position_embeddings", std::int64_t{2048});
  const std::int64_t tokens = context > 0 ? context : std::min<std::int64_t>(trained, 4096);
  const MemoryNeed need = memory_need(*model, tokens);
  std::printf("\nrunning it with a context of %lld tokens (trained for %lld) takes %s:\n",
              static_cast<long long>(tokens), static_cast<long long>(trained),
              readable_bytes(need.total()).c_str());
  std::printf("  weights %s, cache %s (%s a token in bf16), workspace %s\n",
              readable_bytes(need.weights).c_str(), readable_bytes(need.cache).c_str(),
              readable_bytes(cache_bytes_per_token(*model, DType::bf16)).c_str(),
              readable_bytes(need.workspace).c_str());
  const std::int64_t memory = physical_memory();
  std::printf("  this machine has %s, of which %s are free: %s\n", readable_bytes(memory).c_str(),
              readable_bytes(available_memory()).c_str(),
              need.total() > memory               ? "too little"
              : need.total() > available_memory() ? "it fits once memory is freed"
                                                  : "it fits");
}

void run(const InfoOptions& options) {
  const ModelFile file = ModelFile::open(options.model);
  if (!options.npy.empty()) {
    const StoredTensor& tensor = file.at(options.tensor);
    write_npy(options.npy, tensor.shape, as_floats(tensor));
    return;
  }
  if (options.json) return print_json(file);
  print_tensors(file);
  print_need(options.model, options.context);
}

}  // namespace

void add_info(CLI::App& program) {
  CLI::App* command =
      program.add_subcommand("info", "what a model file contains, and what running it takes");
  const auto options = std::make_shared<InfoOptions>();
  add_common_options(*command, *options, "r1 info -m model.gguf");
  add_model_option(*command, options->model);
  CLI::Option* tensor =
      command->add_option("--tensor", options->tensor, "the tensor to write as float32");
  command->add_option("--npy", options->npy, "the .npy file to write it to")->needs(tensor);
  tensor->needs(command->get_option("--npy"));
  command->add_option("--context", options->context, "tokens of context to reckon memory for")
      ->check(CLI::PositiveNumber);
  command->callback([options] { run(*options); });
}

}  // namespace r1::app
