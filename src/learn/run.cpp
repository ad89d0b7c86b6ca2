#include "learn/run.h"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "formats/json.h"
#include "kernels/isa.h"
#include "kernels/machine.h"
#include "learn/learning_model.h"
#include "learn/run_checkpoints.h"
#include "learn/run_folder.h"
#include "learn/stage.h"
#include "learn/train_tokenizer.h"
#include "learn/trainer.h"

namespace r1 {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct RunSettings {
  std::uint64_t seed = 0;
  std::int64_t checkpoint_every = 0, keep = 0;
  fs::path cache;
  std::string save_dtype;
  bool merge = false;
};

fs::path cache_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0') {
    return fs::path(cache) / "r1";
  }
  const char* home = std::getenv("HOME");
  return fs::path(home == nullptr ? "." : home) / ".cache" / "r1";
}

RunSettings read_settings(const Recipe& recipe, const LearningModelOptions& model) {
  const Section run = recipe.root().table("run");
  RunSettings settings;
  settings.seed = model.seed;
  run.text("name", "");
  settings.checkpoint_every = run.integer("checkpoint_every", 100, 1, std::int64_t{1} << 40);
  settings.keep = run.integer("keep", 2, 1, 1000);
  settings.cache = run.text("cache", cache_folder().string());
  settings.save_dtype =
      run.choice("save_dtype", model.dtype == "f32" ? "f32" : "bf16", {"bf16", "f16", "f32"});
  settings.merge = run.flag("merge", false);
  if (settings.merge && !recipe.root().has("lora")) {
    throw run.error("merge", "is for runs with a [lora] section");
  }
  return settings;
}

/// The configuration of the model that a recipe begins with.
ModelConfig config_of(const LearningModelOptions& options) {
  if (options.start.empty()) return ModelConfig::read(options.config, "the recipe's model");
  const Checkpoint checkpoint = Checkpoint::open(options.start);
  return ModelConfig::read(checkpoint.config(), options.start.string());
}

class Run {
 public:
  explicit Run(const RunOptions& options)
      : options_(options),
        recipe_(Recipe::open(options.recipe, options.run_folder)),
        model_options_(read_model_options(recipe_)),
        settings_(read_settings(recipe_, model_options_)) {
    const ModelConfig config = config_of(model_options_);
    for (const Section& section : recipe_.root().tables("stage")) {
      names_.push_back(section.text("type"));
      stages_.push_back(make_stage(section, config));
    }
    recipe_.require_all_read();
    if (stages_.empty()) {
      throw Error(options.recipe.string(), "has no [[stage]]", "r1 train --help shows an example");
    }
  }

  RunResult run() {
    RunFolder folder(recipe_.run_folder(), options_.resume);
    RunCheckpoints checkpoints(folder.path() / "checkpoints", settings_.keep, options_.note);
    folder_ = &folder;
    checkpoints_ = &checkpoints;
    if (folder.keep_recipe(recipe_.text())) {
      options_.note(
          "the recipe isn't the one that the run began with: it goes on with the new one");
    }
    if (options_.resume) last_checkpoint_ = checkpoints.newest();
    const fs::path own_tokenizer = folder.path() / kTokenizerFolder;
    if (last_checkpoint_ && fs::exists(own_tokenizer)) model_options_.tokenizer = own_tokenizer;
    LearningModel model = last_checkpoint_
                              ? LearningModel::resume(model_options_, *last_checkpoint_)
                              : LearningModel::open(model_options_);
    model_ = &model;
    if (last_checkpoint_) load_place();
    folder.rewind(step_);
    if (!options_.metrics.empty()) write_file(options_.metrics, folder.metrics());
    while (stage_ < stages_.size() && !leaving()) run_stage();
    if (saved_ != step_ || !last_checkpoint_) save();
    RunResult result = {step_, stage_ == stages_.size(), folder.path(), {}};
    if (result.finished || !stopped()) result.model = export_model();
    return result;
  }

 private:
  bool stopped() const { return options_.stop != nullptr && options_.stop->load(); }
  bool leaving() const { return stopped() || step_ >= options_.max_steps; }

  void run_stage() {
    static const std::atomic<bool> never = false;
    Stage& stage = *stages_[stage_];
    StageContext context = {.model = *model_,
                            .folder = *folder_,
                            .seed = settings_.seed * 1000003 + stage_,
                            .cache = settings_.cache,
                            .stop = options_.stop == nullptr ? never : *options_.stop,
                            .note = options_.note};
    stage.begin(context);
    if (std::exchange(loads_stage_, false)) {
      LoadingState state(*last_checkpoint_);
      stage.visit(state);
    }
    running_ = true;
    while (stage_step_ < stage.steps() && !leaving()) {
      run_step(stage);
      if (step_ % settings_.checkpoint_every == 0 && stage_step_ < stage.steps()) save();
    }
    if (stage_step_ < stage.steps()) {
      save();
      return;
    }
    stage.finish();
    running_ = false;
    ++stage_;
    stage_step_ = 0;
    save();
    stages_[stage_ - 1].reset();  // its memory
  }

  void run_step(Stage& stage) {
    const auto start = Clock::now();
    StageReport report;
    try {
      report = stage.step(stage_step_);
    } catch (const Error& error) {
      throw failure(names_[stage_] + " step " + std::to_string(step_ + 1), error.what());
    }
    const std::chrono::duration<double> seconds = Clock::now() - start;
    ++step_;
    ++stage_step_;
    nlohmann::ordered_json metrics = {{"step", step_},
                                      {"stage", names_[stage_]},
                                      {"stage_step", stage_step_},
                                      {"stage_steps", stage.steps()}};
    metrics.update(report.metrics);
    metrics["tokens"] = report.tokens;
    metrics["seconds"] = seconds.count();
    metrics["tokens_per_second"] = static_cast<double>(report.tokens) / seconds.count();
    if (peak_ == 0)
      peak_ = matrix_peak_gflops(model_options_.dtype == "bf16" ? DType::bf16 : DType::f32);
    metrics["peak_share"] = report.operations / seconds.count() / (peak_ * 1e9);
    folder_->log(metrics);
    if (!options_.metrics.empty()) append_metrics(metrics);
    if (options_.on_step) options_.on_step(metrics, stage.steps() - stage_step_);
    if (report.quality && *report.quality > best_) {
      best_ = *report.quality;
      save();
      checkpoints_->keep_best(step_);
    }
  }

  /// Which weights aren't all finite numbers, as a sentence; or "".
  std::string broken_weights() const {
    const std::string name = broken_parameter(model_->model().parameters());
    return name.empty() ? "" : name + " holds a number that isn't finite";
  }

  /// What stops the run: `what`, the weights if they are to blame, and where the run can go on
  /// from.
  Error failure(const std::string& where, std::string what) const {
    const std::string broken = broken_weights();
    if (!broken.empty() && what.find(broken) == std::string::npos) what += "; " + broken;
    return {where, what,
            last_checkpoint_ ? "the last good checkpoint is " + last_checkpoint_->string()
                             : "there is no checkpoint yet"};
  }

  void append_metrics(const nlohmann::ordered_json& metrics) const {
    std::ofstream file(options_.metrics, std::ios::app | std::ios::binary);
    file << json_text(metrics) << '\n' << std::flush;
    if (!file) throw Error(options_.metrics.string(), "can't be written");
  }

  void visit_place(State& state) {
    auto stage = static_cast<std::int64_t>(stage_);
    state.integer("run.stage", stage);
    state.integer("run.stage_step", stage_step_);
    state.integer("run.step", step_);
    state.text("run.isa", isa_);
    state.number("run.best", best_);
    stage_ = static_cast<std::size_t>(stage);
  }

  void save() {
    if (saved_ == step_ && saved_stage_ == stage_ && last_checkpoint_) return;
    // An update may have overflowed, which the next loss alone would tell.
    if (const std::string broken = broken_weights(); !broken.empty()) {
      throw failure("step " + std::to_string(step_), broken);
    }
    try {
      checkpoints_->save(step_, [&](const fs::path& folder) {
        model_->save(folder);
        SavingState state(folder);
        isa_ = std::string(r1::name(active_isa()));
        visit_place(state);
        if (running_) stages_[stage_]->visit(state);
        state.finish();
      });
    } catch (const Error& error) {
      throw failure("step " + std::to_string(step_), error.what());
    }
    saved_ = step_;
    saved_stage_ = stage_;
    last_checkpoint_ = checkpoints_->path_of(step_);
  }

  void load_place() {
    LoadingState state(*last_checkpoint_);
    visit_place(state);
    if (stage_ > stages_.size()) {
      throw Error(last_checkpoint_->string(), "was saved in a stage that the recipe lacks");
    }
    loads_stage_ = stage_step_ > 0;
    saved_ = step_;
    saved_stage_ = stage_;
    const std::string here(r1::name(active_isa()));
    if (isa_ != here) {
      options_.note("the run was on " + isa_ + " and goes on with " + here +
                    ": its last bits will differ (R1_ISA=" + isa_ + " keeps them)");
    }
  }

  /// The trained model in the run's folder: model/, or adapter/ (and model/ merged).
  fs::path export_model() {
    const DType type = *parse_dtype(settings_.save_dtype);
    const fs::path model = folder_->path() / "model", adapter = folder_->path() / "adapter";
    fs::remove_all(model);
    if (model_->has_adapter()) {
      model_->save(adapter);
      if (!settings_.merge) return adapter;
    }
    model_->write(model_->merged(), model, type);
    return model;
  }

  RunOptions options_;
  Recipe recipe_;
  LearningModelOptions model_options_;
  RunSettings settings_;
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<Stage>> stages_;

  RunFolder* folder_ = nullptr;
  RunCheckpoints* checkpoints_ = nullptr;
  LearningModel* model_ = nullptr;
  std::size_t stage_ = 0;
  std::int64_t stage_step_ = 0, step_ = 0;
  bool running_ = false, loads_stage_ = false;
  double best_ = std::numeric_limits<double>::lowest();
  std::string isa_;
  std::int64_t saved_ = -1;
  std::size_t saved_stage_ = 0;
  std::optional<fs::path> last_checkpoint_;
  double peak_ = 0;
};

}  // namespace

RunResult run_recipe(const RunOptions& options) {
  return Run(options).run();
}

}  // namespace r1
