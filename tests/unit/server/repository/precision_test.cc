// Which precision a model is served in, and what is told of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/network/reference/reference_engine.h"
#include "model/spec/error_reason.h"
#include "server/repository/precision_choice.h"
#include "tests/unit/server/repository/repository_fixture.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Precision Chosen(const std::string& text, const std::string& model,
                 Precision of_spec) {
  const auto choice = PrecisionChoice::Parse(text);
  EXPECT_TRUE(choice.ok()) << choice.status();
  return choice->For(model, of_spec);
}

TEST(PrecisionChoiceTest, TheModelsNameWinsOverAllModelsAndThatOverTheSpec) {
  constexpr auto kF32 = Precision::kF32;
  constexpr auto kBf16 = Precision::kBf16;
  EXPECT_EQ(Chosen("", "m", kBf16), kBf16);
  EXPECT_EQ(Chosen("", "m", kF32), kF32);
  EXPECT_EQ(Chosen("f32", "m", kBf16), kF32);
  EXPECT_EQ(Chosen("m=bf16", "m", kF32), kBf16);
  EXPECT_EQ(Chosen("m=bf16", "n", kF32), kF32);
  EXPECT_EQ(Chosen("m=bf16", "n", kBf16), kBf16);
  EXPECT_EQ(Chosen("bf16, m=f32,n=bf16", "m", kBf16), kF32);
  EXPECT_EQ(Chosen("m=f32,bf16", "o", kF32), kBf16);
}

TEST(PrecisionChoiceTest, SaysWhatIsWrongWithIt) {
  const auto refusal = [](const std::string& text) {
    const absl::Status status = PrecisionChoice::Parse(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(ReasonOf(status), "bad_option") << text;
    return std::string(status.message());
  };
  EXPECT_EQ(refusal("fp8"),
            "precision is \"fp8\"; it must be f32 or bf16, for one model "
            "MODEL=bf16");
  EXPECT_THAT(refusal("m=int8"), HasSubstr("precision is \"int8\""));
  EXPECT_THAT(refusal("bf16,"), HasSubstr("precision is \"\""));
  EXPECT_THAT(refusal("m:bf16"), HasSubstr("precision is \"m:bf16\""));
  EXPECT_EQ(refusal("=bf16"), "\"\" is no name of a model");
  EXPECT_EQ(refusal("../m=bf16"), "\"../m\" is no name of a model");
  EXPECT_EQ(refusal("m=f32=bf16"), "\"m=f32\" is no name of a model");
  EXPECT_EQ(refusal("bf16,f32"),
            "the precision of all models is given twice: bf16 and f32");
  EXPECT_EQ(refusal("m=bf16,m=bf16"),
            "the precision of model \"m\" is given twice");
}

// Computes in f32 whatever it is asked for, and adds 0.25 to the second
// probability in bf16.
class ShiftedWorkspace : public Workspace {
 public:
  explicit ShiftedWorkspace(std::unique_ptr<Workspace> workspace)
      : workspace_(std::move(workspace)) {}
  absl::Status Step(absl::Span<const StepRow> rows) override {
    return workspace_->Step(rows);
  }
  absl::Status RunHead(absl::Span<const HeadRow> rows) override {
    const absl::Status status = workspace_->RunHead(rows);
    for (const HeadRow& row : rows) row.output[1] += 0.25f;
    return status;
  }
  absl::Status RunSequences(absl::Span<const SequenceRow> rows) override {
    return workspace_->RunSequences(rows);
  }

 private:
  std::unique_ptr<Workspace> workspace_;
};

class ShiftedEngine : public Engine {
 public:
  explicit ShiftedEngine(std::shared_ptr<const Engine> engine)
      : engine_(std::move(engine)) {}
  const NetworkSpec& spec() const override { return engine_->spec(); }
  absl::string_view name() const override { return "shifted"; }
  absl::string_view numerics() const override { return "shifted"; }
  int64_t bytes() const override { return 1; }
  absl::StatusOr<std::unique_ptr<Workspace>> CreateWorkspace(
      int max_batch) const override {
    return std::make_unique<ShiftedWorkspace>(
        *engine_->CreateWorkspace(max_batch));
  }

 private:
  std::shared_ptr<const Engine> engine_;
};

absl::StatusOr<std::shared_ptr<const Engine>> CreateShiftedEngine(
    const NetworkSpec& spec, const Weights& weights, Precision precision) {
  auto engine = CreateReferenceEngine(spec, weights);
  if (precision == Precision::kF32 || !engine.ok()) return engine;
  return std::make_shared<const ShiftedEngine>(*engine);
}

class RepositoryPrecisionTest : public RepositoryTest {
 protected:
  RepositoryPrecisionTest() { options_.create_engine = CreateShiftedEngine; }

  void WriteIn(Precision precision, const std::string& name) {
    Model model = SmallModel(1);
    model.spec.precision = precision;
    ASSERT_TRUE(WriteModel(model, PathOf(name, 1)).ok());
  }

  std::shared_ptr<const Servable> Serve(const std::string& name) {
    return repository_->Find(name, std::nullopt).value();
  }
};

TEST_F(RepositoryPrecisionTest, IsTheSpecsUnlessTheServerIsToldAnother) {
  WriteIn(Precision::kF32, "m");
  WriteIn(Precision::kBf16, "n");
  Open()->Poll();
  EXPECT_EQ(Serve("m")->precision, Precision::kF32);
  EXPECT_EQ(Serve("n")->precision, Precision::kBf16);
  options_.precision = *PrecisionChoice::Parse("n=f32,bf16");
  Open()->Poll();
  EXPECT_EQ(Serve("m")->precision, Precision::kBf16);
  EXPECT_EQ(Serve("n")->precision, Precision::kF32);
}

TEST_F(RepositoryPrecisionTest, ComesWithItsDifferenceToF32) {
  WriteIn(Precision::kF32, "m");
  WriteIn(Precision::kBf16, "n");
  Open()->Poll();
  EXPECT_EQ(Serve("m")->difference_to_f32, std::nullopt);
  EXPECT_NEAR(Serve("n")->difference_to_f32.value_or(0), 0.25, 1e-6);
  EXPECT_EQ(Serve("n")->engine->name(), "shifted");
  EXPECT_EQ(Serve("n")->precision_note, "");
}

TEST_F(RepositoryPrecisionTest, ChangesNotTheFingerprint) {
  WriteIn(Precision::kF32, "m");
  WriteIn(Precision::kBf16, "n");
  Open()->Poll();
  EXPECT_EQ(Serve("m")->fingerprint, Serve("n")->fingerprint);
}

TEST_F(RepositoryPrecisionTest, IsF32WhereItCannotBeHadAndSaysWhy) {
  WriteIn(Precision::kBf16, "m");
  options_.create_engine = CreateReferenceEngine;
  Open()->Poll();
  EXPECT_THAT(List(), ElementsAre("m/1 ready latest"));
  EXPECT_EQ(Serve("m")->precision, Precision::kF32);
  EXPECT_EQ(Serve("m")->engine->name(), "reference");
  EXPECT_EQ(Serve("m")->difference_to_f32, std::nullopt);
  EXPECT_EQ(Serve("m")->precision_note,
            "the reference engine has no bf16; it is served in f32");
}

TEST_F(RepositoryPrecisionTest, OtherErrorsOfTheEngineFailTheLoad) {
  WriteIn(Precision::kBf16, "m");
  options_.create_engine =
      [](const NetworkSpec& spec, const Weights& weights,
         Precision precision) -> absl::StatusOr<std::shared_ptr<const Engine>> {
    if (precision == Precision::kF32) {
      return CreateReferenceEngine(spec, weights);
    }
    return absl::ResourceExhaustedError("no memory");
  };
  Open()->Poll();
  EXPECT_EQ(repository_->Get("m", std::nullopt)->error, "no memory");
}

TEST_F(RepositoryPrecisionTest, OfTheDefaultEngineIsBf16OrSaysWhyNot) {
  WriteIn(Precision::kBf16, "m");
  options_.create_engine = Repository::Options().create_engine;
  Open()->Poll();
  const auto served = Serve("m");
  if (served->precision == Precision::kBf16) {
    EXPECT_THAT(std::string(served->engine->numerics()), HasSubstr(" bf16"));
    EXPECT_LT(served->difference_to_f32.value(), 2e-2);
    EXPECT_GT(served->difference_to_f32.value(), 0);
  } else {
    EXPECT_THAT(served->precision_note, HasSubstr("needs a CPU with AVX512"));
  }
}

TEST_F(RepositoryPrecisionTest, ASpecWithOneThatThereIsNotFailsAndNamesIt) {
  WriteIn(Precision::kBf16, "m");
  const auto path = PathOf("m", 1) / "model.json";
  std::ifstream file(path);
  std::string json(std::istreambuf_iterator<char>(file), {});
  json.replace(json.find("bf16"), 4, "fp8");
  WriteText(path, json);
  Open()->Poll();
  EXPECT_THAT(repository_->Get("m", std::nullopt)->error,
              HasSubstr("precision is \"fp8\"; it must be f32 or bf16"));
}

}  // namespace
}  // namespace recur
