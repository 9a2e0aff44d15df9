#include "model/network/batch_check.h"

#include "absl/strings/str_format.h"

namespace recur {
namespace {

absl::Status CheckCount(absl::string_view what, int64_t count,
                        int64_t expected) {
  if (count == expected) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("batch has %d %s; it needs %d", count, what, expected));
}

absl::Status CheckLengths(const SequenceBatch& batch) {
  if (auto s = CheckCount("lengths", batch.lengths.size(), batch.rows);
      !s.ok()) {
    return s;
  }
  for (int row = 0; row < batch.rows; ++row) {
    const int length = batch.lengths[row];
    if (length < 1 || length > batch.steps) {
      return absl::InvalidArgumentError(
          absl::StrFormat("row %d of the batch has length %d; it must be 1 to "
                          "%d",
                          row, length, batch.steps));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckTokens(const NetworkSpec& spec, const SequenceBatch& batch) {
  const int64_t cells = int64_t{batch.steps} * batch.rows;
  if (auto s = CheckCount("tokens", batch.tokens.size(), cells); !s.ok()) {
    return s;
  }
  for (int row = 0; row < batch.rows; ++row) {
    for (int step = 0; step < batch.lengths[row]; ++step) {
      const int32_t token = batch.tokens[int64_t{step} * batch.rows + row];
      if (token < 0 || token >= spec.vocabulary_size) {
        return absl::InvalidArgumentError(absl::StrFormat(
            "row %d of the batch has token %d at step %d; it must be 0 to %d",
            row, token, step, spec.vocabulary_size - 1));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPoints(const NetworkSpec& spec, const SequenceBatch& batch) {
  for (const HeadPoint& point : batch.points) {
    if (point.row < 0 || point.row >= batch.rows) {
      return absl::InvalidArgumentError(
          absl::StrFormat("a point of the batch has row %d; it must be 0 to %d",
                          point.row, batch.rows - 1));
    }
    const int length = batch.lengths[point.row];
    if (!spec.bidirectional && (point.step < 0 || point.step >= length)) {
      return absl::InvalidArgumentError(absl::StrFormat(
          "a point of the batch has step %d of row %d; it must be 0 to %d",
          point.step, point.row, length - 1));
    }
  }
  const int64_t per_point = int64_t{spec.horizon} * spec.future_size;
  return CheckCount("future values", batch.future.size(),
                    static_cast<int64_t>(batch.points.size()) * per_point);
}

}  // namespace

absl::Status CheckSequenceBatch(const NetworkSpec& spec,
                                const SequenceBatch& batch) {
  if (batch.steps < 1 || batch.rows < 1) {
    return absl::InvalidArgumentError(
        absl::StrFormat("batch has %d steps and %d rows; both must be above 0",
                        batch.steps, batch.rows));
  }
  if (auto s = CheckLengths(batch); !s.ok()) return s;
  if (spec.vocabulary_size > 0) {
    if (auto s = CheckTokens(spec, batch); !s.ok()) return s;
  } else if (auto s = CheckCount(
                 "inputs", batch.inputs.size(),
                 int64_t{batch.steps} * batch.rows * spec.input_size);
             !s.ok()) {
    return s;
  }
  return CheckPoints(spec, batch);
}

}  // namespace recur
