// Threads that share an engine, and threads that train side by side.
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/network/onednn/onednn_trainable_network.h"
#include "model/network/random_weights.h"
#include "tests/unit/model/network/sample_networks.h"

namespace recur {
namespace {

constexpr int kThreads = 2;

// What `work` gives on each of some threads at once must equal what it gives
// on this one alone.
void ExpectSameOnThreads(const std::function<std::vector<float>()>& work) {
  const std::vector<float> expected = work();
  ASSERT_FALSE(expected.empty());
  std::vector<std::vector<float>> actual(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      UseOneThreadPerCall();
      actual[i] = work();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& values : actual) EXPECT_EQ(values, expected);
}

TEST(ThreadsTest, WorkspacesOfOneEngineStepSideBySide) {
  for (const Cell& cell : AllCells()) {
    const NetworkSpec spec = ClassifierSpec(cell, 2, 16);
    const auto engine = CreateOnednnEngine(spec, RandomWeights(spec, 5, 0.3f));
    ASSERT_TRUE(engine.ok()) << engine.status();
    ExpectSameOnThreads([&] {
      auto workspace = (*engine)->CreateWorkspace(16);
      EXPECT_TRUE(workspace.ok()) << workspace.status();
      std::vector<float> states(16 * HiddenStateSize(spec));
      for (int step = 0; step < 50; ++step) {
        const int batch = 1 + step % 16;
        const auto inputs = RandomValues(16 * spec.input_size, step, 1.0f);
        std::vector<StepRow> rows;
        for (int i = 0; i < batch; ++i) {
          rows.push_back({inputs.data() + i * spec.input_size, 0,
                          states.data() + i * HiddenStateSize(spec)});
        }
        EXPECT_TRUE((*workspace)->Step(rows).ok());
      }
      return states;
    });
  }
}

TEST(ThreadsTest, WorkspaceStepsOnOtherThreadsThanItsMaker) {
  for (const Cell& cell : AllCells()) {
    const NetworkSpec spec = ClassifierSpec(cell, 2, 16);
    const auto engine = CreateOnednnEngine(spec, RandomWeights(spec, 5, 0.3f));
    ASSERT_TRUE(engine.ok()) << engine.status();
    const auto workspace = (*engine)->CreateWorkspace(4);
    ASSERT_TRUE(workspace.ok()) << workspace.status();
    const auto steps = [&](bool elsewhere) {
      std::vector<float> states(4 * HiddenStateSize(spec));
      for (int step = 0; step < 20; ++step) {
        const auto inputs = RandomValues(4 * spec.input_size, step, 1.0f);
        std::vector<StepRow> rows;
        for (int i = 0; i < 1 + step % 4; ++i) {
          rows.push_back({inputs.data() + i * spec.input_size, 0,
                          states.data() + i * HiddenStateSize(spec)});
        }
        const auto work = [&] {
          UseOneThreadPerCall();
          EXPECT_TRUE((*workspace)->Step(rows).ok());
        };
        if (elsewhere) {
          std::thread(work).join();
        } else {
          work();
        }
      }
      return states;
    };
    EXPECT_EQ(steps(true), steps(false));
  }
}

TEST(ThreadsTest, NetworksTrainSideBySide) {
  for (const Cell& cell : AllCells()) {
    NetworkSpec spec = ForecasterSpec(cell, 2, 16);
    spec.bidirectional = true;
    const Weights weights = RandomWeights(spec, 5, 0.3f);
    ExpectSameOnThreads([&] {
      auto network = CreateOnednnTrainableNetwork(spec, weights);
      EXPECT_TRUE(network.ok()) << network.status();
      std::vector<float> all;
      for (int i = 0; i < 10; ++i) {
        const SequenceBatch batch = SampleBatch(spec, 5 + i % 3, 4, i);
        std::vector<float> outputs;
        Weights gradients;
        EXPECT_TRUE((*network)->Forward(batch, {0.2f, 3}, &outputs).ok());
        EXPECT_TRUE((*network)->Backward(outputs, &gradients).ok());
        for (const auto& [name, gradient] : gradients) {
          all.insert(all.end(), gradient.values.begin(), gradient.values.end());
        }
        EXPECT_TRUE((*network)->SetWeights(weights).ok());
      }
      return all;
    });
  }
}

// A loader makes a network, and another thread uses it.
TEST(ThreadsTest, NetworkMayBeUsedOnAnotherThreadThanItsMaker) {
  const NetworkSpec spec = ForecasterSpec(Cell{CellKind::kLstm}, 2, 16);
  auto network =
      CreateOnednnTrainableNetwork(spec, RandomWeights(spec, 5, 0.3f));
  ASSERT_TRUE(network.ok()) << network.status();
  const SequenceBatch batch = SampleBatch(spec, 5, 4, 1);
  const auto run = [&] {
    std::vector<float> outputs;
    Weights gradients;
    EXPECT_TRUE((*network)->Forward(batch, {}, &outputs).ok());
    EXPECT_TRUE((*network)->Backward(outputs, &gradients).ok());
    return gradients;
  };
  const Weights here = run();
  Weights there;
  std::thread([&] {
    UseOneThreadPerCall();
    there = run();
  }).join();
  EXPECT_EQ(there, here);
}

}  // namespace
}  // namespace recur
