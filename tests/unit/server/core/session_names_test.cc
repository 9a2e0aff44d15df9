#include "server/core/session_names.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "server/session/session_id.h"

namespace recur {
namespace {

TEST(SessionNamesTest, GivesOneNamePerRequestId) {
  const SessionNames names(5);
  EXPECT_EQ(names.Make("r1"), names.Make("r1"));
  EXPECT_NE(names.Make("r1"), names.Make("r2"));
  EXPECT_NE(names.Make(std::string("r\0", 2)), names.Make("r"));
}

TEST(SessionNamesTest, DrawsAnotherNameEveryTimeWithoutOne) {
  const SessionNames names(5);
  std::set<std::string> made;
  for (int i = 0; i < 1000; ++i) made.insert(names.Make(""));
  EXPECT_EQ(made.size(), 1000u);
}

TEST(SessionNamesTest, KeepsAKeyOfItsOwn) {
  EXPECT_NE(SessionNames(5).Make("r1"), SessionNames(5).Make("r1"))
      << "the name must not follow from the request id alone";
}

TEST(SessionNamesTest, MakesIdsThatTellTheirRun) {
  for (const std::string& id :
       {SessionNames(5).Make("r1"), SessionNames(5).Make("")}) {
    EXPECT_TRUE(CheckSessionId(id).ok()) << id;
    EXPECT_FALSE(MadeByAnotherRun(id, 5)) << id;
    EXPECT_TRUE(MadeByAnotherRun(id, 6)) << id;
  }
}

}  // namespace
}  // namespace recur
