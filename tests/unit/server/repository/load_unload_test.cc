#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/spec/error_reason.h"
#include "tests/unit/server/repository/repository_fixture.h"

namespace recur {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using LoadUnloadTest = RepositoryTest;

TEST_F(LoadUnloadTest, AVersionThatIsLoadedByNameStaysBesideLaterOnes) {
  Write("m", 1);
  Write("m", 2);
  Open()->Poll();
  const auto loaded = repository_->Load("m", 1);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(Text(*loaded), "m/1 ready");
  Write("m", 3);
  repository_->Poll();
  EXPECT_THAT(List(), ElementsAre("m/1 ready", "m/3 ready latest"));
  EXPECT_EQ((*repository_->Find("m", 1))->version, 1);
}

TEST_F(LoadUnloadTest, LoadSaysWhatIsNotOnDisk) {
  Write("m", 1);
  Write("m", 2);
  Open();
  EXPECT_EQ(repository_->Load("m", 3).status().message(),
            "the repository has no version 3 of model \"m\"; the latest is 2");
  EXPECT_EQ(repository_->Load("n", std::nullopt).status().message(),
            "the repository has no versions of model \"n\"");
  EXPECT_EQ(ReasonOf(repository_->Load("m", 3).status()), "model_unknown");
  EXPECT_EQ(Text(*repository_->Load("m", std::nullopt)), "m/2 ready latest");
}

TEST_F(LoadUnloadTest, LoadingAReadyVersionIsDoneAgainOnlyIfItsFilesChanged) {
  Write("m", 1);
  Open()->Poll();
  const auto first = *repository_->Find("m", std::nullopt);
  EXPECT_EQ(repository_->Load("m", 1)->servable, first);

  fs::remove_all(PathOf("m", 1));
  ASSERT_TRUE(WriteModel(SmallModel(77), PathOf("m", 1)).ok());
  EXPECT_EQ(repository_->Poll(), 0);
  const auto second = repository_->Load("m", 1)->servable;
  EXPECT_EQ(second->fingerprint, Fingerprint(SmallModel(77)));
  EXPECT_THAT(List(), ElementsAre("m/1 retiring", "m/1 ready latest"));
  EXPECT_EQ(repository_->Get("m", 1)->servable, second);

  fs::remove(PathOf("m", 1) / "model.json");
  EXPECT_FALSE(repository_->Load("m", 1).ok());
  EXPECT_EQ(*repository_->Find("m", std::nullopt), second);
}

TEST_F(LoadUnloadTest, AnUnloadedVersionStaysOutAndTheOneBeforeComesBack) {
  Write("m", 1);
  Write("m", 2);
  Open()->Poll();
  EXPECT_TRUE(repository_->Unload("m", 2).ok());
  EXPECT_THAT(List(), IsEmpty());
  EXPECT_EQ(repository_->Poll(), 1);
  EXPECT_EQ(repository_->Poll(), 0);
  EXPECT_THAT(List(), ElementsAre("m/1 ready latest"));
  EXPECT_TRUE(repository_->Load("m", 2).ok());
  EXPECT_THAT(List(), ElementsAre("m/2 ready latest"));
}

TEST_F(LoadUnloadTest, AnUnloadedModelStaysOutUntilANewVersionComes) {
  Write("m", 1);
  Write("m", 2);
  Open()->Poll();
  const auto held = *repository_->Find("m", std::nullopt);
  EXPECT_TRUE(repository_->Unload("m", std::nullopt).ok());
  EXPECT_EQ(repository_->Poll(), 0);
  EXPECT_THAT(List(), ElementsAre("m/2 retiring"));
  EXPECT_EQ(ReasonOf(repository_->Find("m", std::nullopt).status()),
            "model_unknown");
  Write("m", 3);
  EXPECT_EQ(repository_->Poll(), 1);
  EXPECT_EQ(Served("m"), 3);
}

TEST_F(LoadUnloadTest, APinnedVersionIsTheOneThatOthersHold) {
  Write("m", 1);
  Open()->Poll();
  auto held = *repository_->Find("m", std::nullopt);
  const std::string fingerprint = held->fingerprint;
  Write("m", 2);
  repository_->Poll();
  EXPECT_FALSE(repository_->Find("m", 1).ok()) << "nobody new gets it";
  EXPECT_EQ(repository_->FindPinned("m", 1, fingerprint), held);
  EXPECT_EQ(*repository_->LoadPinned("m", 1, fingerprint), held);
  EXPECT_EQ(repository_->stats().loads_ok, 2);
  EXPECT_EQ(repository_->FindPinned("m", 1, "another"), nullptr);
  held.reset();
  EXPECT_EQ(repository_->FindPinned("m", 1, fingerprint), nullptr);
}

TEST_F(LoadUnloadTest, APinnedVersionLastsAsLongAsSomebodyHoldsIt) {
  Write("m", 1);
  Write("m", 2);
  Open()->Poll();
  const std::string fingerprint = Fingerprint(SmallModel(10));
  auto pinned = *repository_->LoadPinned("m", 1, fingerprint);
  EXPECT_EQ(pinned->version, 1);
  EXPECT_EQ(*repository_->LoadPinned("m", 1, fingerprint), pinned);
  EXPECT_THAT(List(), ElementsAre("m/1 retiring", "m/2 ready latest"));
  pinned.reset();
  EXPECT_THAT(List(), ElementsAre("m/2 ready latest"));
  EXPECT_EQ(ReasonOf(repository_->LoadPinned("m", 3, "").status()),
            "model_unknown");
}

TEST_F(LoadUnloadTest, APinnedSessionPutsNoUnloadedVersionBackIntoService) {
  Write("m", 1);
  Write("m", 2);
  Open()->Poll();
  const std::string fingerprint =
      (*repository_->Find("m", std::nullopt))->fingerprint;
  ASSERT_TRUE(repository_->Unload("m", 2).ok());
  repository_->Poll();
  EXPECT_THAT(List(), ElementsAre("m/1 ready latest"));
  auto pinned = repository_->LoadPinned("m", 2, fingerprint);
  ASSERT_TRUE(pinned.ok()) << pinned.status();
  EXPECT_EQ((*pinned)->fingerprint, fingerprint);
  EXPECT_EQ(*repository_->LoadPinned("m", 2, fingerprint), *pinned);
  EXPECT_THAT(List(), ElementsAre("m/1 ready latest", "m/2 retiring"));
  repository_->Poll();
  EXPECT_EQ((*repository_->Find("m", std::nullopt))->version, 1);
  EXPECT_FALSE(repository_->Find("m", 2).ok());
}

TEST_F(LoadUnloadTest, UnloadSaysWhatItDoesNotKnow) {
  Write("m", 1);
  Open()->Poll();
  EXPECT_EQ(repository_->Unload("n", std::nullopt).message(),
            "there is no model \"n\"; there are \"m\"");
  EXPECT_EQ(repository_->Unload("m", 9).message(),
            "model \"m\" has no version 9 in service; it has 1");
}

}  // namespace
}  // namespace recur
