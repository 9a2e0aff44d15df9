#include "model/network/engine.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <utility>

#include "model/network/random_weights.h"
#include "model/network/reference/reference_engine.h"

namespace recur {
namespace {

// What is added to the state of a row, or to its answer, in a batch of so many
// rows.
using Disturbance = std::function<float(int rows, int row, int call)>;

// A sum of inputs; the answer is the sum.
class SumWorkspace : public Workspace {
 public:
  SumWorkspace(Disturbance step, Disturbance head)
      : step_(std::move(step)), head_(std::move(head)) {}

  absl::Status Step(absl::Span<const StepRow> rows) override {
    const int count = static_cast<int>(rows.size());
    for (int i = 0; i < count; ++i) {
      rows[i].state[0] += rows[i].input[0] + step_(count, i, steps_);
    }
    ++steps_;
    return absl::OkStatus();
  }

  absl::Status RunHead(absl::Span<const HeadRow> rows) override {
    const int count = static_cast<int>(rows.size());
    for (int i = 0; i < count; ++i) {
      rows[i].output[0] = rows[i].state[0] + head_(count, i, 0);
    }
    return absl::OkStatus();
  }

  absl::Status RunSequences(absl::Span<const SequenceRow>) override {
    return absl::InternalError("not bidirectional");
  }

 private:
  Disturbance step_;
  Disturbance head_;
  int steps_ = 0;
};

float None(int, int, int) { return 0.0f; }

class SumEngine : public Engine {
 public:
  SumEngine(Disturbance step, Disturbance head)
      : step_(std::move(step)), head_(std::move(head)) {
    spec_.cell.kind = CellKind::kRnn;
    spec_.head = Head::kSigmoid;
    spec_.classes = 1;
  }

  const NetworkSpec& spec() const override { return spec_; }
  absl::string_view name() const override { return "sum"; }
  absl::string_view numerics() const override { return "sum"; }
  int64_t bytes() const override { return 0; }
  absl::StatusOr<std::unique_ptr<Workspace>> CreateWorkspace(
      int max_batch) const override {
    if (max_batch > 100) return absl::ResourceExhaustedError("too wide");
    return std::make_unique<SumWorkspace>(step_, head_);
  }

 private:
  NetworkSpec spec_;
  Disturbance step_;
  Disturbance head_;
};

TEST(EngineTest, AnUndisturbedEngineHasTheSameBitsInAnyBatch) {
  const auto same = SameBitsInAnyBatch(SumEngine(None, None), 16);
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_TRUE(*same);
}

TEST(EngineTest, ADifferenceInOneRowOfOneBatchSizeIsSeen) {
  const SumEngine engine(
      [](int rows, int row, int) {
        return rows == 13 && row == 7 ? 1e-6f : 0.0f;
      },
      None);
  EXPECT_FALSE(SameBitsInAnyBatch(engine, 16).value());
  EXPECT_TRUE(SameBitsInAnyBatch(engine, 12).value());
}

TEST(EngineTest, TheLargestDifferenceIsThatOfTheAnswersAtAnyStep) {
  const SumEngine exact(None, None);
  const auto same = LargestOutputDifference(exact, SumEngine(None, None));
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_EQ(*same, 0.0);
  // Wrong by 3 from the tenth step on, in one row; then right again.
  const SumEngine wrong(
      [](int, int row, int call) {
        return row != 5 ? 0.0f : call == 9 ? 3.0f : call == 20 ? -3.0f : 0.0f;
      },
      [](int, int row, int) { return row == 2 ? -0.25f : 0.0f; });
  EXPECT_NEAR(LargestOutputDifference(exact, wrong).value(), 3.0, 1e-4);
  EXPECT_NEAR(LargestOutputDifference(wrong, exact).value(), 3.0, 1e-4);
  const SumEngine late(
      [](int, int row, int call) {
        return row == 7 && call == 63 ? 1.0f : 0.0f;
      },
      None);
  EXPECT_NEAR(LargestOutputDifference(exact, late).value(), 1.0, 1e-4);
}

TEST(EngineTest, AnAnswerThatIsNoNumberDiffersInfinitely) {
  const SumEngine broken(
      None, [](int, int row, int) { return row == 3 ? NAN : 0.0f; });
  EXPECT_EQ(LargestOutputDifference(broken, SumEngine(None, None)).value(),
            INFINITY);
  EXPECT_EQ(LargestOutputDifference(broken, broken).value(), 0.0);
}

TEST(EngineTest, EnginesOfDifferentNetworksAreNotCompared) {
  NetworkSpec spec;
  spec.classes = 2;
  const auto other = CreateReferenceEngine(spec, RandomWeights(spec, 1, 1.0f));
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(
      LargestOutputDifference(SumEngine(None, None), **other).status().code(),
      absl::StatusCode::kInvalidArgument);
}

TEST(EngineTest, ADifferenceInTheHeadAloneIsSeen) {
  const SumEngine engine(
      None, [](int rows, int, int) { return rows == 2 ? 1e-6f : 0.0f; });
  EXPECT_FALSE(SameBitsInAnyBatch(engine, 2).value());
}

TEST(EngineTest, ADifferenceAfterTheFirstStepIsSeen) {
  // Rows alone take 3 steps each; the batch of 2 begins with the seventh.
  const SumEngine engine(
      [](int rows, int, int call) {
        return rows == 2 && call > 6 ? 1e-6f : 0.0f;
      },
      None);
  EXPECT_FALSE(SameBitsInAnyBatch(engine, 2).value());
}

TEST(EngineTest, MinusZeroIsNotZero) {
  class SignWorkspace : public SumWorkspace {
   public:
    SignWorkspace() : SumWorkspace(None, None) {}
    absl::Status RunHead(absl::Span<const HeadRow> rows) override {
      for (const HeadRow& row : rows) {
        row.output[0] = rows.size() == 2 ? -0.0f : 0.0f;
      }
      return absl::OkStatus();
    }
  };
  class SignEngine : public SumEngine {
   public:
    SignEngine() : SumEngine(None, None) {}
    absl::StatusOr<std::unique_ptr<Workspace>> CreateWorkspace(
        int) const override {
      return std::make_unique<SignWorkspace>();
    }
  };
  EXPECT_FALSE(SameBitsInAnyBatch(SignEngine(), 2).value());
}

TEST(EngineTest, ABatchMustHaveARow) {
  const auto same = SameBitsInAnyBatch(SumEngine(None, None), 0);
  EXPECT_EQ(same.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(same.status().message(), "max_batch is 0; it must be above 0");
}

TEST(EngineTest, TheEnginesErrorIsPassedOn) {
  const auto same = SameBitsInAnyBatch(SumEngine(None, None), 101);
  EXPECT_EQ(same.status(), absl::ResourceExhaustedError("too wide"));
}

TEST(EngineTest, ProbesTextAndBidirectionalNetworksToo) {
  NetworkSpec spec;
  spec.cell.kind = CellKind::kLstm;
  spec.hidden_size = 4;
  spec.classes = 2;
  for (int vocabulary_size : {0, 5}) {
    for (bool bidirectional : {false, true}) {
      spec.vocabulary_size = vocabulary_size;
      spec.embedding_size = vocabulary_size > 0 ? 3 : 0;
      spec.bidirectional = bidirectional;
      const auto engine =
          CreateReferenceEngine(spec, RandomWeights(spec, 1, 0.5f));
      ASSERT_TRUE(engine.ok()) << engine.status();
      const auto same = SameBitsInAnyBatch(**engine, 8);
      ASSERT_TRUE(same.ok()) << same.status();
      EXPECT_TRUE(*same);
    }
  }
}

}  // namespace
}  // namespace recur
