#include "server/lane/held_results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/server/lane/lane_fixture.h"

namespace recur {
namespace {

class HeldResultsTest : public ::testing::Test {
 protected:
  void Hold(const SessionPtr& session, uint32_t index, uint64_t until,
            const ItemSink* sink,
            std::optional<TimePoint> deadline = std::nullopt) {
    held_.Hold(session.get(), {.place = {0, index},
                               .sink = sink,
                               .until = until,
                               .deadline = deadline});
  }
  static std::vector<uint32_t> Indices(const std::vector<HeldResult>& results) {
    std::vector<uint32_t> indices;
    for (const auto& result : results) indices.push_back(result.place.index);
    return indices;
  }

  std::shared_ptr<const Servable> model_ =
      ServableOf(AccumulatorModel(1), "sum");
  SessionPtr a_ = SessionRecord::Create("a", "", model_, 4);
  SessionPtr b_ = SessionRecord::Create("b", "", model_, 4);
  Remembering one_;
  Remembering two_;
  HeldResults held_;
};

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(HeldResultsTest, ReleasesWhatIsDurableInOrder) {
  Hold(a_, 0, 3, &one_);
  Hold(a_, 1, 5, &one_);
  Hold(b_, 2, 1, &one_);
  EXPECT_THAT(Indices(held_.Release(a_.get(), 2)), IsEmpty());
  EXPECT_THAT(Indices(held_.Release(a_.get(), 4)), ElementsAre(0));
  EXPECT_THAT(Indices(held_.Release(a_.get(), 9)), ElementsAre(1));
  EXPECT_EQ(held_.size(), 1u);
}

TEST_F(HeldResultsTest, KeepsTheOrderOfASinkAndNotThatOfAnother) {
  Hold(a_, 0, 5, &one_);
  EXPECT_TRUE(held_.MustFollow(a_.get(), &one_));
  EXPECT_FALSE(held_.MustFollow(a_.get(), &two_));
  EXPECT_FALSE(held_.MustFollow(b_.get(), &one_));
  Hold(a_, 1, 0, &one_);
  Hold(a_, 2, 4, &two_);
  EXPECT_THAT(Indices(held_.Release(a_.get(), 4)), ElementsAre(2));
  EXPECT_THAT(Indices(held_.Release(a_.get(), 5)), ElementsAre(0, 1));
}

TEST_F(HeldResultsTest, GivesUpThoseWhoseDeadlineHasPassed) {
  const TimePoint now{std::chrono::seconds(10)};
  Hold(a_, 0, 5, &one_, now);
  Hold(a_, 1, 6, &one_, now + std::chrono::seconds(1));
  Hold(b_, 2, 7, &one_);
  EXPECT_THAT(Indices(held_.TakeLate(now)), ElementsAre(0));
  EXPECT_THAT(Indices(held_.TakeAll(a_.get())), ElementsAre(1));
  EXPECT_EQ(held_.size(), 1u);
}

}  // namespace
}  // namespace recur
