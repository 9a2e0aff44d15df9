#include "server/rpc/stream_watermarks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class StreamWatermarksTest : public ::testing::Test {
 protected:
  void Add(uint32_t number, uint64_t step) {
    const Watermark mark{number, step};
    marks_.Add({&mark, 1});
  }
  v1::Watermarks Take() {
    v1::Watermarks out;
    marks_.Take(&out);
    return out;
  }

  StreamWatermarks marks_;
};

TEST_F(StreamWatermarksTest, SendsTheNewestOfAHandleOnce) {
  const uint32_t number = marks_.Bind(7, 3);
  EXPECT_TRUE(marks_.empty());
  Add(number, 4);
  Add(number, 6);
  const v1::Watermarks out = Take();
  EXPECT_THAT(out.handle(), ElementsAre(7));
  EXPECT_THAT(out.durable_step(), ElementsAre(6));
  EXPECT_TRUE(marks_.empty());
}

TEST_F(StreamWatermarksTest, IgnoresWhatIsOfTheHandlesSessionBefore) {
  const uint32_t before = marks_.Bind(7, 3);
  Add(before, 90);
  const uint32_t after = marks_.Bind(7, 1);
  EXPECT_NE(before, after);
  Add(before, 100);
  EXPECT_THAT(Take().handle(), IsEmpty());
  Add(after, 2);
  EXPECT_THAT(Take().durable_step(), ElementsAre(2));
}

TEST_F(StreamWatermarksTest, ForgetsAHandleThatIsDetached) {
  const uint32_t number = marks_.Bind(7, 3);
  EXPECT_EQ(marks_.Unbind(7), number);
  EXPECT_EQ(marks_.Unbind(7), 0u);
  Add(number, 9);
  EXPECT_TRUE(marks_.empty());
}

TEST_F(StreamWatermarksTest, KnowsAllOfThemForTheEnd) {
  marks_.Bind(7, 3);
  Add(marks_.Bind(8, 1), 5);
  Take();
  v1::Watermarks all;
  marks_.All(&all);
  ASSERT_EQ(all.handle_size(), 2);
  const int of_8 = all.handle(0) == 8 ? 0 : 1;
  EXPECT_EQ(all.durable_step(of_8), 5u);
  EXPECT_EQ(all.durable_step(1 - of_8), 3u);
}

}  // namespace
}  // namespace recur
