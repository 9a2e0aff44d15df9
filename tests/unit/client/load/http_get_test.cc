#include "client/load/http_get.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace recur::load {
namespace {

using ::testing::StartsWith;

constexpr std::chrono::milliseconds kTimeout(2'000);

TEST(HttpGetTest, NamesTheUrlThatCannotBeRead) {
  const auto text = HttpGet("http://127.0.0.1:1/metrics", kTimeout);
  EXPECT_EQ(text.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(text.status().message(),
            "cannot read http://127.0.0.1:1/metrics: Connection refused");
}

TEST(HttpGetTest, RefusesWhatIsNoUrl) {
  for (const char* url : {"", "https://127.0.0.1/", "http:///metrics"}) {
    const auto text = HttpGet(url, kTimeout);
    EXPECT_EQ(text.status().code(), absl::StatusCode::kInvalidArgument) << url;
    EXPECT_THAT(std::string(text.status().message()),
                StartsWith(absl::StrCat("\"", url, "\" is not a URL such as")));
  }
}

}  // namespace
}  // namespace recur::load
