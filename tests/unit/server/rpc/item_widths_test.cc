#include "server/rpc/item_widths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/rpc/rpc_status.h"
#include "tests/unit/server/rpc/wire_error.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

constexpr std::optional<uint32_t> kUnknown;

std::vector<uint32_t> Divide(std::vector<ItemShape> items, uint64_t values) {
  const auto widths = DivideValues(items, values);
  EXPECT_TRUE(widths.ok()) << widths.status();
  return widths.value_or(std::vector<uint32_t>());
}

bool Fails(std::vector<ItemShape> items, uint64_t values) {
  const auto widths = DivideValues(items, values);
  if (widths.ok()) return false;
  EXPECT_EQ(ErrorOf(ToRpcStatus(widths.status())).reason, "bad_columns");
  return true;
}

TEST(ItemWidthsTest, FollowTheModels) {
  EXPECT_THAT(Divide({{1, 1, 3}, {2, 2, 1}}, 5), ElementsAre(3, 1));
}

TEST(ItemWidthsTest, AreSharedEvenlySoThatEachWrongWidthCanBeNamed) {
  EXPECT_THAT(Divide({{1, 1, 8}, {2, 2, 8}}, 21), ElementsAre(7, 7));
}

TEST(ItemWidthsTest, LeaveTheRestToAnUnknownHandle) {
  EXPECT_THAT(Divide({{9, 2, kUnknown}, {1, 1, 2}, {9, 1, kUnknown}}, 17),
              ElementsAre(5, 2, 5));
}

TEST(ItemWidthsTest, TakeSeveralUnknownHandlesToBeLikeTheOthers) {
  EXPECT_THAT(Divide({{8, 1, kUnknown}, {1, 1, 2}, {9, 1, kUnknown}}, 6),
              ElementsAre(2, 2, 2));
}

TEST(ItemWidthsTest, AreNotGuessedWhereAnotherItemsValuesCouldBeTaken) {
  // 1 + 2 + 4 values or 3 + 2 + 2: nobody can tell.
  EXPECT_TRUE(Fails({{8, 1, kUnknown}, {1, 1, 2}, {9, 1, kUnknown}}, 8));
  // Different models: what is missing could be anyone's.
  EXPECT_TRUE(Fails({{1, 1, 3}, {2, 1, 1}}, 6));
  EXPECT_TRUE(Fails({{9, 1, kUnknown}, {1, 2, 2}}, 3));
  EXPECT_TRUE(Fails({{1, 2, 2}}, 3));
}

TEST(ItemWidthsTest, RefuseMoreStepsThanAMessageCanHold) {
  EXPECT_TRUE(Fails({{1, 0xffffffff, 1}, {1, 0xffffffff, 1}}, 0));
}

}  // namespace
}  // namespace recur
