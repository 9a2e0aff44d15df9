#include "server/rpc/wire_text.h"

#include <gtest/gtest.h>

#include <string>

#include "server/rpc/encode_model.h"

namespace recur {
namespace {

TEST(WireTextTest, LeavesValidTextAsItIs) {
  for (const std::string text : {"", "step 7",
                                 "21 \xc2\xb0"
                                 "C \xe6\xb0\xb4"}) {
    EXPECT_EQ(WireText(text, 100), text);
  }
  EXPECT_EQ(WireText("12345", 5), "12345");
}

TEST(WireTextTest, CutsBetweenCharacters) {
  EXPECT_EQ(WireText("123456", 5), "12...");
  EXPECT_EQ(WireText("a\xc3\xa9\xc3\xa9\xc3\xa9", 6), "a\xc3\xa9...");
  EXPECT_EQ(WireText(std::string(1000, 'x'), 3), "...");
}

TEST(WireTextTest, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(WireText("a\xff"
                     "b",
                     100),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(WireText("cut\xc3", 100), "cut\xef\xbf\xbd");
  EXPECT_EQ(WireText(std::string(100, '\xff'), 8), "\xef\xbf\xbd...");
}

// One model with odd bytes in its error must not make the list of all models
// unreadable.
TEST(WireTextTest, KeepsAModelsErrorReadable) {
  v1::Model model;
  EncodeModel({.name = "m",
               .version = 1,
               .state = ModelState::kFailed,
               .error = "no file /data/\xff"},
              &model);
  v1::Model read;
  ASSERT_TRUE(read.ParseFromString(model.SerializeAsString()));
  EXPECT_EQ(read.error(), "no file /data/\xef\xbf\xbd");
}

}  // namespace
}  // namespace recur
