#include "client/replay/sent_items.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace recur::client {
namespace {

using Sent = SentItems::Sent;

TEST(SentItemsTest, NumbersItemsFromZero) {
  SentItems items;
  EXPECT_TRUE(items.empty());
  EXPECT_EQ(items.Add({.handle = 1, .place = 10}), 0u);
  EXPECT_EQ(items.Add({.handle = 2, .place = 20}), 1u);
  EXPECT_FALSE(items.empty());
}

TEST(SentItemsTest, AnItemIsAnsweredOnce) {
  SentItems items;
  items.Add({.handle = 1, .place = 10});
  items.Add({.handle = 1, .attempt = 2, .place = 11});
  EXPECT_EQ(items.Answer(1), (Sent{.handle = 1, .attempt = 2, .place = 11}));
  EXPECT_FALSE(items.Answer(1).has_value());
  EXPECT_TRUE(items.Answer(0).has_value());
  EXPECT_FALSE(items.Answer(0).has_value());
  EXPECT_FALSE(items.Answer(2).has_value());
  EXPECT_TRUE(items.empty());
}

TEST(SentItemsTest, AgreesWithAMapUnderRandomOperations) {
  std::mt19937 random(7);
  SentItems items;
  std::map<uint64_t, Sent> expected;
  uint64_t next = 0;
  for (int i = 0; i < 20'000; ++i) {
    if (random() % 2 == 0) {
      const Sent sent{uint32_t(random() % 9), uint32_t(random() % 3), 1,
                      random() % 1000};
      ASSERT_EQ(items.Add(sent), next);
      expected[next++] = sent;
    } else {
      const uint64_t number = random() % (next + 2);
      const auto found = expected.find(number);
      const auto answered = items.Answer(number);
      ASSERT_EQ(answered.has_value(), found != expected.end());
      if (answered.has_value()) {
        ASSERT_EQ(*answered, found->second);
        expected.erase(found);
      }
    }
    ASSERT_EQ(items.empty(), expected.empty());
  }
}

}  // namespace
}  // namespace recur::client
