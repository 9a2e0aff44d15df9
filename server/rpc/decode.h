// Request messages -> the calls of server/core. Pure: no sockets, no sessions.
// What can be checked without the model is checked here, and what needs the
// model is in the functions that take it; the rest (finiteness, times, step
// numbers, limits) is the core's and the lanes' to check.
#ifndef RECUR_SERVER_RPC_DECODE_H_
#define RECUR_SERVER_RPC_DECODE_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/servable/servable.h"
#include "recur/v1/recur.pb.h"
#include "server/core/service.h"
#include "server/lane/item_batch.h"

namespace recur {

// INVALID_ARGUMENT values_twice (both values and values_f64), times_twice
// (both time_us and start_us).
absl::StatusOr<RawSequence> DecodeSequence(const v1::Sequence& sequence);

// What DecodeSequence says, with "input I: " before the message. The deadline
// is left to the caller, as below.
absl::StatusOr<ClassifyCall> DecodeClassify(const v1::ClassifyRequest& request);

// For a request with a context. The model is the one it names. As below, the
// errors are those of MakeForecastCut and DecodeSequence.
absl::StatusOr<ForecastCall> DecodeForecastContext(
    const v1::ForecastRequest& request, const Servable& model);

// For a request with a session, whose model it is, and its known inputs
// (KnownOf): a lane that has found the session copies nothing.
absl::StatusOr<SessionForecastCall> DecodeForecastSession(
    const v1::ForecastRequest& request, std::vector<double> known,
    const Servable& model);

// A time to live of more seconds than a clock can take is cut, to one that the
// core refuses.
OpenCall DecodeOpen(const v1::OpenSessionRequest& request);

struct ListCall {
  std::string model;
  std::string after;
  size_t limit = 0;
};

// INVALID_ARGUMENT bad_page_size, bad_page_token.
absl::StatusOr<ListCall> DecodeList(const v1::ListSessionsRequest& request);

// What is large in an Observe, and is read without its session.
struct ObserveInputs {
  RawSequence observations;
  std::vector<double> known;
};

// What DecodeSequence says.
absl::StatusOr<ObserveInputs> DecodeObserveInputs(
    const v1::ObserveRequest& request);

// A batch of one item, not sealed, without sink, deadline or arrival, of a
// request and its inputs. The model is the session's: it says how many values
// make a step. INVALID_ARGUMENT bad_want, empty_sequence, item_too_long,
// bad_columns, and what MakeForecastCut says. Quick.
absl::StatusOr<std::shared_ptr<ItemBatch>> DecodeObserve(
    const v1::ObserveRequest& request, ObserveInputs inputs,
    const Servable& model, int max_steps);

// nullopt for an unknown value.
std::optional<Want> DecodeWant(int want);

// A call's deadline on the steady clock; nullopt if it has none.
std::optional<TimePoint> DeadlineOf(
    std::chrono::system_clock::time_point deadline,
    std::chrono::system_clock::time_point system_now, TimePoint steady_now);

}  // namespace recur

#endif  // RECUR_SERVER_RPC_DECODE_H_
