#include "learn/model_input.h"

#include "base/error.h"
#include "hub/cache.h"
#include "hub/name.h"
#include "hub/settings.h"

namespace r1 {

std::filesystem::path model_input(const Section& section, std::string_view key) {
  try {
    return section.input(key);
  } catch (const Error&) {
    const auto name = hub::try_name(section.text(key));
    if (!name || name->data_set) throw;
    if (const auto path = hub::find_cached(hub::cache_folder(), *name)) return *path;
    throw;
  }
}

}  // namespace r1
