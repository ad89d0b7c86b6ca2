#include "learn/sft.h"

#include "learn/language_stage.h"

namespace r1 {

std::unique_ptr<Stage> make_sft(const Section& section, const ModelConfig& model) {
  LanguageOptions options;
  options.documents.learn_all = section.choice("learn", "answers", {"answers", "all"}) == "all";
  options.batches.documents = 32;
  options.epochs = 2;
  options.trainer.optimizer.weight_decay = 0;
  options.trainer.schedule.highest = 1e-5;
  return std::make_unique<LanguageStage>(LanguageOptions::read(section, model, options));
}

}  // namespace r1
