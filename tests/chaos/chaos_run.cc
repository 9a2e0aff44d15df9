#include "tests/chaos/chaos_run.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/chaos/server_process.h"
#include "tests/unit/server/store/temp_directory.h"

namespace recur::chaos {
namespace {

using Answers = std::vector<std::vector<uint64_t>>;  // by session and step

// Of a disturbance after it is clear that the load is running.
constexpr int kLatestMs = 200;
constexpr int kSessions = 16;

// A server that is left alone.
class QuietServer {
 public:
  explicit QuietServer(const Ground& ground)
      : process_({.binary = ground.server_binary,
                  .models = ground.models,
                  .log = directory_.path() / "quiet.log"}) {}

  absl::Status Start() { return process_.Start(); }
  int port() const { return process_.port(); }

 private:
  TempDirectory directory_;
  ServerProcess process_;
};

// What the same steps are answered with when nothing happens.
absl::StatusOr<Answers> AnswersInQuiet(
    ModelKind model, const std::vector<SessionRecord>& records,
    const Ground& ground) {
  Answers answers;
  std::vector<uint64_t> steps;
  for (size_t i = 0; i < records.size(); ++i) {
    steps.push_back(records[i].sent);
    if (model == ModelKind::kAccumulator) {
      answers.push_back(SumsOf(static_cast<int>(i), records[i].sent));
    }
  }
  if (model == ModelKind::kAccumulator) return answers;
  QuietServer server(ground);
  if (auto status = server.Start(); !status.ok()) return status;
  auto load = Load::Begin(
      {.model = model, .sessions = kSessions, .limits = steps}, server.port());
  if (!load.ok()) return load.status();
  if (auto status = (*load)->Finish(); !status.ok()) return status;
  for (SessionRecord& record : (*load)->records()) {
    answers.push_back(std::move(record.answers));
  }
  return answers;
}

void Report(const char* what, const SessionRecord& of, uint64_t step,
            uint64_t is, uint64_t expected) {
  std::cerr << "session " << of.id << ", step " << step << ": " << what << " "
            << is << ", not " << expected << "\n";
}

void JudgeAnswers(const SessionRecord& record,
                  const std::vector<uint64_t>& expected, Tally* tally) {
  const size_t answered = std::min(record.answers.size(), expected.size());
  bool told = false;
  for (size_t i = 0; i < answered; ++i) {
    if (record.answers[i] == expected[i]) continue;
    ++tally->wrong_answers;
    if (told) continue;  // what follows a wrong state is wrong as well
    told = true;
    Report("the answer's bits are", record, i + 1, record.answers[i],
           expected[i]);
  }
  tally->wrong_answers += static_cast<int64_t>(record.misplaced);
}

// What is there in the end: neither more nor less than was sent.
void JudgeSteps(const client::SessionInfo& session, const SessionRecord& record,
                Tally* tally) {
  const uint64_t has = std::min(session.applied_step, session.durable_step);
  if (has != record.sent) {
    Report("the last step is", record, record.sent, has, record.sent);
  }
  const uint64_t kept = std::min<uint64_t>(has, record.answers.size());
  if (kept < record.sent) {
    tally->lost += static_cast<int64_t>(record.sent - kept);
  }
  if (session.applied_step > record.sent) {
    tally->doubled += static_cast<int64_t>(session.applied_step - record.sent);
  }
  tally->observations += static_cast<int64_t>(record.sent);
}

absl::Status Judge(const std::vector<SessionRecord>& records,
                   const Answers& expected, int port, Tally* tally) {
  // It tries again: behind a balancer it may ask where the session was before.
  auto client = client::Client::Create({.target = Loopback(port)});
  if (!client.ok()) return client.status();
  for (size_t i = 0; i < records.size(); ++i) {
    JudgeAnswers(records[i], expected[i], tally);
    const auto session = client->GetSession(records[i].id);
    if (!session.ok()) return session.status();
    JudgeSteps(*session, records[i], tally);
    // And the state answers so.
    const auto read = client->Forecast({.session_id = records[i].id});
    if (!read.ok()) return read.status();
    const uint64_t bits = BitsOf(read->forecast);
    if (bits == expected[i].back()) continue;
    ++tally->wrong_answers;
    Report("in the end the state's answer is", records[i], records[i].sent,
           bits, expected[i].back());
  }
  return absl::OkStatus();
}

absl::Status DisturbAgainAndAgain(Scenario* scenario, int cycles,
                                  Ground* ground, Load* load, Tally* tally) {
  for (; tally->cycles < cycles; ++tally->cycles) {
    if (auto status = load->AwaitProgress(); !status.ok()) return status;
    std::this_thread::sleep_for(
        std::chrono::milliseconds(ground->Below(kLatestMs)));
    if (auto status = scenario->Disturb(load, tally); !status.ok()) {
      return status;
    }
  }
  return load->AwaitProgress();
}

}  // namespace

absl::StatusOr<Tally> RunChaos(Scene scene, ModelKind model, int cycles,
                               Ground* ground) {
  const auto began = std::chrono::steady_clock::now();
  Tally tally;
  const std::unique_ptr<Scenario> scenario = MakeScenario(scene, ground);
  if (auto status = scenario->Begin(); !status.ok()) return status;
  auto load = Load::Begin(
      {.model = model, .sessions = kSessions, .streams = scenario->streams()},
      scenario->port());
  if (!load.ok()) return load.status();
  auto status =
      DisturbAgainAndAgain(scenario.get(), cycles, ground, load->get(), &tally);
  if (status.ok()) status = (*load)->Finish();
  if (!status.ok()) {
    return absl::Status(
        status.code(),
        absl::StrCat("after ", tally.cycles, " cycles: ", status.message()));
  }
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - began;
  tally.seconds = took.count();
  const std::vector<SessionRecord> records = (*load)->records();
  const auto expected = AnswersInQuiet(model, records, *ground);
  if (!expected.ok()) return expected.status();
  status = Judge(records, *expected, scenario->port(), &tally);
  if (!status.ok()) return status;
  return tally;
}

absl::StatusOr<bool> SameBitsInAnyBatch(const Ground& ground) {
  QuietServer server(ground);
  if (auto status = server.Start(); !status.ok()) return status;
  auto client = ClientOf(server.port());
  if (!client.ok()) return client.status();
  const auto model = client->GetModel(NameOf(ModelKind::kLstm));
  if (!model.ok()) return model.status();
  return model->same_bits_in_any_batch;
}

}  // namespace recur::chaos
