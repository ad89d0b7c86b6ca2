#include "learn/stage.h"

#include <array>
#include <vector>

#include "learn/distill.h"
#include "learn/grpo.h"
#include "learn/pretrain.h"
#include "learn/reject.h"
#include "learn/sft.h"
#include "learn/train_tokenizer.h"

namespace r1 {
namespace {

struct StageKind {
  const char* type;
  std::unique_ptr<Stage> (*make)(const Section& section, const ModelConfig& model);
};
constexpr auto kStages = std::to_array<StageKind>({
    {"tokenizer", make_train_tokenizer},
    {"pretrain", make_pretrain},
    {"sft", make_sft},
    {"grpo", make_grpo},
    {"reject", make_reject},
    {"distill", make_distill},
});

}  // namespace

std::unique_ptr<Stage> make_stage(const Section& section, const ModelConfig& model) {
  std::vector<std::string> known;
  known.reserve(kStages.size());
  for (const StageKind& kind : kStages) known.emplace_back(kind.type);
  section.text("type");
  const std::string type = section.choice("type", "", known);
  for (const StageKind& kind : kStages) {
    if (type == kind.type) return kind.make(section, model);
  }
  throw section.error("type", "is not known");
}

}  // namespace r1
