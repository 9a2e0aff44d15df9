#include "model/format/model_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <set>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "model/format/directory.h"
#include "model/format/safetensors.h"
#include "model/format/spec_json.h"
#include "model/format/strict_json.h"
#include "model/format/vocabulary.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

constexpr char kSpecFile[] = "model.json";
constexpr char kWeightsFile[] = "weights.safetensors";
constexpr char kVocabularyFile[] = "vocabulary.txt";

constexpr int64_t kMaxSpecBytes = int64_t{16} << 20;
constexpr int64_t kMaxHeaderBytes = int64_t{16} << 20;
constexpr int64_t kMaxWeightBytes = int64_t{4} << 30;
constexpr int64_t kMaxVocabularyBytes = int64_t{64} << 20;

std::string ShapeText(const std::vector<int64_t>& dims) {
  return absl::StrCat("[", absl::StrJoin(dims, ", "), "]");
}

absl::Status InFile(const fs::path& directory, const char* name,
                    const absl::Status& status) {
  return WithPrefix((directory / name).string() + ": ", status);
}

Weights AllWeights(const Model& model) {
  Weights all = model.weights;
  all.insert(model.feature_weights.begin(), model.feature_weights.end());
  return all;
}

int64_t WeightBytes(const ModelSpec& spec) {
  int64_t count = 0;
  for (const TensorShape& shape : WeightShapes(spec)) {
    count += ElementCount(shape.dims);
  }
  return count * static_cast<int64_t>(sizeof(float));
}

absl::Status CheckShapes(const ModelSpec& spec, const Weights& weights) {
  const std::vector<TensorShape> shapes = WeightShapes(spec);
  for (const TensorShape& shape : shapes) {
    const auto found = weights.find(shape.name);
    if (found == weights.end()) {
      return absl::DataLossError(absl::StrFormat(
          "has no tensor \"%s\", which the spec asks for", shape.name));
    }
    if (found->second.dims != shape.dims) {
      return absl::DataLossError(absl::StrFormat(
          "tensor \"%s\" has shape %s; the spec asks for %s", shape.name,
          ShapeText(found->second.dims), ShapeText(shape.dims)));
    }
  }
  if (weights.size() == shapes.size()) return absl::OkStatus();
  std::set<std::string> known;
  for (const TensorShape& shape : shapes) known.insert(shape.name);
  for (const auto& [name, tensor] : weights) {
    if (known.count(name) > 0) continue;
    return absl::DataLossError(
        absl::StrCat("has a tensor ", QuotedForMessage(name),
                     ", which the spec has no place for"));
  }
  return absl::OkStatus();
}

absl::Status CheckVocabulary(const ModelSpec& spec,
                             const std::vector<std::string>& vocabulary) {
  const size_t expected =
      spec.takes_text ? spec.network.vocabulary_size - 1 : 0;
  if (vocabulary.size() == expected) return absl::OkStatus();
  return absl::DataLossError(absl::StrFormat(
      "has %d entries; the spec's vocabulary_size of %d asks for %d",
      vocabulary.size(), spec.network.vocabulary_size, expected));
}

absl::StatusOr<ModelSpec> ReadSpec(const Directory& files,
                                   const fs::path& directory) {
  absl::StatusOr<std::string> bytes = files.ReadFile(kSpecFile, kMaxSpecBytes);
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<ModelSpec> spec = SpecFromJson(*bytes);
  if (!spec.ok()) return InFile(directory, kSpecFile, spec.status());
  const int64_t weights = WeightBytes(*spec);
  if (weights > kMaxWeightBytes) {
    return InFile(directory, kSpecFile,
                  absl::InvalidArgumentError(absl::StrFormat(
                      "the model has %d bytes of weights; the limit is %d",
                      weights, kMaxWeightBytes)));
  }
  return spec;
}

absl::StatusOr<Weights> ReadWeights(const Directory& files,
                                    const fs::path& directory,
                                    const ModelSpec& spec) {
  absl::StatusOr<std::string> bytes =
      files.ReadFile(kWeightsFile, 8 + kMaxHeaderBytes + WeightBytes(spec));
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<Weights> weights = DecodeSafetensors(*bytes);
  if (!weights.ok()) return InFile(directory, kWeightsFile, weights.status());
  const absl::Status status = CheckShapes(spec, *weights);
  if (!status.ok()) return InFile(directory, kWeightsFile, status);
  return weights;
}

absl::StatusOr<std::vector<std::string>> ReadVocabulary(
    const Directory& files, const fs::path& directory, const ModelSpec& spec) {
  absl::StatusOr<std::string> bytes =
      files.ReadFile(kVocabularyFile, kMaxVocabularyBytes);
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<std::vector<std::string>> entries = DecodeVocabulary(*bytes);
  const absl::Status status =
      entries.ok() ? CheckVocabulary(spec, *entries) : entries.status();
  if (!status.ok()) return InFile(directory, kVocabularyFile, status);
  return entries;
}

absl::Status CheckValues(const Weights& weights) {
  for (const auto& [name, tensor] : weights) {
    if (static_cast<int64_t>(tensor.values.size()) !=
        ElementCount(tensor.dims)) {
      return absl::InvalidArgumentError(
          absl::StrFormat("tensor \"%s\" has %d values; its shape %s needs %d",
                          name, tensor.values.size(), ShapeText(tensor.dims),
                          ElementCount(tensor.dims)));
    }
    for (float value : tensor.values) {
      if (std::isfinite(value)) continue;
      return absl::InvalidArgumentError(absl::StrFormat(
          "tensor \"%s\" has the value %g; weights must be finite", name,
          value));
    }
  }
  return absl::OkStatus();
}

// Everything that ReadModel would refuse, before a file is written.
absl::StatusOr<ModelFiles> EncodeModel(const Model& model) {
  if (auto s = ValidateModelSpec(model.spec); !s.ok()) return s;
  ModelFiles files;
  std::string& json = files[kSpecFile] = SpecToJson(model.spec);
  absl::StatusOr<ModelSpec> back = SpecFromJson(json);
  if (!back.ok()) return back.status();
  if (back->description != model.spec.description ||
      back->labels != model.spec.labels ||
      back->features != model.spec.features) {
    return absl::InvalidArgumentError(
        "a label, a column name or the description is not UTF-8");
  }
  const Weights weights = AllWeights(model);
  for (const absl::Status& status :
       {CheckShapes(model.spec, weights), CheckValues(weights),
        CheckVocabulary(model.spec, model.vocabulary)}) {
    if (!status.ok()) return absl::InvalidArgumentError(status.message());
  }
  files[kWeightsFile] = EncodeSafetensors(weights);
  if (!model.spec.takes_text) return files;
  const std::string& text = files[kVocabularyFile] =
      EncodeVocabulary(model.vocabulary);
  const auto entries = DecodeVocabulary(text);
  if (entries.ok()) return files;
  return absl::InvalidArgumentError(
      absl::StrCat("vocabulary: ", entries.status().message()));
}

absl::Status WriteFiles(const fs::path& directory, const ModelFiles& files) {
  absl::StatusOr<Directory> open = Directory::Open(directory);
  if (!open.ok()) return open.status();
  for (const auto& [name, bytes] : files) {
    if (auto status = open->WriteFile(name, bytes); !status.ok()) {
      return status;
    }
  }
  return open->Sync();
}

// Unlike rename(), never replaces an empty directory.
absl::Status MoveIntoPlace(const fs::path& from, const fs::path& to) {
  const int result =
      renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE);
  if (result == 0) return absl::OkStatus();
  if (errno != EINVAL && errno != ENOSYS) {
    return absl::ErrnoToStatus(errno, absl::StrCat(to.string(), ": rename"));
  }
  // A file system without that flag; two writers at once are then not told
  // apart if the target is an empty directory.
  if (rename(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat(to.string(), ": rename"));
}

// A new directory beside `target`, hidden from those who list its parent.
absl::StatusOr<fs::path> MakeSibling(const fs::path& target) {
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  if (error) {
    return absl::ErrnoToStatus(error.value(),
                               target.parent_path().string() + ": mkdir");
  }
  for (int attempt = 0;; ++attempt) {
    fs::path path = target.parent_path() /
                    absl::StrCat(".", target.filename().string(), ".partial.",
                                 getpid(), ".", attempt);
    if (fs::create_directory(path, error)) return path;
    if (!error && attempt < 1000) continue;
    return absl::ErrnoToStatus(error ? error.value() : EEXIST,
                               path.string() + ": mkdir");
  }
}

absl::Status WriteBeside(const fs::path& target, const ModelFiles& files) {
  absl::StatusOr<fs::path> sibling = MakeSibling(target);
  if (!sibling.ok()) return sibling.status();
  absl::Status status = WriteFiles(*sibling, files);
  if (status.ok()) status = MoveIntoPlace(*sibling, target);
  if (!status.ok()) {
    std::error_code ignored;
    fs::remove_all(*sibling, ignored);
    return status;
  }
  absl::StatusOr<Directory> parent = Directory::Open(target.parent_path());
  return parent.ok() ? parent->Sync() : parent.status();
}

}  // namespace

absl::StatusOr<Model> ReadModel(const fs::path& directory) {
  absl::StatusOr<Directory> files = Directory::Open(directory);
  if (!files.ok()) return files.status();
  absl::StatusOr<ModelSpec> spec = ReadSpec(*files, directory);
  if (!spec.ok()) return spec.status();
  absl::StatusOr<Weights> weights = ReadWeights(*files, directory, *spec);
  if (!weights.ok()) return weights.status();
  Model model{*std::move(spec), *std::move(weights), {}, {}};
  for (const TensorShape& shape :
       FeatureWeightShapes(model.spec.features, model.spec.network.horizon)) {
    model.feature_weights.insert(model.weights.extract(shape.name));
  }
  if (model.spec.takes_text) {
    auto vocabulary = ReadVocabulary(*files, directory, model.spec);
    if (!vocabulary.ok()) return vocabulary.status();
    model.vocabulary = *std::move(vocabulary);
  }
  return model;
}

absl::Status WriteModel(const Model& model, const fs::path& directory,
                        const ModelFiles& more) {
  fs::path target = fs::absolute(directory).lexically_normal();
  if (target.filename().empty()) target = target.parent_path();
  std::error_code error;
  if (fs::exists(fs::symlink_status(target, error))) {
    return absl::AlreadyExistsError(
        absl::StrCat(target.string(), ": exists already"));
  }
  absl::StatusOr<ModelFiles> files = EncodeModel(model);
  if (!files.ok()) {
    return WithPrefix(
        absl::StrCat("the model for ", target.string(), " cannot be written: "),
        files.status());
  }
  for (const auto& [name, bytes] : more) {
    if (name.empty() || name.find('/') != name.npos || files->count(name) > 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          QuotedForMessage(name), " cannot be a further file of a model"));
    }
    files->emplace(name, bytes);
  }
  return WriteBeside(target, *files);
}

}  // namespace recur
