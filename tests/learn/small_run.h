// A recipe with a small model of random weights, a tokenizer and data, in a folder of its own.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/files.h"
#include "formats/convert/tokenizer_export.h"
#include "formats/json.h"
#include "learn/run.h"
#include "temporary_folder.h"

namespace r1 {

inline nlohmann::ordered_json small_learning_config(const std::string& type) {
  nlohmann::ordered_json config = {{"model_type", type},
                                   {"vocab_size", 288},
                                   {"hidden_size", 32},
                                   {"intermediate_size", 48},
                                   {"num_hidden_layers", 2},
                                   {"num_attention_heads", 4},
                                   {"num_key_value_heads", 2},
                                   {"rms_norm_eps", 1e-6},
                                   {"max_position_embeddings", 256},
                                   {"rope_theta", 10000.0},
                                   {"tie_word_embeddings", type == "llama"}};
  if (type == "deepseek_v3") {
    config.update({{"moe_intermediate_size", 16},
                   {"num_key_value_heads", 4},
                   {"q_lora_rank", 16},
                   {"kv_lora_rank", 16},
                   {"qk_nope_head_dim", 8},
                   {"qk_rope_head_dim", 8},
                   {"v_head_dim", 8},
                   {"n_routed_experts", 4},
                   {"n_shared_experts", 1},
                   {"num_experts_per_tok", 2},
                   {"first_k_dense_replace", 1},
                   {"n_group", 2},
                   {"topk_group", 1},
                   {"num_nextn_predict_layers", 1}});
  }
  return config;
}

class SmallRun {
 public:
  /// `stages`: the recipe's text from the first [[stage]] on; more keys for [run] and [model].
  explicit SmallRun(const std::string& type, const std::string& stages, const std::string& run = {},
                    const std::string& model = {}) {
    write_file(folder_ / "config.json", json_text(small_learning_config(type)));
    TokenizerData words = byte_tokenizer(288);
    words.eos = 264;
    words.end_of_generation = {264};
    write_file(folder_ / "tokenizer.json", json_text(tokenizer_json(words)));
    write_file(folder_ / "tokenizer_config.json", json_text(tokenizer_config_json(words)));
    write_file(folder_ / "chat.jinja",
               "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% if m.role == 'assistant' %}"
               "{{ eos_token }}{% endif %}{% endfor %}"
               "{% if add_generation_prompt %}[assistant]{% endif %}");
    std::string lines;
    for (int i = 0; i < 24; ++i) {
      const std::string n = std::to_string(i);
      lines += R"({"prompt": "What is )" + n + R"( plus one?", "completion": "It is )" +
               std::to_string(i + 1) + "." + std::string(static_cast<std::size_t>(i % 7) * 5, 'x') +
               "\"}\n";
    }
    write_file(folder_ / "data.jsonl", lines);
    write_file(recipe(), "[run]\nseed = 3\ncache = '" + (folder_ / "cache").string() + "'\n" + run +
                             "\n[model]\nconfig = 'config.json'\ntokenizer = '.'\n"
                             "chat_template = 'chat.jinja'\n" +
                             model + "\n" + stages);
  }

  std::filesystem::path recipe() const { return folder_ / "recipe.toml"; }
  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }

  RunOptions options(const std::string& name) {
    RunOptions options;
    options.recipe = recipe();
    options.run_folder = folder_ / name;
    options.note = [this](const std::string& sentence) { notes += sentence + "\n"; };
    return options;
  }

  /// All files of a checkpoint's folder by name.
  std::map<std::string, std::string> checkpoint(const std::string& name, int step) const {
    std::string digits = std::to_string(step);
    digits.insert(0, 8 - digits.size(), '0');
    std::map<std::string, std::string> files;
    const auto path = folder_ / name / "checkpoints" / ("step-" + digits);
    for (const auto& file : std::filesystem::directory_iterator(path)) {
      files[file.path().filename().string()] = read_file(file.path());
    }
    return files;
  }

  std::string notes;

 private:
  TemporaryFolder folder_;
};

/// Runs until `steps` steps are done in all, as one that was stopped there would have.
inline void run_to(SmallRun& small, const std::string& name, std::int64_t steps = 100,
                   bool resume = false) {
  RunOptions options = small.options(name);
  options.max_steps = steps;
  options.resume = resume;
  run_recipe(options);
}

inline const char* const kSmallSft =
    "[[stage]]\ntype = 'sft'\ndata = 'data.jsonl'\nas_chat = true\nsteps = 6\n"
    "batch_documents = 5\nmicro_batch_tokens = 100\nlearning_rate = 1e-2\nschedule = 'cosine'\n"
    "warmup_steps = 2\n";

}  // namespace r1
