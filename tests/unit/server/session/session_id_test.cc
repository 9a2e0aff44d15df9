#include "server/session/session_id.h"

#include <gtest/gtest.h>

#include "model/spec/error_reason.h"

namespace recur {
namespace {

TEST(SessionIdTest, TakesPrintableBytesUpToTheLimit) {
  EXPECT_TRUE(CheckSessionId("pump-1/left:7").ok());
  EXPECT_TRUE(CheckSessionId(std::string(128, 'x')).ok());
}

TEST(SessionIdTest, RefusesOthersWithTheReason) {
  for (const std::string& id :
       {std::string(), std::string(129, 'x'), std::string("a b"),
        std::string("a\n"), std::string("\xc3\xa4"), std::string(1, '\0')}) {
    const absl::Status status = CheckSessionId(id);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(ReasonOf(status), "bad_session_id");
  }
  EXPECT_EQ(CheckSessionId(std::string(129, 'x')).message(),
            "session_id has 129 bytes; the limit is 128");
}

TEST(SessionIdTest, TellsIdsOfAnotherRunFromItsOwn) {
  const std::string id = FormatSessionId(0xabc, 1, 2);
  EXPECT_TRUE(CheckSessionId(id).ok());
  EXPECT_FALSE(MadeByAnotherRun(id, 0xabc));
  EXPECT_TRUE(MadeByAnotherRun(id, 0xabd));
}

TEST(SessionIdTest, TakesNoClientsIdForOneOfAnotherRun) {
  EXPECT_FALSE(MadeByAnotherRun("pump-1", 1));
  EXPECT_FALSE(MadeByAnotherRun("r1-", 1));
  EXPECT_FALSE(MadeByAnotherRun("", 1));
}

}  // namespace
}  // namespace recur
