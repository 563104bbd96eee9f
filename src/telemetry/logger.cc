#include "plimsoll/telemetry/logger.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <mutex>

#include "plimsoll/base/text.h"
#include "telemetry/line_writer.h"

namespace plimsoll {
namespace {

// The message is the rest of the object: `"msg":"...",...`.
constexpr const char* kPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

class QueueSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit QueueSink(LineWriter& writer) : writer_(writer) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    writer_.Push({line.data(), line.size()});
  }
  void flush_() override {}

 private:
  LineWriter& writer_;
};

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

void AppendValue(const LogField& field, std::string& out) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    AppendJsonString(SanitizeLine(*text, kMaxLogTextBytes), out);
  } else if (const auto* number = std::get_if<int64_t>(&field.value)) {
    out += std::to_string(*number);
  } else {
    out += std::get<bool>(field.value) ? "true" : "false";
  }
}

}  // namespace

std::optional<LogLevel> ParseLogLevel(std::string_view text) {
  if (text == "debug") return LogLevel::kDebug;
  if (text == "info") return LogLevel::kInfo;
  if (text == "warning") return LogLevel::kWarning;
  if (text == "error") return LogLevel::kError;
  return std::nullopt;
}

struct Logger::State {
  State(LogLevel level, int descriptor)
      : writer(descriptor), logger("plimsoll", std::make_shared<QueueSink>(writer)) {
    logger.set_level(ToSpdlog(level));
    logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(
        kPattern, spdlog::pattern_time_type::utc, "\n"));
    // What cannot be logged is lost, and counted; logging never fails its caller.
    logger.set_error_handler([this](const std::string&) { writer.CountDropped(1); });
  }
  LineWriter writer;
  spdlog::logger logger;
};

Logger::Logger(LogLevel level, int descriptor)
    : state_(std::make_unique<State>(level, descriptor)) {}
Logger::~Logger() = default;

bool Logger::Enabled(LogLevel level) const { return state_->logger.should_log(ToSpdlog(level)); }

void Logger::Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!Enabled(level)) return;
  std::string text = "\"msg\":";
  AppendJsonString(SanitizeLine(message, kMaxLogTextBytes), text);
  for (const LogField& field : fields) {
    text += ",\"";
    text += field.key;
    text += "\":";
    AppendValue(field, text);
  }
  state_->logger.log(ToSpdlog(level), spdlog::string_view_t(text.data(), text.size()));
}

uint64_t Logger::dropped() const { return state_->writer.dropped(); }
void Logger::CountDropped(uint64_t lines) { state_->writer.CountDropped(lines); }

}  // namespace plimsoll
