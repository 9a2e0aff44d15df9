// What one thread at a time steps with on a native engine.
#ifndef RECUR_MODEL_NETWORK_NATIVE_NATIVE_WORKSPACE_H_
#define RECUR_MODEL_NETWORK_NATIVE_NATIVE_WORKSPACE_H_

#include <memory>
#include <vector>

#include "model/network/engine.h"
#include "model/network/head_kernel.h"
#include "model/network/native/packed_layer.h"
#include "model/spec/network_spec.h"

namespace recur {

// What an engine's workspaces share; immutable once built.
struct NativeWeights {
  NetworkSpec spec;
  std::vector<float> embedding;  // [vocabulary, embedding]
  std::vector<PackedLayer> layers;
  HeadKernel head;
};

// `weights` must outlive the workspace; max_batch is above 0.
std::unique_ptr<Workspace> MakeNativeWorkspace(const NativeWeights& weights,
                                               int max_batch);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_NATIVE_NATIVE_WORKSPACE_H_
