#include "server/core/store_identity.h"

#include <gtest/gtest.h>

#include "tests/unit/server/core/faulty_store.h"

namespace recur {
namespace {

TEST(StoreIdentityTest, IsTheSameForAllWhoAsk) {
  FaultyStore store;
  const auto first = IdentityOf(&store);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = IdentityOf(&store);
  EXPECT_EQ(first->key, second->key);
  EXPECT_EQ(first->boot_tag, second->boot_tag);
  FaultyStore another;
  EXPECT_NE(IdentityOf(&another)->key, first->key);
}

TEST(StoreIdentityTest, SettlesALostAcknowledgement) {
  FaultyStore store;
  store.lose_acks = true;
  const auto first = IdentityOf(&store);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(IdentityOf(&store)->key, first->key);
}

TEST(StoreIdentityTest, SaysThatAStoreDoesNotAnswer) {
  FaultyStore store;
  store.down = true;
  EXPECT_EQ(IdentityOf(&store).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace recur
