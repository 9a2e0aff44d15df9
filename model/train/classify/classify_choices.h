// The choices of a plan that follow from how many examples of which labels
// there are.
#ifndef RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_CHOICES_H_
#define RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_CHOICES_H_

#include "model/train/classify/classify_data.h"
#include "model/train/classify/classify_plan.h"

namespace recur {

// Sets pooling, members, holdouts and class weights of the plan and adds its
// reasons.
void ChooseTraining(const ClassifyData& data, const ClassifySettings& settings,
                    ClassifyPlan* plan);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_CLASSIFY_CLASSIFY_CHOICES_H_
