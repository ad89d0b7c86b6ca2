#include "learn/pretrain.h"

#include "learn/language_stage.h"

namespace r1 {

std::unique_ptr<Stage> make_pretrain(const Section& section, const ModelConfig& model) {
  LanguageOptions options;
  options.documents.learn_all = section.choice("learn", "all", {"answers", "all"}) == "all";
  options.documents.cut = true;
  options.batches.tokens = 32768;
  options.trainer.schedule.highest = 2.2e-4;
  options.prediction_weight = 0.3f;
  if (model.experts > 0) {
    options.trainer.bias_speed = model.routing.sigmoid ? 0.001f : 0.0f;
    options.trainer.balance_weight = 1e-4f;
  }
  return std::make_unique<LanguageStage>(LanguageOptions::read(section, model, options));
}

}  // namespace r1
