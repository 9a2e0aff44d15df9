// Fork, Export and Import: in memory, and with a store.

#include <cmath>
#include <limits>
#include <random>

#include "model/spec/utf8.h"
#include "tests/unit/server/core/durable_fixture.h"

namespace recur {
namespace {

class SessionCopiesTest : public ServiceTest {
 protected:
  double Sum(const std::string& id, uint64_t step, double value) {
    const ItemResult result = Observe({.session_id = id,
                                       .first_step = step,
                                       .steps = 1,
                                       .want = Want::kForecast},
                                      {value});
    EXPECT_TRUE(result.status.ok()) << result.status;
    return result.answer == nullptr
               ? -1
               : std::get<struct Forecast>(*result.answer).point[0];
  }

  absl::StatusOr<SessionInfo> Fork(ForkCall call) {
    Reply<SessionInfo> reply;
    service_->ForkSession(std::move(call), reply.Take());
    return reply.Get();
  }
  absl::StatusOr<SessionExport> Export(const std::string& id) {
    Reply<SessionExport> reply;
    service_->ExportSession(id, reply.Take());
    return reply.Get();
  }
  absl::StatusOr<SessionInfo> Import(ImportCall call) {
    Reply<SessionInfo> reply;
    service_->ImportSession(std::move(call), reply.Take());
    return reply.Get();
  }
  static std::string Reason(const absl::Status& status) {
    return ReasonOf(status).value_or("");
  }
};

// The same snapshot, said to be computed otherwise.
std::string WithNumerics(const std::string& bytes,
                         const std::string& numerics) {
  const Snapshot of = *ParseSnapshot(bytes);
  std::string changed;
  AppendSnapshot({.applied_step = of.applied_step,
                  .model = of.model,
                  .model_version = of.model_version,
                  .fingerprint = of.fingerprint,
                  .numerics = numerics,
                  .clock = of.clock,
                  .feature_values = of.feature_values,
                  .hidden = of.hidden,
                  .digests = of.digests},
                 &changed);
  return changed;
}

TEST_F(SessionCopiesTest, AForkGoesOnByItself) {
  ASSERT_TRUE(Open({.model = "sum", .session_id = "a"}).ok());
  EXPECT_EQ(Sum("a", 1, 3), 3);
  const auto fork = Fork({.session_id = "a", .new_session_id = "what if"});
  EXPECT_EQ(Reason(fork.status()), "bad_session_id");
  const auto copy = Fork({.session_id = "a", .new_session_id = "b"});
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ(copy->applied_step, 1u);
  EXPECT_EQ(Sum("a", 2, 4), 7);
  EXPECT_EQ(Sum("b", 2, 10), 13);
  EXPECT_EQ(Sum("a", 3, 1), 8);
}

TEST_F(SessionCopiesTest, AForkIsRefusedWhereAnOpenWouldBe) {
  ASSERT_TRUE(Open({.model = "sum", .session_id = "a"}).ok());
  EXPECT_EQ(Reason(Fork({.session_id = "nobody"}).status()), "session_unknown");
  EXPECT_EQ(Reason(Fork({.session_id = "a", .new_session_id = "a"}).status()),
            "session_exists");
  EXPECT_EQ(
      Reason(Fork({.session_id = "a", .new_session_id = "b", .min_step = 1})
                 .status()),
      "session_behind");
  service_->BeginDrain();
  EXPECT_EQ(Reason(Fork({.session_id = "a", .new_session_id = "b"}).status()),
            "draining");
}

TEST_F(SessionCopiesTest, TheSameForkRequestFindsTheSameSession) {
  ASSERT_TRUE(Open({.model = "sum", .session_id = "a"}).ok());
  const ForkCall call{.session_id = "a", .request_id = "mine"};
  EXPECT_EQ(Fork(call)->id, Fork(call)->id);
}

TEST_F(SessionCopiesTest, AnExportComesBackUnderAnotherId) {
  ASSERT_TRUE(Open({.model = "hourly",
                    .session_id = "a",
                    .start_us = int64_t{1'700'000'000'000'000}})
                  .ok());
  EXPECT_EQ(Sum("a", 1, 3), 3);
  EXPECT_EQ(Sum("a", 2, 4), 7);
  const auto exported = Export("a");
  ASSERT_TRUE(exported.ok()) << exported.status();
  EXPECT_EQ(exported->applied_step, 2u);
  ASSERT_TRUE(Close("a").ok());
  const auto back = Import({.session_id = "b", .snapshot = exported->snapshot});
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->applied_step, 2u);
  EXPECT_EQ(Sum("b", 3, 5), 12);
}

TEST_F(SessionCopiesTest, RefusesWhatIsNoSnapshot) {
  ASSERT_TRUE(Open({.model = "sum", .session_id = "a"}).ok());
  std::string bytes = Export("a")->snapshot;
  bytes[bytes.size() / 2] ^= 1;
  const auto broken = Import({.session_id = "b", .snapshot = bytes});
  EXPECT_EQ(broken.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Reason(broken.status()), "bad_snapshot");
}

TEST_F(SessionCopiesTest, RefusesASnapshotOfAModelThatIsNotThere) {
  std::string bytes;
  AppendSnapshot({.model = "sum", .model_version = 1, .fingerprint = "another"},
                 &bytes);
  EXPECT_EQ(Reason(Import({.session_id = "b", .snapshot = bytes}).status()),
            "model_missing");
  bytes.clear();
  AppendSnapshot({.model = "gone", .model_version = 1}, &bytes);
  EXPECT_EQ(Reason(Import({.session_id = "b", .snapshot = bytes}).status()),
            "model_missing");
}

TEST_F(SessionCopiesTest, NamesChangedNumericsAlsoWithoutAStore) {
  ASSERT_TRUE(Open({.model = "sum", .session_id = "a"}).ok());
  const auto copy = Import(
      {.session_id = "b",
       .snapshot = WithNumerics(Export("a")->snapshot, "of another CPU")});
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ(copy->numerics_changed_from, "of another CPU");
}

TEST_F(SessionCopiesTest, AStrictServerRefusesChangedNumerics) {
  Service strict({.strict_numerics = true}, repository_.get(), &lanes_);
  ASSERT_TRUE(Open({.model = "sum", .session_id = "a"}).ok());
  Reply<SessionInfo> reply;
  strict.ImportSession(
      {.session_id = "b",
       .snapshot = WithNumerics(Export("a")->snapshot, "of another CPU")},
      reply.Take());
  EXPECT_EQ(reply.Get().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Reason(reply.Get().status()), "numerics_changed");
}

// With all that a sequence remembers: past values, a running mean and scale.
Model SeasonalModel() {
  Model model = HourlyModel();
  FeatureSpec& features = model.spec.features;
  features.running_scale = features.changes = true;
  features.seasons = {3};
  NetworkSpec& network = model.spec.network;
  network.input_size = InputWidth(features);
  network.future_size = FutureWidth(features);
  model.weights = RandomWeights(network, 5, 0.3f);
  return model;
}

// The checksum keeps nobody from writing a snapshot of their own.
class Forger {
 public:
  explicit Forger(uint32_t seed) : dice_(seed) {}

  std::string Forge(absl::string_view bytes) {
    Snapshot of = *ParseSnapshot(bytes);
    for (int changes = 1 + Below(2); changes > 0; --changes) Change(&of);
    SnapshotView view{.applied_step = of.applied_step,
                      .request_id = of.request_id,
                      .model = of.model,
                      .model_version = of.model_version,
                      .fingerprint = of.fingerprint,
                      .numerics = of.numerics,
                      .idle_ttl_seconds = of.idle_ttl_seconds,
                      .last_used_us = of.last_used_us,
                      .start_us = of.start_us,
                      .clock = of.clock,
                      .feature_values = of.feature_values,
                      .hidden = of.hidden,
                      .digests = of.digests,
                      .answers = of.answers};
    std::string forged;
    AppendSnapshot(view, &forged);
    return forged;
  }

 private:
  int Below(int n) { return std::uniform_int_distribution(0, n - 1)(dice_); }
  int64_t Number() {
    constexpr int64_t kEdges[] = {0,
                                  1,
                                  -1,
                                  1'700'000'000'000'000,
                                  std::numeric_limits<int64_t>::max(),
                                  std::numeric_limits<int64_t>::min()};
    const int64_t near = kEdges[Below(6)];
    const auto off = static_cast<uint64_t>(Below(4)) << Below(62);
    return static_cast<int64_t>(static_cast<uint64_t>(near) +
                                (Below(2) == 0 ? off : 0 - off));
  }
  double Value() {
    constexpr double kEdges[] = {0, 1, -1e300, 1e300, INFINITY, NAN};
    return kEdges[Below(6)];
  }
  void Change(Snapshot* of) {
    switch (Below(9)) {
      case 0:
        of->clock.observed = Number();
        return;
      case 1:
        of->clock.last_time_us = Number();
        return;
      case 2:
        of->start_us = Number();
        return;
      case 3:
        of->applied_step = static_cast<uint64_t>(Number());
        return;
      case 4:
        of->hidden[Below(static_cast<int>(of->hidden.size()))] =
            static_cast<float>(Value());
        return;
      case 5:
        of->feature_values[Below(static_cast<int>(of->feature_values.size()))] =
            Value();
        return;
      case 6:
        of->digests.resize(1u << Below(16));
        return;
      case 7:
        of->numerics = std::string(1 + Below(9), static_cast<char>(Below(256)));
        return;
      case 8:
        of->last_used_us = Number();
        of->idle_ttl_seconds = static_cast<uint32_t>(Number());
        return;
    }
  }

  std::mt19937 dice_;
};

TEST_F(SessionCopiesTest, AForgedSnapshotIsRefusedOrGoesOnInBounds) {
  Write("seasonal", SeasonalModel());
  ASSERT_EQ(repository_->Poll(), 1);
  ASSERT_TRUE(Open({.model = "seasonal",
                    .session_id = "a",
                    .start_us = int64_t{1'700'000'000'000'000}})
                  .ok());
  for (uint64_t step = 1; step <= 5; ++step) Sum("a", step, 1);
  const std::string sound = Export("a")->snapshot;
  Forger forger(7);
  int taken = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto back =
        Import({.session_id = "b", .snapshot = forger.Forge(sound)});
    if (!back.ok()) {
      EXPECT_EQ(Reason(back.status()), "bad_snapshot") << back.status();
      continue;
    }
    ++taken;
    EXPECT_TRUE(IsUtf8(back->numerics_changed_from));
    for (uint64_t step = 1; step <= 2; ++step) {
      Observe({.session_id = "b",
               .first_step = back->applied_step + step,
               .steps = 1,
               .want = Want::kForecast},
              {1});
    }
    ASSERT_TRUE(Close("b").ok());
  }
  EXPECT_GT(taken, 100);
  EXPECT_LT(taken, 1500);
}

class StoredCopiesTest : public DurableTest {
 protected:
  absl::StatusOr<SessionInfo> Import(TestServer* server, ImportCall call) {
    Reply<SessionInfo> reply;
    server->service.ImportSession(std::move(call), reply.Take());
    server->Settle();
    return reply.Get();
  }
  std::string Export(const std::string& id) {
    Reply<SessionExport> reply;
    server_->service.ExportSession(id, reply.Take());
    server_->Settle();
    return reply.Get().ok() ? reply.Get()->snapshot : "";
  }
};

TEST_F(StoredCopiesTest, AForkIsDurableBeforeItIsAnswered) {
  ASSERT_TRUE(Open("a").ok());
  Step("a", 1, 3);
  server_->Settle();
  Crash();
  Reply<SessionInfo> reply;
  server_->service.ForkSession({.session_id = "a", .new_session_id = "b"},
                               reply.Take());
  server_->Settle();
  ASSERT_TRUE(reply.Get().ok()) << reply.Get().status();
  Crash();
  const auto next = Step("b", 2, 4);
  server_->Settle();
  EXPECT_EQ(SumOf(*next), 7);
}

TEST_F(StoredCopiesTest, OneThatIsClosedMeanwhileIsNotExported) {
  ASSERT_TRUE(Open("a").ok());
  Step("a", 1, 3);
  Advance(std::chrono::seconds(2));
  Reply<SessionExport> reply;
  server_->lanes.held = true;
  server_->driver.CommitPass(now_);  // asks for a cut
  server_->service.ExportSession("a", reply.Take());
  server_->lanes.Run();
  Reply<uint64_t> closed;
  server_->service.CloseSession("a", closed.Take());
  server_->driver.CommitPass(now_);  // commits it
  server_->lanes.held = false;
  server_->lanes.Run();
  server_->Settle();
  EXPECT_TRUE(closed.Get().ok());
  EXPECT_EQ(reply.Get().status().code(), absl::StatusCode::kNotFound)
      << reply.Get().status();
}

TEST_F(StoredCopiesTest, OnlyOneOfTwoServersImportsOntoAnEndedId) {
  ASSERT_TRUE(Open("a").ok());
  for (uint64_t step = 1; step <= 5; ++step) Step("a", step, 1);
  server_->Settle();
  const std::string snapshot = Export("a");
  ASSERT_TRUE(Open("b").ok());
  ASSERT_TRUE(Close("b").ok());
  // Another server is about to do the same.
  store_.after_claim = [this] {
    ASSERT_TRUE(store_.Load("b", SessionStore::Access::kClaim).ok());
  };
  const ImportCall call{.session_id = "b", .snapshot = snapshot};
  EXPECT_EQ(Reason(Import(server_.get(), call)), "session_moved");
  const auto next = Import(server_.get(), call);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(next->applied_step, 5u);
  EXPECT_EQ(SumOf(*Step("b", 6, 1)), 6);
  Advance(std::chrono::milliseconds(50));
  server_->Settle();
  EXPECT_EQ(store_.Row("b").step, 6u);
}

TEST_F(StoredCopiesTest, AnImportNamesTheNumericsThatItsSessionHad) {
  ASSERT_TRUE(Open("a").ok());
  const std::string snapshot = WithNumerics(Export("a"), "of another CPU");
  const auto copy =
      Import(server_.get(), {.session_id = "b", .snapshot = snapshot});
  ASSERT_TRUE(copy.ok()) << copy.status();
  EXPECT_EQ(copy->numerics_changed_from, "of another CPU");
  EXPECT_EQ(Get("b")->numerics_changed_from, "of another CPU");
  EXPECT_EQ(Count(&LaneStats::numerics_changed), 1);
}

}  // namespace
}  // namespace recur
