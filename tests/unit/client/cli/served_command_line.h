// `recur` in the test's process, and a server that it talks to.
#ifndef RECUR_TESTS_UNIT_CLIENT_CLI_SERVED_COMMAND_LINE_H_
#define RECUR_TESTS_UNIT_CLIENT_CLI_SERVED_COMMAND_LINE_H_

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/command_line.h"
#include "model/data/csv.h"
#include "tests/tiny_server.h"

namespace recur::cli {

using nlohmann::json;

struct Result {
  int code = 0;
  std::string out;
  std::string err;

  std::vector<json> lines() const {
    std::vector<json> parsed;
    for (absl::string_view line :
         absl::StrSplit(out, '\n', absl::SkipEmpty())) {
      parsed.push_back(json::parse(line.begin(), line.end()));
    }
    return parsed;
  }
};

inline Result RunWith(const std::vector<std::string>& arguments,
                      const std::string& input = "") {
  std::vector<const char*> argv = {"recur"};
  for (const std::string& argument : arguments)
    argv.push_back(argument.c_str());
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  const int code =
      Run(static_cast<int>(argv.size()), argv.data(), in, out, err);
  return {code, out.str(), err.str()};
}

class ServedCommandLineTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = new TinyServer; }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }

  ServedCommandLineTest() : csv_(MakeCsv(30)) {}
  ~ServedCommandLineTest() override { std::filesystem::remove(csv_); }

  static Result Recur(std::vector<std::string> arguments,
                      const std::string& input = "") {
    arguments.push_back("--server");
    arguments.push_back(server_->target());
    return RunWith(arguments, input);
  }

  // Day i has temp (i * 7) % 10 and wind 1; wind is missing every fourth day.
  static double Temp(int day) { return (day * 7) % 10; }
  static std::string Row(int day) {
    return absl::StrCat(FormatTime(day * int64_t{86'400'000'000}), ",",
                        Temp(day), ",", day % 4 == 0 ? "" : "1", "\n");
  }
  static std::string Csv(int rows) {
    std::string text = "date,temp,wind\n";
    for (int day = 0; day < rows; ++day) text += Row(day);
    return text;
  }
  static std::string MakeCsv(int rows) {
    const std::string path =
        std::filesystem::temp_directory_path() /
        absl::StrCat(
            "recur-cli-", getpid(), "-",
            ::testing::UnitTest::GetInstance()->current_test_info()->name(),
            ".csv");
    std::ofstream(path) << Csv(rows);
    return path;
  }

  static inline TinyServer* server_ = nullptr;
  const std::string csv_;
};

}  // namespace recur::cli

#endif  // RECUR_TESTS_UNIT_CLIENT_CLI_SERVED_COMMAND_LINE_H_
