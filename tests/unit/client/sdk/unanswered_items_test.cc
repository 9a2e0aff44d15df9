#include "client/sdk/unanswered_items.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

namespace recur::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Item = UnansweredItems::Item;

TEST(UnansweredItemsTest, NumbersItemsFromZero) {
  UnansweredItems items;
  EXPECT_EQ(items.Add(1, 10), 0u);
  EXPECT_EQ(items.Add(2, 20), 1u);
  EXPECT_EQ(items.next_number(), 2u);
}

TEST(UnansweredItemsTest, AnItemIsAnsweredOnce) {
  UnansweredItems items;
  items.Add(1, 10);
  items.Add(1, 11);
  EXPECT_TRUE(items.Answer(1));
  EXPECT_FALSE(items.Answer(1));
  EXPECT_TRUE(items.Answer(0));
  EXPECT_FALSE(items.Answer(0));
  EXPECT_FALSE(items.Answer(2));
}

TEST(UnansweredItemsTest, TakesWhatIsLeft) {
  UnansweredItems items;
  items.Add(1, 10);
  items.Add(2, 20);
  items.Add(3, 30);
  items.Answer(1);
  EXPECT_THAT(items.TakeAll(), ElementsAre(Item{0, 1, 10}, Item{2, 3, 30}));
  EXPECT_THAT(items.TakeAll(), IsEmpty());
  EXPECT_EQ(items.Add(4, 40), 3u);
}

TEST(UnansweredItemsTest, AgreesWithAMapUnderRandomOperations) {
  std::mt19937 random(7);
  UnansweredItems items;
  std::map<uint64_t, Item> expected;
  for (int i = 0; i < 20'000; ++i) {
    if (random() % 2 == 0) {
      const Item item{items.next_number(), uint32_t(random() % 9),
                      random() % 1000};
      ASSERT_EQ(items.Add(item.handle, item.last_step), item.number);
      expected[item.number] = item;
    } else {
      const uint64_t number = random() % (items.next_number() + 2);
      ASSERT_EQ(items.Answer(number), expected.erase(number) == 1);
    }
  }
  std::vector<Item> left;
  for (const auto& [number, item] : expected) left.push_back(item);
  EXPECT_EQ(items.TakeAll(), left);
}

}  // namespace
}  // namespace recur::client
