// r1 train --reproduce: a model that comes with the program, made again and compared.
#pragma once

#include <string>

#include "train_recipe.h"

namespace r1::app {

/// Runs the recipe of that model, or goes on with it where it stood; asks the result what the model
/// that comes with the program was asked, and prints its scores beside the recorded ones. Throws
/// Error for a name that no such model has.
void reproduce(const std::string& name, RecipeOptions options);

}  // namespace r1::app
