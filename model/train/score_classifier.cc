#include "model/train/score_classifier.h"

namespace recur {

absl::Status ScoreClassifier(const Servable& model, const ClassifyData& data,
                             const std::vector<ClassifyExample>& examples,
                             ClassificationReport* report) {
  const int classes = static_cast<int>(data.labels.size());
  std::vector<int> trained;
  report->train_examples.assign(classes, 0);
  for (int example : data.train) {
    trained.push_back(data.truth[example]);
    ++report->train_examples[data.truth[example]];
  }
  if (data.test.empty()) return absl::OkStatus();
  auto answers = ClassifyExamples(model, examples, data.test);
  if (!answers.ok()) return answers.status();
  std::vector<int> truth;
  std::vector<int> called;
  for (size_t i = 0; i < data.test.size(); ++i) {
    truth.push_back(data.truth[data.test[i]]);
    called.push_back(TopClass((*answers)[i]));
  }
  report->scores.push_back(ScoreClasses("model", data.labels, truth, called));
  const int majority =
      MajorityClass(classes, trained.empty() ? truth : trained);
  report->scores.push_back(
      ScoreClasses("majority class", data.labels, truth,
                   std::vector<int>(truth.size(), majority)));
  return absl::OkStatus();
}

}  // namespace recur
