// Any bytes as the body of a request: refused with a sentence, or turned into what the engine
// takes; a JSON Schema in it gives a grammar whose states can be walked.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "serve/api_error.h"
#include "serve/completion_request.h"

namespace {

r1::serve::ServedModel make_model() {
  r1::TokenizerData data;
  for (int byte = 0; byte < 256; ++byte) {
    data.tokens.push_back({std::string(1, static_cast<char>(byte)), r1::TokenKind::normal, false});
  }
  data.tokens.push_back({"<end>", r1::TokenKind::control, false});
  data.eos = 256;
  data.end_of_generation = {256};
  const r1::Tokenizer tokenizer(std::move(data), "fuzz");
  const char* text =
      "{{ tools }}{% for m in messages %}{{ m.role }}{{ m.content }}{{ m.tool_calls | tojson }}"
      "{% endfor %}<think>\n";
  return {.id = "m",
          .aliases = {},
          .tokenizer = tokenizer,
          .chat_template = r1::ChatTemplate(text),
          .template_text = text,
          .defaults = {},
          .context_length = 4096,
          .tree = std::make_shared<const r1::TokenTree>(tokenizer)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const r1::serve::ServedModel model = make_model();
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const auto parse : {r1::serve::parse_chat_request, r1::serve::parse_text_request}) {
    try {
      const auto request = parse(body, model);
      const auto& options = request.requests.at(0).options;
      options.check();
      if (!options.grammar.grammar) continue;
      std::array<float, 257> logits{};
      r1::TokenMask mask(options.grammar, model.tokenizer);
      for (int i = 0; i < 20; ++i) {
        mask.apply(logits);
        int next = 0;
        while (next < 256 && logits[static_cast<std::size_t>(next)] < 0) ++next;
        mask.take(model.tokenizer.token_bytes(next));
        logits.fill(0);
      }
    } catch (const r1::serve::ApiError&) {
    } catch (const r1::Error&) {
    }
  }
  return 0;
}
