// The web pages, which the program carries with it.
#pragma once

#include <span>
#include <string_view>

#include "serve/http.h"

namespace r1::serve {

struct PageFile {
  std::string_view path;  // like "/page.js"
  std::string_view etag;
  std::string_view bytes;
};

/// The page to talk with a model: web/dist.
std::span<const PageFile> page_files();
/// The live page of a training run: web/dist/dashboard.
std::span<const PageFile> run_page_files();

/// The file at a path ("/" is the page itself); null if there is none.
const PageFile* find_page_file(std::span<const PageFile> files, std::string_view path);

/// The file, or 304 if the browser has it already. With headers that let the page run its own
/// script only and load from this server only.
HttpAnswer page_answer(const PageFile& file, const HttpRequest& request);

}  // namespace r1::serve
