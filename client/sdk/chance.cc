#include "client/sdk/chance.h"

#include <random>

namespace recur::client {

double Chance() {
  thread_local std::mt19937_64 generator(std::random_device{}());
  return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

}  // namespace recur::client
