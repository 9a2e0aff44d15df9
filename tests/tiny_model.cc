// Writes the tiny models into a repository: tiny_model REPOSITORY.
#include <filesystem>
#include <iostream>

#include "model/format/model_directory.h"
#include "tests/tiny_models.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: tiny_model REPOSITORY\n";
    return 2;
  }
  const std::filesystem::path repository = argv[1];
  const std::pair<const char*, recur::Model> models[] = {
      {"tiny", recur::TinyForecaster()},
      {"trend", recur::TinyTrend()},
      {"mood", recur::TinyMood()}};
  for (const auto& [name, model] : models) {
    const std::filesystem::path directory = repository / name / "1";
    std::filesystem::create_directories(directory.parent_path());
    const absl::Status status = recur::WriteModel(model, directory);
    if (!status.ok() && !absl::IsAlreadyExists(status)) {
      std::cerr << directory << ": " << status << "\n";
      return 1;
    }
  }
  return 0;
}
