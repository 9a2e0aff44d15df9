// The sections that the reports of forecasters and classifiers share. Each is
// empty if there is nothing to show.
#ifndef RECUR_MODEL_TRAIN_REPORT_REPORT_SECTIONS_H_
#define RECUR_MODEL_TRAIN_REPORT_REPORT_SECTIONS_H_

#include <string>
#include <vector>

#include "model/train/report/report.h"

namespace recur {

// Loss and validation by step.
std::string LearningSection(const TrainingSummary& training);

// The settings that were tried, the best first.
std::string TrialsSection(const TrainingSummary& training);

// The 20 inputs with the largest shares.
std::string InputsSection(const std::vector<InputShare>& inputs);

// What the data look like and what was chosen for them.
std::string DataSection(const TrainingSummary& training,
                        const std::string& more_html);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_REPORT_REPORT_SECTIONS_H_
