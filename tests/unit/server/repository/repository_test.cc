#include "server/repository/repository.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "absl/strings/str_cat.h"
#include "model/network/reference/reference_engine.h"
#include "model/network/serving/serving_engine.h"
#include "model/spec/error_reason.h"
#include "tests/unit/server/repository/repository_fixture.h"

namespace recur {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST_F(RepositoryTest, NamesARootThatIsNotADirectory) {
  options_.root = root_.path() / "missing";
  const auto made = Repository::Create(options_);
  EXPECT_EQ(made.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(made.status().message(),
            absl::StrCat("the model repository ", options_.root.string(),
                         " is not a directory"));
}

TEST_F(RepositoryTest, ServesTheLatestVersionOfEachModel) {
  Write("m", 2);
  Write("m", 10);
  Write("n", 1);
  Open();
  EXPECT_EQ(repository_->Poll(), 2);
  EXPECT_THAT(List(), ElementsAre("m/10 ready latest", "n/1 ready latest"));
  EXPECT_EQ(Served("m"), 10);
  EXPECT_EQ(repository_->Poll(), 0);
  EXPECT_TRUE(repository_->Knows("m"));
  EXPECT_FALSE(repository_->Knows("o"));
}

TEST_F(RepositoryTest, ServesEveryVersionWhenAskedTo) {
  Write("m", 1);
  Write("m", 2);
  options_.all_versions = true;
  Open();
  EXPECT_EQ(repository_->Poll(), 2);
  EXPECT_EQ(repository_->Poll(), 0);
  EXPECT_THAT(List(), ElementsAre("m/1 ready", "m/2 ready latest"));
  EXPECT_EQ((*repository_->Find("m", 1))->version, 1);
  EXPECT_EQ(Served("m"), 2);
}

TEST_F(RepositoryTest, FillsInWhatIsKnownOfAModel) {
  Write("m", 3);
  Open()->Poll();
  const auto servable = *repository_->Find("m", 3);
  EXPECT_EQ(servable->name, "m");
  EXPECT_EQ(servable->version, 3);
  EXPECT_EQ(servable->fingerprint, Fingerprint(SmallModel(30)));
  const Model model = SmallModel(30);
  const auto engine = CreateServingEngine(model.spec.network, model.weights);
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_EQ(servable->engine->numerics(), (*engine)->numerics());
  EXPECT_EQ(servable->same_bits_in_any_batch,
            *SameBitsInAnyBatch(*servable->engine, options_.max_batch_rows));
}

TEST_F(RepositoryTest, ANewVersionTakesOverAndTheHeldOneRetires) {
  Write("m", 1);
  Open()->Poll();
  auto held = *repository_->Find("m", std::nullopt);
  Write("m", 2);
  EXPECT_EQ(repository_->Poll(), 1);
  EXPECT_EQ(Served("m"), 2);
  EXPECT_THAT(List(), ElementsAre("m/1 retiring", "m/2 ready latest"));
  EXPECT_EQ(repository_->Get("m", 1)->servable, held);
  EXPECT_EQ(repository_->Find("m", 1).status().message(),
            "model \"m\" has no version 1 in service; it has 2");
  EXPECT_TRUE(held->engine->CreateWorkspace(1).ok());

  held.reset();
  EXPECT_THAT(List(), ElementsAre("m/2 ready latest"));
  EXPECT_THAT(changes_, ElementsAre("m/1 ready latest", "m/2 ready latest",
                                    "m/1 retiring"));
}

TEST_F(RepositoryTest, ARetiredVersionThatNobodyHoldsIsFreed) {
  Write("m", 1);
  Open()->Poll();
  const std::weak_ptr<const Servable> first =
      *repository_->Find("m", std::nullopt);
  Write("m", 2);
  repository_->Poll();
  EXPECT_TRUE(first.expired());
}

TEST_F(RepositoryTest, ABrokenVersionLeavesTheOneBeforeInService) {
  Write("m", 1);
  Open()->Poll();
  WriteBrokenModel(PathOf("m", 2));
  EXPECT_EQ(repository_->Poll(), 1);
  EXPECT_EQ(Served("m"), 1);
  EXPECT_THAT(List(), ElementsAre("m/1 ready latest", "m/2 failed"));
  EXPECT_THAT(repository_->Get("m", 2)->error,
              HasSubstr("weights.safetensors"));
  const absl::Status status = repository_->Find("m", 2).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), "model_not_ready");
  EXPECT_EQ(status.message(), "model \"m\" version 2 failed to load");
}

TEST_F(RepositoryTest, ABrokenVersionIsTriedAgainOnlyWhenItsFilesChange) {
  Write("m", 1);
  WriteBrokenModel(PathOf("m", 2));
  Open()->Poll();
  EXPECT_EQ(repository_->Poll(), 0);
  EXPECT_EQ(repository_->stats().loads_failed, 1);

  fs::remove_all(PathOf("m", 2));
  Write("m", 2);
  EXPECT_EQ(repository_->Poll(), 1);
  EXPECT_THAT(List(), ElementsAre("m/2 ready latest"));
  EXPECT_EQ(repository_->stats().loads_ok, 2);
  EXPECT_GT(repository_->stats().load_seconds, 0);
}

TEST_F(RepositoryTest, ACopyInProgressFailsUntilItIsWhole) {
  Write("m", 1);
  const fs::path whole = PathOf("m", 1);
  Open();
  fs::create_directories(PathOf("n", 1));
  repository_->Poll();
  EXPECT_THAT(List(), ElementsAre("m/1 ready latest", "n/1 failed"));
  fs::copy(whole / "model.json", PathOf("n", 1));
  EXPECT_EQ(repository_->Poll(), 1);
  EXPECT_THAT(List(), ElementsAre("m/1 ready latest", "n/1 failed"));
  fs::copy(whole / "weights.safetensors", PathOf("n", 1));
  EXPECT_EQ(repository_->Poll(), 1);
  EXPECT_THAT(List(), ElementsAre("m/1 ready latest", "n/1 ready latest"));
}

TEST_F(RepositoryTest, StartsOnTheVersionBeforeABrokenOne) {
  Write("m", 1);
  WriteBrokenModel(PathOf("m", 2));
  Open();
  EXPECT_EQ(repository_->Poll(), 2);
  EXPECT_EQ(Served("m"), 1);
}

TEST_F(RepositoryTest, ALaterVersionEndsTheReportOfABrokenOne) {
  WriteBrokenModel(PathOf("m", 1));
  Open()->Poll();
  Write("m", 2);
  repository_->Poll();
  EXPECT_THAT(List(), ElementsAre("m/2 ready latest"));
}

TEST_F(RepositoryTest, AFactorysErrorIsTheModelsError) {
  Write("m", 1);
  options_.create_engine =
      [](const NetworkSpec&, const Weights&,
         Precision) -> absl::StatusOr<std::shared_ptr<const Engine>> {
    return absl::UnimplementedError("no such cell here");
  };
  Open()->Poll();
  EXPECT_EQ(repository_->Get("m", std::nullopt)->error, "no such cell here");
}

TEST_F(RepositoryTest, OffersAModelOnlyOnceItIsWarm) {
  Write("m", 1);
  std::vector<std::string> seen;
  options_.warm = [&](const std::shared_ptr<const Servable>& servable) {
    EXPECT_EQ(servable->name, "m");
    seen = List();
    EXPECT_EQ(repository_->Find("m", std::nullopt).status().message(),
              "model \"m\" version 1 is still loading");
    return absl::OkStatus();
  };
  Open()->Poll();
  EXPECT_THAT(seen, ElementsAre("m/1 loading"));
  EXPECT_EQ(Served("m"), 1);
}

TEST_F(RepositoryTest, AModelThatCannotBeWarmedHasFailed) {
  Write("m", 1);
  options_.warm = [](const auto&) {
    return absl::ResourceExhaustedError("no memory");
  };
  Open()->Poll();
  EXPECT_THAT(List(), ElementsAre("m/1 failed"));
  const auto loaded = repository_->Load("m", 1);
  EXPECT_EQ(loaded.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(loaded.status().message(), "model \"m\" version 1: no memory");
  EXPECT_EQ(ReasonOf(loaded.status()), "model_load_failed");
}

TEST_F(RepositoryTest, AnUnknownModelIsToldWhichThereAre) {
  Open()->Poll();
  EXPECT_EQ(repository_->Find("x", std::nullopt).status().message(),
            "there is no model \"x\"; no model is ready");
  Write("n", 1);
  Write("m", 1);
  WriteBrokenModel(PathOf("broken", 1));
  repository_->Poll();
  const absl::Status status = repository_->Find("x", 4).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(status), "model_unknown");
  EXPECT_EQ(status.message(),
            "there is no model \"x\"; there are \"m\", \"n\"");
  EXPECT_EQ(repository_->Get("x", std::nullopt).status(), status);
}

TEST_F(RepositoryTest, HostileNamesAreEscapedCutAndNotFollowed) {
  Write("m", 1);
  options_.root = root_.path() / "m";
  Open()->Poll();
  const std::string name = "\n\"" + std::string(1000, 'x');
  const absl::Status status = repository_->Find(name, std::nullopt).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"\\n\\\"xxx"));
  EXPECT_LT(status.message().size(), 250u);
  for (const char* path : {"../m", "..", ".", "", "/"}) {
    EXPECT_EQ(repository_->Load(path, 1).status().code(),
              absl::StatusCode::kNotFound);
    EXPECT_EQ(repository_->Unload(path, 1).code(), absl::StatusCode::kNotFound);
  }
  EXPECT_THAT(repository_->List(), IsEmpty());
}

TEST_F(RepositoryTest, ListsAtMostTwentyNamesInAnError) {
  for (int i = 100; i < 125; ++i) {
    Write("m" + std::to_string(i), 1);
  }
  Open()->Poll();
  const absl::Status status = repository_->Find("x", std::nullopt).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"m119\" and 5 more"));
}

TEST_F(RepositoryTest, AVersionWhoseDirectoryIsRemovedRetires) {
  Write("m", 1);
  Write("n", 1);
  Open()->Poll();
  auto held = *repository_->Find("m", std::nullopt);
  fs::remove_all(root_.path() / "m");
  fs::remove_all(PathOf("n", 1));
  EXPECT_EQ(repository_->Poll(), 0);
  EXPECT_THAT(List(), ElementsAre("m/1 retiring"));
  repository_->Poll();
  EXPECT_TRUE(repository_->Knows("m"));
  EXPECT_FALSE(repository_->Knows("n"));
  held.reset();
  repository_->Poll();
  EXPECT_FALSE(repository_->Knows("m"));
}

TEST_F(RepositoryTest, ARootThatCannotBeReadChangesNothing) {
  Write("m", 1);
  options_.root = root_.path() / "link";
  fs::create_directory_symlink(root_.path(), options_.root);
  Open()->Poll();
  fs::remove(options_.root);
  EXPECT_EQ(repository_->Poll(), 0);
  EXPECT_EQ(Served("m"), 1);
  EXPECT_EQ(repository_->stats().scans_failed, 1);
}

TEST_F(RepositoryTest, FindAnswersWhileAModelIsLoading) {
  Write("m", 1);
  std::promise<void> loading;
  std::promise<void> found;
  options_.create_engine = [&, count = 0](const NetworkSpec& spec,
                                          const Weights& weights,
                                          Precision) mutable {
    if (++count == 2) {
      loading.set_value();
      found.get_future().wait();
    }
    return CreateReferenceEngine(spec, weights);
  };
  Open()->Poll();
  Write("m", 2);
  std::thread poller([&] { EXPECT_EQ(repository_->Poll(), 1); });
  loading.get_future().wait();
  EXPECT_EQ(Served("m"), 1);
  EXPECT_THAT(List(), ElementsAre("m/1 ready latest", "m/2 loading"));
  found.set_value();
  poller.join();
  EXPECT_EQ(Served("m"), 2);
}

TEST_F(RepositoryTest, ReadersSeeVersionsOnlyGrowWhileNewOnesLoad) {
  constexpr int kVersions = 12;
  options_.create_engine = CreateReferenceEngine;
  Write("m", 1);
  Open()->Poll();
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      for (int64_t last = 1; !done.load();) {
        const auto found = repository_->Find("m", std::nullopt);
        ASSERT_TRUE(found.ok()) << found.status();
        ASSERT_GE((*found)->version, last);
        last = (*found)->version;
        ASSERT_THAT(repository_->List(), Not(IsEmpty()));
        ASSERT_FALSE(repository_->Find("m", kVersions + 1).ok());
      }
    });
  }
  for (int version = 2; version <= kVersions; ++version) {
    Write("m", version);
    EXPECT_EQ(repository_->Poll(), 1);
  }
  done.store(true);
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(Served("m"), kVersions);
}

}  // namespace
}  // namespace recur
