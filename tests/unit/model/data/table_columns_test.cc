#include "model/data/table_columns.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

TEST(TableColumnsTest, NamesBecomeTheirPlaces) {
  const auto table =
      CsvTable::Parse("x,site\n1,south\n2,north\n3,south\n", "a");
  const auto values = ReadCategories(*table, 1, {"north", "south"});
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_THAT(*values, ElementsAre(1.0, 0.0, 1.0));
}

TEST(TableColumnsTest, ANameThatIsNotKnownIsRefusedWithItsLine) {
  const auto table = CsvTable::Parse("x,site\n1,south\n2,west\n", "a.csv");
  EXPECT_EQ(ReadCategories(*table, 1, {"north", "south"}).status().message(),
            "a.csv: line 3, column \"site\": \"west\" is not known; it must be "
            "one of north, south");
}

}  // namespace
}  // namespace recur
