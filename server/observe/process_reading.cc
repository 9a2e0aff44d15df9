#include "server/observe/process_reading.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

absl::Status CannotUse(const fs::path& path) {
  return absl::UnavailableError(absl::StrCat("cannot use ", path.string()));
}

std::string ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file),
          std::istreambuf_iterator<char>()};
}

// The numbers of proc_pid_stat(5) from field 4 on. Field 2, the name in
// parentheses, may hold anything, and field 3 is a letter.
std::vector<double> StatFields(const std::string& text) {
  std::vector<double> fields;
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos || text.size() < name_end + 4) return {};
  for (absl::string_view word :
       absl::StrSplit(absl::string_view(text).substr(name_end + 4), ' ',
                      absl::SkipWhitespace())) {
    double number = 0;
    if (!absl::SimpleAtod(absl::StripAsciiWhitespace(word), &number)) break;
    fields.push_back(number);
  }
  return fields;
}

// Seconds since the epoch when the system was started; 0 if it is not told.
double BootTime(const std::string& text) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    double seconds = 0;
    if (words.size() == 2 && words[0] == "btime" &&
        absl::SimpleAtod(words[1], &seconds)) {
      return seconds;
    }
  }
  return 0;
}

double MaxFds() {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur == RLIM_INFINITY
             ? std::numeric_limits<double>::infinity()
             : static_cast<double>(limit.rlim_cur);
}

}  // namespace

absl::StatusOr<ProcessReading> ReadProcess(const fs::path& proc) {
  const fs::path stat_path = proc / "self" / "stat";
  const std::vector<double> fields = StatFields(ReadText(stat_path));
  if (fields.size() < 21) return CannotUse(stat_path);
  const auto field = [&](int number) { return fields[number - 4]; };
  const double boot_time = BootTime(ReadText(proc / "stat"));
  if (boot_time == 0) return CannotUse(proc / "stat");
  std::error_code error;
  fs::directory_iterator fds(proc / "self" / "fd", error);
  if (error) return CannotUse(proc / "self" / "fd");
  // One of them is the listing's own.
  const auto open_fds = std::distance(begin(fds), end(fds)) - 1;

  const double ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  const double page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
  return ProcessReading{
      .cpu_seconds = (field(14) + field(15)) / ticks_per_second,
      .start_time_seconds = boot_time + field(22) / ticks_per_second,
      .resident_memory_bytes = field(24) * page_bytes,
      .virtual_memory_bytes = field(23),
      .threads = field(20),
      .open_fds = static_cast<double>(open_fds),
      .max_fds = MaxFds()};
}

}  // namespace recur
