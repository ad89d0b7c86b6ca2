// r1 train --reproduce: a model that comes with the program, made again and compared.
#pragma once

#include <string>

#include "train_recipe.h"

namespace r1::app {

/// Runs the recipe of that model (or goes on with it), asks the result and the one that comes with
/// the program the same questions, and prints both tables beside the recorded one.
void reproduce(const std::string& name, RecipeOptions options);

}  // namespace r1::app
