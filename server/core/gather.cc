#include "server/core/gather.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"

namespace recur {

Gather::Gather(std::shared_ptr<const Servable> model, size_t count,
               Done<ClassifyResult> done)
    : answers_(count, absl::InternalError("not answered")),
      model_(std::move(model)),
      done_(std::move(done)),
      missing_(count) {}

void Gather::Add(size_t index, absl::StatusOr<Answer> answer) {
  answers_[index] = std::move(answer);
  if (missing_.fetch_sub(1, std::memory_order_acq_rel) == 1) Complete();
}

void Gather::Complete() {
  ClassifyResult result{.model = model_};
  for (size_t i = 0; i < answers_.size(); ++i) {
    if (!answers_[i].ok()) {
      return done_(
          WithPrefix(absl::StrFormat("input %d: ", i), answers_[i].status()));
    }
    result.answers.push_back(std::get<Classification>(*std::move(answers_[i])));
  }
  done_(std::move(result));
}

}  // namespace recur
