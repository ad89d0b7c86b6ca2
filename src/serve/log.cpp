#include "serve/log.h"

#include <chrono>
#include <cstdio>
#include <ctime>

#include "formats/json.h"

namespace r1::serve {
namespace {

std::string time_now() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char date[32], text[48];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text, sizeof text, "%s.%03dZ", date, static_cast<int>(milliseconds));
  return text;
}

}  // namespace

void Log::write(const std::string& event, const nlohmann::ordered_json& fields) const {
  if (form_ == Form::none) return;
  std::string line;
  if (form_ == Form::json) {
    nlohmann::ordered_json object = {{"time", time_now()}, {"event", event}};
    object.update(fields);
    line = json_text(object);
  } else {
    line = time_now() + " " + event;
    for (const auto& [key, value] : fields.items()) line += " " + key + "=" + json_text(value);
  }
  line += '\n';
  const std::lock_guard lock(mutex_);
  std::fputs(line.c_str(), stderr);
}

}  // namespace r1::serve
