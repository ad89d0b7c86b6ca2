#include "dashboard.h"

namespace r1::app {

Dashboard::Dashboard(const std::filesystem::path& run_folder, int port)
    : page_(run_folder),
      server_(page_, "127.0.0.1", port, {}),
      thread_([this] { server_.run(1); }) {}

Dashboard::~Dashboard() {
  server_.stop();
  thread_.join();
}

std::string Dashboard::address() const {
  return "http://127.0.0.1:" + std::to_string(server_.port());
}

}  // namespace r1::app
