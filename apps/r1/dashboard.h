// The live page of a training run.
#pragma once

#include <filesystem>
#include <string>
#include <thread>

#include "serve/http_server.h"
#include "serve/run_page.h"

namespace r1::app {

/// Served on this machine alone, while it lives.
class Dashboard {
 public:
  /// `run_folder` need not be there yet. Port 0 takes a free one.
  Dashboard(const std::filesystem::path& run_folder, int port);
  ~Dashboard();
  Dashboard(const Dashboard&) = delete;
  Dashboard& operator=(const Dashboard&) = delete;

  std::string address() const;

 private:
  serve::RunPage page_;
  serve::HttpServer server_;
  std::thread thread_;
};

}  // namespace r1::app
