#include "model/train/classify/score_classifier.h"

#include <utility>

#include "model/train/classify/classify_answers.h"
#include "model/train/classify/classify_floors.h"

namespace recur {

absl::Status ScoreClassifier(const Servable& model, const ClassifyData& data,
                             const std::vector<ClassifyExample>& examples,
                             ClassificationReport* report) {
  report->train_examples = data.CountLabels(data.train);
  if (data.test.empty()) return absl::OkStatus();
  auto answers = ClassifyExamples(model, examples, data.test);
  if (!answers.ok()) return answers.status();
  report->scores.push_back(ScoreClasses("model", data.labels,
                                        TruthOf(examples, data.test),
                                        TopClasses(*answers)));
  for (ClassificationScore& floor :
       ClassifyFloors(model.spec, data, examples)) {
    report->scores.push_back(std::move(floor));
  }
  return absl::OkStatus();
}

}  // namespace recur
