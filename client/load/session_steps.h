// The step numbers of a stream's sessions, so that every step is sent exactly
// once. After a refused item a session rests until all its other items, which
// were numbered on from that one, are answered too; then it goes on with the
// step that the server expects. Pure; 8 bytes per session.
#ifndef RECUR_CLIENT_LOAD_SESSION_STEPS_H_
#define RECUR_CLIENT_LOAD_SESSION_STEPS_H_

#include <cstdint>
#include <vector>

namespace recur::load {

class SessionSteps {
 public:
  explicit SessionSteps(uint32_t sessions) : sessions_(sessions) {}

  uint32_t size() const { return static_cast<uint32_t>(sessions_.size()); }

  // What the server said when the session was attached.
  void Resume(uint32_t session, uint32_t step) {
    sessions_[session].next = step;
  }

  bool CanSend(uint32_t session) const { return !sessions_[session].resting; }

  // The first step of an item with so many.
  uint32_t Send(uint32_t session, uint32_t steps) {
    Session& it = sessions_[session];
    const uint32_t first = it.next;
    it.next += steps;
    ++it.unanswered;
    return first;
  }

  void Applied(uint32_t session) { Answered(&sessions_[session]); }

  // `next` is the step that the server expects.
  void Refused(uint32_t session, uint32_t next) {
    Session& it = sessions_[session];
    it.next = next;
    it.resting = 1;
    Answered(&it);
  }

 private:
  struct Session {
    uint32_t next = 1;
    uint32_t unanswered : 31 = 0;
    uint32_t resting : 1 = 0;
  };
  static_assert(sizeof(Session) == 8);

  static void Answered(Session* it) {
    if (--it->unanswered == 0) it->resting = 0;
  }

  std::vector<Session> sessions_;
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_SESSION_STEPS_H_
