#include "server/store/store_uri.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/spec/error_reason.h"
#include "tests/unit/server/store/temp_directory.h"

namespace recur {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(StoreUriTest, MemoryIsNoStore) {
  const auto store = OpenSessionStore("memory");
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(*store, nullptr);
}

TEST(StoreUriTest, ADirectoryIsLocal) {
  TempDirectory directory;
  const auto store =
      OpenSessionStore("rocksdb:" + (directory.path() / "made").string());
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->durability(), Durability::kLocal);
}

TEST(StoreUriTest, ARedisThatIsNotThereIsNamedWithoutItsPassword) {
  const absl::Status status =
      OpenSessionStore("redis://recur:hush@127.0.0.1:1/2").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("redis://recur@127.0.0.1:1/2: connecting: "));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hush")));
}

TEST(StoreUriTest, AnythingElseIsRefusedAndNotQuoted) {
  for (const char* uri : {"", "rocksdb:", "rocksdb", "disk", "redis:hush",
                          "REDIS://u:hush@host", "memory:hush"}) {
    const absl::Status status = OpenSessionStore(uri).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << uri;
    EXPECT_EQ(ReasonOf(status), "bad_option");
    EXPECT_THAT(std::string(status.message()), HasSubstr("rocksdb:DIR"));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hush")));
  }
}

}  // namespace
}  // namespace recur
