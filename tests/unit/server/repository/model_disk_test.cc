#include "server/repository/model_disk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/server/repository/small_model.h"

namespace recur {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(ModelDiskTest, ModelNamesArePlainWords) {
  for (const char* name : {"m", "weather", "a.b-c_D9", "9"}) {
    EXPECT_TRUE(IsModelName(name)) << name;
  }
  for (const char* name :
       {"", ".", "..", ".tmp", "a b", "a/b", "a\nb", "caf\xc3\xa9", "a\"b"}) {
    EXPECT_FALSE(IsModelName(name)) << name;
  }
  EXPECT_TRUE(IsModelName(std::string(128, 'x')));
  EXPECT_FALSE(IsModelName(std::string(129, 'x')));
}

TEST(ModelDiskTest, VersionsArePositiveIntegersWrittenOneWay) {
  EXPECT_EQ(ParseVersion("1"), 1);
  EXPECT_EQ(ParseVersion("20140301"), 20140301);
  EXPECT_EQ(ParseVersion("9223372036854775807"),
            std::numeric_limits<int64_t>::max());
  for (const char* name : {"", "0", "01", "+1", "-1", " 1", "1 ", "1.0", "v1",
                           "0x1", "9223372036854775808"}) {
    EXPECT_EQ(ParseVersion(name), std::nullopt) << name;
  }
}

TEST(ModelDiskTest, FindsVersionsAndPassesOverAllElse) {
  TemporaryDirectory root;
  fs::create_directories(root.path() / "m" / "1");
  fs::create_directories(root.path() / "m" / "10");
  fs::create_directories(root.path() / "m" / "02");
  fs::create_directories(root.path() / "m" / ".3.tmp");
  WriteText(root.path() / "m" / "4", "a file");
  fs::create_directories(root.path() / "empty");
  fs::create_directories(root.path() / ".hidden" / "1");
  fs::create_directories(root.path() / "two words" / "1");
  WriteText(root.path() / "readme", "a file");

  const auto models = ScanModels(root.path());
  ASSERT_TRUE(models.ok());
  EXPECT_THAT(*models, ElementsAre(Pair("empty", std::set<int64_t>{}),
                                   Pair("m", std::set<int64_t>{1, 10})));
}

TEST(ModelDiskTest, FollowsLinksToDirectoriesAndPassesOverBrokenOnes) {
  TemporaryDirectory root;
  TemporaryDirectory elsewhere;
  fs::create_directories(elsewhere.path() / "model" / "7");
  fs::create_directories(root.path() / "m");
  fs::create_directory_symlink(elsewhere.path() / "model",
                               root.path() / "linked");
  fs::create_directory_symlink(elsewhere.path() / "model" / "7",
                               root.path() / "m" / "2");
  fs::create_symlink("nowhere", root.path() / "m" / "3");
  fs::create_symlink("m", root.path() / "m" / "4");

  const auto models = ScanModels(root.path());
  ASSERT_TRUE(models.ok());
  EXPECT_THAT(*models, ElementsAre(Pair("linked", std::set<int64_t>{7}),
                                   Pair("m", std::set<int64_t>{2})));
}

TEST(ModelDiskTest, NamesARootThatIsNotThere) {
  TemporaryDirectory root;
  const auto models = ScanModels(root.path() / "missing");
  EXPECT_EQ(models.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(models.status().message()), HasSubstr("missing"));
}

TEST(ModelDiskTest, AStampTellsWhetherFilesChanged) {
  TemporaryDirectory directory;
  WriteText(directory.path() / "a", "1");
  const DirectoryStamp before = StampOf(directory.path());
  EXPECT_EQ(StampOf(directory.path()), before);

  const auto time = fs::last_write_time(directory.path() / "a");
  fs::last_write_time(directory.path() / "a", time + std::chrono::seconds(1));
  const DirectoryStamp touched = StampOf(directory.path());
  EXPECT_NE(touched, before);

  WriteText(directory.path() / "a", "12");
  fs::last_write_time(directory.path() / "a", time + std::chrono::seconds(1));
  EXPECT_NE(StampOf(directory.path()), touched);

  WriteText(directory.path() / "b", "");
  EXPECT_EQ(StampOf(directory.path()).size(), 2u);
  EXPECT_THAT(StampOf(directory.path() / "missing"), IsEmpty());
}

}  // namespace
}  // namespace recur
