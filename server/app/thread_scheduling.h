// How the kernel schedules the server's threads.
#ifndef RECUR_SERVER_APP_THREAD_SCHEDULING_H_
#define RECUR_SERVER_APP_THREAD_SCHEDULING_H_

namespace recur {

// Makes this thread, and those it starts from now on, wait their turn when they
// wake (Linux's SCHED_BATCH) instead of interrupting a lane in the middle of a
// batch: where lanes and the transport share a core, that happened several
// times a message. Says so in the log if the system refuses; nothing depends
// on it but speed.
void WaitTurnsWhenWoken();

}  // namespace recur

#endif  // RECUR_SERVER_APP_THREAD_SCHEDULING_H_
