#include "model/format/model_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>

#include "absl/strings/str_replace.h"
#include "model/format/safetensors.h"
#include "model/format/spec_json.h"
#include "tests/unit/model/format/model_fixtures.h"

namespace recur {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ModelDirectoryTest : public ::testing::Test {
 protected:
  // Writes a good model to path().
  void Write(const Model& model) {
    const absl::Status status = WriteModel(model, path());
    ASSERT_TRUE(status.ok()) << status;
  }

  std::string Refusal(absl::StatusCode code) {
    const auto model = ReadModel(path());
    EXPECT_EQ(model.status().code(), code) << model.status();
    return std::string(model.status().message());
  }

  fs::path path() const { return scratch_.path() / "weather" / "1"; }
  fs::path file(const char* name) const { return path() / name; }

  ScratchDirectory scratch_;
};

TEST_F(ModelDirectoryTest, EveryKindOfModelReadsBackAsItWas) {
  int version = 0;
  for (const Model& model : AllModels()) {
    const fs::path path = scratch_.path() / std::to_string(++version);
    ASSERT_TRUE(WriteModel(model, path).ok());
    EXPECT_EQ(fs::exists(path / "vocabulary.txt"), model.spec.takes_text);
    const auto back = ReadModel(path);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_TRUE(back->spec == model.spec);
    EXPECT_TRUE(back->weights == model.weights);
    EXPECT_TRUE(back->vocabulary == model.vocabulary);
    EXPECT_EQ(back->feature_weights, model.feature_weights);
    EXPECT_EQ(Fingerprint(*back), Fingerprint(model));
  }
}

TEST_F(ModelDirectoryTest, WritesFurtherFilesBesideTheModel) {
  ASSERT_TRUE(
      WriteModel(SmallModel(), path(), {{"metrics.json", "{}\n"}}).ok());
  EXPECT_EQ(FileBytes(file("metrics.json")), "{}\n");
  EXPECT_TRUE(ReadModel(path()).ok());
  for (const char* name : {"", "../x", "model.json", "a/b"}) {
    EXPECT_EQ(
        WriteModel(SmallModel(), scratch_.path() / "2", {{name, ""}}).code(),
        absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(ModelDirectoryTest, LeavesNothingButTheModelBehind) {
  Write(SmallModel());
  EXPECT_EQ(std::distance(fs::directory_iterator(path().parent_path()), {}), 1);
  EXPECT_EQ(std::distance(fs::directory_iterator(path()), {}), 2);
}

TEST_F(ModelDirectoryTest, TakesAPathWithASlashAtItsEnd) {
  ASSERT_TRUE(WriteModel(SmallModel(), path().string() + "/").ok());
  EXPECT_TRUE(ReadModel(path().string() + "/").ok());
}

TEST_F(ModelDirectoryTest, NeverReplacesWhatExists) {
  fs::create_directories(path());
  const absl::Status status = WriteModel(SmallModel(), path());
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(status.message()), EndsWith("/1: exists already"));
  EXPECT_TRUE(fs::is_empty(path()));
  fs::remove(path());
  fs::create_symlink("nowhere", path());
  EXPECT_EQ(WriteModel(SmallModel(), path()).code(),
            absl::StatusCode::kAlreadyExists);
}

TEST_F(ModelDirectoryTest, AFailedWriteLeavesNothing) {
  WriteBytes(scratch_.path() / "weather", "a file");
  EXPECT_FALSE(WriteModel(SmallModel(), path()).ok());
  EXPECT_EQ(std::distance(fs::directory_iterator(scratch_.path()), {}), 1);
}

TEST_F(ModelDirectoryTest, RefusesToWriteWhatItWouldNotRead) {
  const auto refusal = [this](const Model& model) {
    const absl::Status status = WriteModel(model, path());
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_FALSE(fs::exists(path().parent_path()));
    return std::string(status.message());
  };
  Model model = SmallModel();
  model.weights["head.bias"].values[1] = std::nanf("");
  EXPECT_THAT(refusal(model), HasSubstr("\"head.bias\" has the value nan"));
  model = SmallModel();
  model.weights["head.bias"].values.pop_back();
  EXPECT_THAT(refusal(model), HasSubstr("has 1 values; its shape [2] needs 2"));
  model = SmallModel();
  model.weights.erase("head.bias");
  EXPECT_THAT(refusal(model), HasSubstr("has no tensor \"head.bias\""));
  model = SmallModel();
  model.spec.labels = {"a", "\xff"};
  EXPECT_THAT(refusal(model), HasSubstr("not UTF-8"));
  model = SmallModel();
  model.spec.labels = {"a", "a"};
  EXPECT_THAT(refusal(model), HasSubstr("labels has a doubled entry"));
  model = SmallModel();
  model.vocabulary = {"a"};
  EXPECT_THAT(refusal(model), HasSubstr("has 1 entries"));
  model = TextModel();
  model.vocabulary[0] = model.vocabulary[1];
  EXPECT_THAT(refusal(model), HasSubstr("vocabulary: line 2, \"\\\\s\", is "));
}

TEST_F(ModelDirectoryTest, NamesWhatIsMissing) {
  EXPECT_EQ(Refusal(absl::StatusCode::kNotFound),
            path().string() + ": cannot be opened: No such file or directory");
  for (const char* name :
       {"model.json", "weights.safetensors", "vocabulary.txt"}) {
    fs::remove_all(path());
    Write(TextModel());
    fs::remove(file(name));
    EXPECT_EQ(
        Refusal(absl::StatusCode::kNotFound),
        file(name).string() + ": cannot be opened: No such file or directory");
  }
}

TEST_F(ModelDirectoryTest, FollowsNoSymbolicLinksOutOfTheDirectory) {
  for (const char* name :
       {"model.json", "weights.safetensors", "vocabulary.txt"}) {
    fs::remove_all(path());
    Write(TextModel());
    fs::rename(file(name), scratch_.path() / name);
    fs::create_symlink(scratch_.path() / name, file(name));
    EXPECT_EQ(Refusal(absl::StatusCode::kInvalidArgument),
              file(name).string() +
                  ": is a symbolic link; a model's files must be in its "
                  "directory");
  }
}

TEST_F(ModelDirectoryTest, ReadsOnlyRegularFilesAndNeverWaits) {
  Write(SmallModel());
  fs::remove(file("weights.safetensors"));
  ASSERT_EQ(mkfifo(file("weights.safetensors").c_str(), 0600), 0);
  EXPECT_THAT(Refusal(absl::StatusCode::kInvalidArgument),
              EndsWith("weights.safetensors: is not a regular file"));
  fs::remove(file("model.json"));
  fs::create_directory(file("model.json"));
  EXPECT_THAT(Refusal(absl::StatusCode::kInvalidArgument),
              EndsWith("model.json: is not a regular file"));
}

TEST_F(ModelDirectoryTest, ChecksSizesBeforeReading) {
  Write(TextModel());
  fs::resize_file(file("weights.safetensors"), uint64_t{1} << 40);
  EXPECT_THAT(Refusal(absl::StatusCode::kInvalidArgument),
              HasSubstr("weights.safetensors: has 1099511627776 bytes; the "
                        "limit is 16777"));
  fs::resize_file(file("model.json"), uint64_t{1} << 40);
  EXPECT_THAT(Refusal(absl::StatusCode::kInvalidArgument),
              EndsWith("model.json: has 1099511627776 bytes; the limit is "
                       "16777216"));
}

TEST_F(ModelDirectoryTest, RefusesANetworkTooLargeToLoad) {
  Model model = SmallModel();
  Write(model);
  model.spec.network.hidden_size = 16384;
  model.spec.network.layers = 16;
  WriteBytes(file("model.json"), SpecToJson(model.spec));
  EXPECT_THAT(Refusal(absl::StatusCode::kInvalidArgument),
              EndsWith("the limit is 4294967296"));
}

TEST_F(ModelDirectoryTest, RefusesWeightsOfAnotherShapeThanTheSpec) {
  const Model model = SmallModel();
  Write(model);
  const auto refusal = [&](const Weights& weights) {
    WriteBytes(file("weights.safetensors"), EncodeSafetensors(weights));
    const std::string message = Refusal(absl::StatusCode::kDataLoss);
    EXPECT_THAT(message,
                StartsWith(file("weights.safetensors").string() + ": "));
    return message;
  };
  Weights weights = model.weights;
  weights["head.weight"].dims = {4, 1};
  EXPECT_THAT(refusal(weights),
              EndsWith("tensor \"head.weight\" has shape [4, 1]; the spec asks "
                       "for [2, 2]"));
  weights = model.weights;
  weights.erase("layers.0.forward.bias");
  EXPECT_THAT(refusal(weights),
              EndsWith("has no tensor \"layers.0.forward.bias\", which the "
                       "spec asks for"));
  weights = model.weights;
  weights["more"] = {{1}, {0.0f}};
  EXPECT_THAT(refusal(weights),
              EndsWith("has a tensor \"more\", which the spec has no place "
                       "for"));
}

TEST_F(ModelDirectoryTest, RefusesASpecThatDisagreesWithTheWeights) {
  Model model = SmallModel();
  Write(model);
  model.spec.network.cell.kind = CellKind::kLstm;
  WriteBytes(file("model.json"), SpecToJson(model.spec));
  EXPECT_THAT(Refusal(absl::StatusCode::kDataLoss),
              HasSubstr("has shape [1, 3, 2]; the spec asks for [1, 4, 2]"));
}

TEST_F(ModelDirectoryTest, RefusesAVocabularyOfAnotherSize) {
  Write(TextModel());
  std::string text = FileBytes(file("vocabulary.txt"));
  WriteBytes(file("vocabulary.txt"), text + "more\n");
  EXPECT_THAT(Refusal(absl::StatusCode::kDataLoss),
              EndsWith("vocabulary.txt: has 17 entries; the spec's "
                       "vocabulary_size of 17 asks for 16"));
}

TEST_F(ModelDirectoryTest, EveryTruncationOfEveryFileIsRefused) {
  Write(TextModel());
  for (const char* name :
       {"model.json", "weights.safetensors", "vocabulary.txt"}) {
    const std::string bytes = FileBytes(file(name));
    // The newline that ends model.json is the one byte that can be spared.
    const size_t end = bytes.size() - (name[0] == 'm' ? 1 : 0);
    for (size_t size = 0; size < end; ++size) {
      WriteBytes(file(name), bytes.substr(0, size));
      ASSERT_THAT(Refusal(absl::StatusCode::kDataLoss),
                  StartsWith(file(name).string()))
          << size;
    }
    WriteBytes(file(name), bytes);
  }
  EXPECT_TRUE(ReadModel(path()).ok());
}

TEST_F(ModelDirectoryTest, RandomChangesOfBytesGiveAStatusOrAValidModel) {
  Write(TextModel());
  std::mt19937 random(3);
  int read = 0;
  for (const char* name :
       {"model.json", "weights.safetensors", "vocabulary.txt"}) {
    const std::string original = FileBytes(file(name));
    for (int round = 0; round < 1000; ++round) {
      std::string bytes = original;
      for (unsigned change = 0; change <= random() % 3; ++change) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      WriteBytes(file(name), bytes);
      const auto model = ReadModel(path());
      if (!model.ok()) continue;
      ++read;
      ASSERT_TRUE(ValidateModelSpec(model->spec).ok());
      ASSERT_EQ(model->weights.size(),
                WeightShapes(model->spec.network).size());
      ASSERT_EQ(static_cast<int>(model->vocabulary.size()) + 1,
                model->spec.network.vocabulary_size);
    }
    WriteBytes(file(name), original);
  }
  EXPECT_GT(read, 0);
}

TEST(FingerprintTest, TellsModelsThatAnswerDifferentlyApart) {
  const Model model = TextModel();
  const std::string fingerprint = Fingerprint(model);
  EXPECT_EQ(fingerprint.size(), 32u);
  EXPECT_EQ(fingerprint.find_first_not_of("0123456789abcdef"),
            std::string::npos);
  Model other = model;
  other.weights["head.bias"].values[0] += 1e-6f;
  EXPECT_NE(Fingerprint(other), fingerprint);
  other = model;
  other.vocabulary[0] = "b";
  EXPECT_NE(Fingerprint(other), fingerprint);
  other = model;
  other.spec.labels[0] = "none";
  EXPECT_NE(Fingerprint(other), fingerprint);
  other = model;
  other.weights["head.bias"].dims = {1, 3};
  EXPECT_NE(Fingerprint(other), fingerprint);
}

TEST(FingerprintTest, KnowsTheWeightsOfTheFeatures) {
  Model model = ForecastModel();
  ASSERT_EQ(model.feature_weights.size(), 1u);
  const std::string fingerprint = Fingerprint(model);
  model.feature_weights.begin()->second.values[0] += 1e-3f;
  EXPECT_NE(Fingerprint(model), fingerprint);
}

TEST(FingerprintTest, LooksNotAtTheDescriptionAndThePrecision) {
  Model model = SmallModel();
  const std::string fingerprint = Fingerprint(model);
  model.spec.description = "another";
  EXPECT_EQ(Fingerprint(model), fingerprint);
  model.spec.precision = Precision::kBf16;
  EXPECT_EQ(Fingerprint(model), fingerprint);
}

}  // namespace
}  // namespace recur
