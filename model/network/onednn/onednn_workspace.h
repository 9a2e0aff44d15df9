// What one thread at a time steps with on a oneDNN engine.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_ONEDNN_WORKSPACE_H_
#define RECUR_MODEL_NETWORK_ONEDNN_ONEDNN_WORKSPACE_H_

#include <deque>
#include <memory>
#include <vector>

#include "model/network/engine.h"
#include "model/network/head_kernel.h"
#include "model/network/onednn/recurrent_weights.h"
#include "model/spec/network_spec.h"
#include "model/spec/precision.h"

namespace recur {

// What an engine's workspaces share; immutable once built.
struct OnednnWeights {
  NetworkSpec spec;
  Precision precision;  // of the layers
  dnnl::engine engine;
  std::vector<float> embedding;         // [vocabulary, embedding]
  std::deque<RecurrentWeights> layers;  // [layers, directions]
  HeadKernel head;
};

// `weights` must outlive the workspace and have been warmed for max_batch
// (step_layer.h). Throws dnnl::error.
std::unique_ptr<Workspace> MakeOnednnWorkspace(const OnednnWeights& weights,
                                               int max_batch);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_ONEDNN_WORKSPACE_H_
