#include "hub/choice.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>
#include <optional>
#include <string_view>

#include "base/error.h"

namespace r1::hub {
namespace {

/// Nearest first: types of about the same size, then better ones as long as they stay small, then
/// smaller ones, then the large.
constexpr std::array<std::string_view, 22> kPreferred = {
    "Q4_K_M", "Q4_K_S", "Q4_K_L", "Q4_K", "Q4_1", "Q4_0", "IQ4_NL", "Q5_K_S",
    "Q5_K_M", "Q5_K_L", "Q5_K",   "Q5_0", "Q5_1", "Q6_K", "Q6_K_L", "Q8_0",
    "Q3_K_L", "Q3_K_M", "Q3_K_S", "BF16", "F16",  "Q2_K"};
/// Known by name only.
constexpr std::array<std::string_view, 23> kOthers = {
    "F32",     "FP16",  "Q2_K_L", "Q2_K_XL", "Q3_K_XL", "Q4_K_XL", "Q5_K_XL", "Q6_K_XL",
    "Q8_K_XL", "IQ1_S", "IQ1_M",  "IQ2_XXS", "IQ2_XS",  "IQ2_S",   "IQ2_M",   "IQ3_XXS",
    "IQ3_XS",  "IQ3_S", "IQ3_M",  "IQ4_XS",  "TQ1_0",   "TQ2_0",   "MXFP4"};

std::string upper_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

std::string_view folder_of(std::string_view path) {
  const std::size_t end = path.rfind('/');
  return end == path.npos ? std::string_view() : path.substr(0, end);
}

struct Part {
  std::string stem;  // without "-00001-of-00009.gguf"
  int number = 1, count = 1;
};

std::optional<int> five_digits(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.size() != 5 || error != std::errc() || end != text.data() + 5) return std::nullopt;
  return number;
}

Part part_of(std::string_view path) {
  constexpr std::size_t kSuffix = std::string_view("-00001-of-00009").size();
  std::string_view stem = path.substr(0, path.size() - std::string_view(".gguf").size());
  if (stem.size() > kSuffix) {
    const std::string_view suffix = stem.substr(stem.size() - kSuffix);
    const auto number = five_digits(suffix.substr(1, 5)), count = five_digits(suffix.substr(10));
    if (suffix[0] == '-' && suffix.substr(6, 4) == "-of-" && number && count) {
      return {std::string(stem.substr(0, stem.size() - kSuffix)), *number, *count};
    }
  }
  return {std::string(stem)};
}

/// Whether the stem's last word is `label` (in capitals): "model-Q4_K_M", "model.q4_k_m".
bool ends_with_word(std::string_view stem, std::string_view label) {
  const std::string text = upper_case(file_name(stem));
  if (!text.ends_with(label)) return false;
  if (text.size() == label.size()) return true;
  const char before = text[text.size() - label.size() - 1];
  return before == '-' || before == '.' || before == '_';
}

/// The longest label that fits: "Q4_K" must not hide "IQ4_K".
std::string quantization_of(std::string_view stem) {
  std::string_view best;
  const auto look = [&](std::string_view label) {
    if (label.size() > best.size() && ends_with_word(stem, label)) best = label;
  };
  std::for_each(kPreferred.begin(), kPreferred.end(), look);
  std::for_each(kOthers.begin(), kOthers.end(), look);
  const bool dynamic = !best.empty() && ends_with_word(stem, "UD-" + std::string(best));
  return (dynamic ? "UD-" : "") + std::string(best);
}

bool is_model(std::string_view path) {
  const std::string name = upper_case(file_name(path));
  return name.ends_with(".GGUF") && path.ends_with(".gguf") && !name.starts_with("MMPROJ") &&
         name.find("IMATRIX") == std::string::npos;
}

bool means(const std::string& choice, const Variant& variant) {
  const std::string& first = variant.files.front();
  if (std::find(variant.files.begin(), variant.files.end(), choice) != variant.files.end()) {
    return true;
  }
  const std::string label = upper_case(choice);
  return label == upper_case(variant.quantization) || ends_with_word(part_of(first).stem, label) ||
         choice == folder_of(first);
}

/// Several may have one quantization: the plainest name wins.
const Variant* plainest(const std::vector<const Variant*>& candidates) {
  const auto found = std::min_element(
      candidates.begin(), candidates.end(), [](const Variant* a, const Variant* b) {
        return std::pair(a->files.front().size(), a->files.front()) <
               std::pair(b->files.front().size(), b->files.front());
      });
  return found == candidates.end() ? nullptr : *found;
}

template <typename Condition>
const Variant* find_variant(const std::vector<Variant>& variants, const Condition& condition) {
  std::vector<const Variant*> candidates;
  for (const Variant& variant : variants) {
    if (condition(variant)) candidates.push_back(&variant);
  }
  return plainest(candidates);
}

std::string list_of(const std::vector<Variant>& variants) {
  constexpr std::size_t kMost = 30;
  std::string list;
  for (std::size_t i = 0; i < std::min(variants.size(), kMost); ++i) {
    const Variant& variant = variants[i];
    list += (list.empty() ? "" : ", ") +
            (variant.quantization.empty() ? variant.files.front() : variant.quantization);
  }
  return list + (variants.size() > kMost ? ", ..." : "");
}

/// What makes a Hugging Face folder that can be run, or an adapter.
bool belongs_to_folder(const std::string& path) {
  if (path.find('/') != std::string::npos) return false;
  if (path.ends_with(".safetensors")) {
    return path.starts_with("model") || path.starts_with("adapter_model");
  }
  return path.ends_with(".json") || path.ends_with(".jinja") || path == "tokenizer.model" ||
         path == "merges.txt" || path == "vocab.txt";
}

std::vector<std::string> files_of_folder(const Name& name, const std::vector<std::string>& files) {
  std::vector<std::string> wanted;
  std::copy_if(files.begin(), files.end(), std::back_inserter(wanted), belongs_to_folder);
  const bool weights = std::any_of(wanted.begin(), wanted.end(), [](const std::string& path) {
    return path.ends_with(".safetensors");
  });
  if (!weights) {
    throw Error(name.text(), "has neither GGUF nor safetensors files", "take another repository");
  }
  return wanted;
}

std::vector<std::string> files_of_data_set(const Name& name,
                                           const std::vector<std::string>& files) {
  std::vector<std::string> wanted;
  for (const std::string& path : files) {
    const bool meant = name.choice.empty()
                           ? path != ".gitattributes"
                           : path == name.choice || path.starts_with(name.choice + "/");
    if (meant) wanted.push_back(path);
  }
  if (wanted.empty()) throw Error(name.text(), "has no such files");
  return wanted;
}

}  // namespace

std::vector<Variant> gguf_variants(const std::vector<std::string>& files) {
  std::map<std::pair<std::string, int>, std::map<int, std::string>> parts;
  for (const std::string& path : files) {
    if (!is_model(path)) continue;
    const Part part = part_of(path);
    parts[{part.stem, part.count}][part.number] = path;
  }
  std::vector<Variant> variants;
  for (const auto& [key, numbered] : parts) {
    const auto& [stem, count] = key;
    if (static_cast<int>(numbered.size()) != count || numbered.begin()->first != 1 ||
        numbered.rbegin()->first != count) {
      continue;
    }
    Variant variant{quantization_of(stem), {}};
    if (variant.quantization.empty()) variant.quantization = quantization_of(folder_of(stem));
    for (const auto& [number, path] : numbered) variant.files.push_back(path);
    variants.push_back(std::move(variant));
  }
  return variants;
}

Variant choose_variant(const std::vector<Variant>& variants, const std::string& choice,
                       const std::string& where) {
  if (!choice.empty()) {
    if (const Variant* found = find_variant(
            variants, [&](const Variant& variant) { return means(choice, variant); })) {
      return *found;
    }
    throw Error(where, "there is no " + choice, "there are " + list_of(variants));
  }
  for (const std::string_view type : kPreferred) {
    if (const Variant* found = find_variant(
            variants, [&](const Variant& variant) { return variant.quantization == type; })) {
      return *found;
    }
  }
  if (variants.size() == 1) return variants.front();
  throw Error(where, "none of its files is of a type that is known to run",
              "name one of " + list_of(variants));
}

std::vector<std::string> files_to_fetch(const Name& name, const std::vector<std::string>& files) {
  if (name.data_set) return files_of_data_set(name, files);
  const std::vector<Variant> variants = gguf_variants(files);
  const bool is_file = std::find(files.begin(), files.end(), name.choice) != files.end();
  if (is_file && !is_model(name.choice)) return {name.choice};
  if (!variants.empty()) return choose_variant(variants, name.choice, name.text()).files;
  if (!name.choice.empty()) {
    throw Error(name.text(), "there is no " + name.choice, "it has no whole GGUF files");
  }
  return files_of_folder(name, files);
}

}  // namespace r1::hub
