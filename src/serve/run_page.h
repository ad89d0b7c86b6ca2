// The live page of a training run: what its folder holds, read while it grows.
#pragma once

#include <filesystem>
#include <string>

#include "serve/access.h"
#include "serve/http.h"

namespace r1::serve {

/// Beside the page's own files: run/about (name, recipe, stages with samples), run/metrics and
/// run/samples?stage=NAME, both with from=BYTE: the lines that begin there, and where the next ones
/// will. Nothing of the folder but these can be read, and nothing changed.
class RunPage : public HttpHandler {
 public:
  /// `folder`: the run's, which need not be there yet.
  explicit RunPage(const std::filesystem::path& folder, AccessOptions access = {});

  std::optional<HttpAnswer> refuse(const HttpRequest& head) override;
  void handle(const HttpRequest& request, std::shared_ptr<HttpReply> reply) override;
  HttpAnswer error(int status, std::string_view message) override;

 private:
  HttpAnswer answer(const HttpRequest& request) const;
  HttpAnswer about() const;

  std::filesystem::path folder_;
  Access access_;
};

}  // namespace r1::serve
