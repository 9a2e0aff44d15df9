// Several networks of one spec as a single one that answers with the mean of
// their outputs before the last nonlinearity, exactly: members stand side by
// side in every layer, and what would lead from one to another is zero. A
// server runs an ensemble as it runs any model.
//
// The merged network is `members` times as wide, so its layers hold about
// members^2 times the weights.
#ifndef RECUR_MODEL_TRAIN_LEARNING_MERGE_MEMBERS_H_
#define RECUR_MODEL_TRAIN_LEARNING_MERGE_MEMBERS_H_

#include <vector>

#include "model/spec/network_spec.h"
#include "model/spec/tensor.h"

namespace recur {

// The spec of `members` networks of a class head merged; the same for one.
NetworkSpec MergedSpec(const NetworkSpec& spec, int members);

// The weights for MergedSpec from those of each member, at least one, all of
// `spec`, whose head is softmax or sigmoid.
Weights MergeMembers(const NetworkSpec& spec,
                     const std::vector<Weights>& members);

// How many networks stand side by side in these layers: into how many equal
// parts the hidden units fall that do not lead to each other; 1 if they do.
int CountMembers(const NetworkSpec& spec, const Weights& weights);

// The spec of one of them.
NetworkSpec MemberSpec(const NetworkSpec& merged, int members);

// The recurrent layers and the embedding of one of them. What it reads of the
// inputs is a row for each of the merged network's.
Weights MemberLayers(const NetworkSpec& merged, const Weights& weights,
                     int member, int members);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LEARNING_MERGE_MEMBERS_H_
