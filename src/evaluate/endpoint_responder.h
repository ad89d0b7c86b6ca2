// A model behind an address that speaks OpenAI's protocol.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "evaluate/responder.h"

namespace r1::evaluate {

struct Endpoint {
  std::string url{};    // "https://host/v1", with or without "/chat/completions"
  std::string model{};  // as the server calls it; empty: the one that it offers
  std::string key{};    // empty: none
  int concurrency = 8;
  bool stream = true;  // answers come as they are written, so that no proxy believes them dead
  int tries = 8;       // of a request that fails in a way that may pass
  std::chrono::milliseconds first_wait{1000};  // before the second try; then twice as long ...
};

class EndpointResponder : public Responder {
 public:
  /// Asks the server for its model if none is named. Throws Error: no server, or several models.
  EndpointResponder(Endpoint endpoint, GenerateOptions options, PromptForm form);

  std::string name() const override { return endpoint_.model; }
  /// Up to `concurrency` requests at a time. Where the server is busy, breaks down or can't be
  /// reached, a request is tried again after the time it asks for (Retry-After), or longer and
  /// longer. Throws Error with what the server says if that doesn't help.
  void respond(const std::vector<Prompt>& prompts, const OnResponse& on_response) override;

 private:
  Endpoint endpoint_;
  GenerateOptions options_;
  PromptForm form_;
};

}  // namespace r1::evaluate
