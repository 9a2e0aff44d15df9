#include "model/train/predictions.h"

#include <cmath>
#include <string>

#include "gtest/gtest.h"
#include "model/data/csv.h"
#include "nlohmann/json.hpp"
#include "tests/unit/model/train/forecast/series_fixtures.h"
#include "tests/unit/model/train/train_tool_fixture.h"

namespace recur {
namespace {

class PredictionsTest : public TrainToolFixture {
 protected:
  CsvTable Read(const std::string& path) {
    auto table = CsvTable::Read(path);
    EXPECT_TRUE(table.ok()) << table.status();
    return *std::move(table);
  }
};

absl::string_view CellOf(const CsvTable& table, int row, const char* column) {
  return table.cell(row, *table.ColumnIndex(column));
}

double Number(const CsvTable& table, int row, const char* column) {
  return (*table.Numbers(*table.ColumnIndex(column)))[row];
}

TEST_F(PredictionsTest, OfForecastsHaveTheErrorOfTheTable) {
  const std::string data =
      Write("wave.csv",
            DailyCsv(150, [](int day) { return 5.0 + std::sin(day * 0.7); }));
  const std::string path = (folder_ / "predictions.csv").string();
  const Outcome outcome =
      Run({"forecast", "--data", data, "--time", "date", "--target", "y",
           "--horizon", "3", "--test-rows", "30", "--hidden", "6", "--steps",
           "12", "--quiet", "--json", "--predictions", path});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const CsvTable table = Read(path);
  ASSERT_EQ(table.rows(), 30);
  double error = 0.0;
  for (int row = 0; row < table.rows(); ++row) {
    error +=
        std::abs(Number(table, row, "truth") - Number(table, row, "point")) /
        table.rows();
    EXPECT_EQ(Number(table, row, "origin"), 120 + row / 3 * 3);
    EXPECT_EQ(Number(table, row, "step"), row % 3 + 1);
    EXPECT_LE(Number(table, row, "0.1"), Number(table, row, "0.9"));
  }
  const auto metrics = nlohmann::json::parse(outcome.out);
  EXPECT_NEAR(error, metrics["targets"][0]["test"][0]["mae"].get<double>(),
              1e-9);
}

TEST_F(PredictionsTest, OfClassesHaveLineLabelAndProbabilities) {
  std::string csv = "line,kind\n";
  for (int i = 0; i < 40; ++i) {
    csv += i % 2 == 0 ? "all is well,\"ok, \"\"fine\"\"\"\n" : "it broke,bad\n";
  }
  const std::string path = (folder_ / "predictions.csv").string();
  const Outcome outcome =
      Run({"classify", "--data", Write("log.csv", csv), "--text", "line",
           "--label", "kind", "--test-rows", "10", "--hidden", "6", "--members",
           "1", "--epochs", "20", "--quiet", "--json", "--predictions", path});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const CsvTable table = Read(path);
  ASSERT_EQ(table.rows(), 10);
  double right = 0.0;
  for (int row = 0; row < table.rows(); ++row) {
    EXPECT_EQ(Number(table, row, "line"), 32 + row);
    EXPECT_NEAR(
        Number(table, row, "p(bad)") + Number(table, row, "p(ok, \"fine\")"),
        1.0, 1e-6);
    right +=
        CellOf(table, row, "truth") == CellOf(table, row, "label") ? 0.1 : 0.0;
  }
  const auto metrics = nlohmann::json::parse(outcome.out);
  EXPECT_NEAR(right, metrics["test"][0]["accuracy"].get<double>(), 1e-9);
}

TEST_F(PredictionsTest, AFileThatCannotBeWrittenIsSaidBeforeTraining) {
  const std::string path = (folder_ / "none" / "predictions.csv").string();
  const Outcome outcome =
      Run({"forecast", "--data", (folder_ / "none.csv").string(), "--target",
           "y", "--horizon", "3", "--predictions", path});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("--predictions is " + path), outcome.err.npos)
      << outcome.err;
}

}  // namespace
}  // namespace recur
