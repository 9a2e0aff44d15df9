// Writes the bench's models into a repository: recur_bench_models REPOSITORY.
// Those that are there already are kept.
#include <filesystem>
#include <iostream>

#include "model/format/model_directory.h"
#include "tests/bench/models.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: recur_bench_models REPOSITORY\n";
    return 2;
  }
  const std::filesystem::path repository = argv[1];
  for (const recur::NamedModel& named : recur::BenchModels()) {
    const std::filesystem::path directory = repository / named.name / "1";
    const absl::Status status = recur::WriteModel(named.model, directory);
    if (!status.ok() && !absl::IsAlreadyExists(status)) {
      std::cerr << directory << ": " << status << "\n";
      return 1;
    }
  }
  return 0;
}
