#include "telemetry/process_metrics.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <string>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

// Pseudo files of a few hundred bytes up to some KiB (stat of the machine); one read gives all we look at.
std::string ReadSmallFile(const char* path) {
  std::string text(16 * 1024, '\0');
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return {};
  const ssize_t size = read(descriptor, text.data(), text.size());
  close(descriptor);
  text.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return text;
}

std::optional<double> Number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

std::optional<double> BootTime() {
  const std::string text = ReadSmallFile("/proc/stat");
  constexpr std::string_view kKey = "\nbtime ";
  const size_t at = text.find(kKey);
  if (at == std::string::npos) return std::nullopt;
  return Number(std::string_view(text).substr(at + kKey.size()));
}

std::optional<double> OpenDescriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"), &closedir);
  if (folder == nullptr) return std::nullopt;
  double count = -1;  // the one opened to count
  while (const dirent* entry = readdir(folder.get())) {
    if (entry->d_name[0] != '.') ++count;
  }
  return count;
}

}  // namespace

std::vector<std::pair<std::string_view, double>> ReadProcessMetrics() {
  std::vector<std::pair<std::string_view, double>> metrics;
  const auto add = [&](std::string_view name, std::optional<double> value) {
    if (value) metrics.emplace_back(name, *value);
  };

  // proc(5): the second field is the program's name in parentheses and may hold spaces; count from behind it.
  const std::string stat = ReadSmallFile("/proc/self/stat");
  const size_t name_end = stat.rfind(')');
  if (name_end != std::string::npos && name_end + 2 < stat.size()) {
    const std::vector<std::string_view> fields =
        Split(std::string_view(stat).substr(name_end + 2), ' ');
    const auto field = [&](size_t number) {  // as numbered in proc(5); 3 is the first here
      return number - 3 < fields.size() ? Number(fields[number - 3]) : std::nullopt;
    };
    const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    const double page = static_cast<double>(sysconf(_SC_PAGESIZE));
    const std::optional<double> user = field(14);
    const std::optional<double> system = field(15);
    if (user && system) add("process_cpu_seconds_total", (*user + *system) / ticks);
    add("process_threads", field(20));
    const std::optional<double> boot = BootTime();
    const std::optional<double> started = field(22);
    if (boot && started) add("process_start_time_seconds", *boot + *started / ticks);
    add("process_virtual_memory_bytes", field(23));
    const std::optional<double> resident = field(24);
    if (resident) add("process_resident_memory_bytes", *resident * page);
  }
  add("process_open_fds", OpenDescriptors());
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    add("process_max_fds", static_cast<double>(limit.rlim_cur));
  }
  return metrics;
}

}  // namespace plimsoll
