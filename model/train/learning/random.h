// Pseudo-random numbers that are the same on every machine, so that a seed
// means the same weights and minibatches everywhere (the distributions of the
// standard library differ between its makers). SplitMix64 (Steele, Lea, Flood,
// OOPSLA 2014). Not for secrets. One thread at a time.
#ifndef RECUR_MODEL_TRAIN_LEARNING_RANDOM_H_
#define RECUR_MODEL_TRAIN_LEARNING_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/train/learning/state_archive.h"

namespace recur {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next();
  double Uniform();                      // in [0, 1)
  float Uniform(float low, float high);  // in [low, high)
  int64_t Below(int64_t limit);          // 0 to limit - 1; limit > 0
  double Normal();                       // mean 0, deviation 1, nearly normal
  bool Chance(double probability) { return Uniform() < probability; }

  void Carry(StateArchive& archive) { archive(state_); }

  template <typename T>
  void Shuffle(std::vector<T>* items) {
    for (size_t i = items->size(); i > 1; --i) {
      std::swap((*items)[i - 1], (*items)[Below(static_cast<int64_t>(i))]);
    }
  }

 private:
  uint64_t state_;
};

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LEARNING_RANDOM_H_
