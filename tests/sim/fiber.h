// A function that can wait in the middle, on one thread: the product's calls of
// a store block, and while one does, everything else goes on. Built on
// makecontext(3).
#ifndef RECUR_TESTS_SIM_FIBER_H_
#define RECUR_TESTS_SIM_FIBER_H_

#include <ucontext.h>

#include <cstddef>
#include <functional>
#include <memory>

namespace recur::sim {

class Fiber {
 public:
  // Begins with the first Resume.
  explicit Fiber(std::function<void()> body);
  // Its body must have returned, or never begun.
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Runs the body until it waits or returns.
  void Resume();
  bool done() const { return done_; }

  // In a fiber: until the next Resume.
  static void Wait();
  // The one that runs; null outside of all.
  static Fiber* Current();

 private:
  struct Stack;

  static void Main();
  void SwitchIn();
  void SwitchOut(bool last);

  std::function<void()> body_;
  std::unique_ptr<Stack> stack_;
  ucontext_t inside_;
  ucontext_t outside_;
  bool begun_ = false;
  bool done_ = false;
  // What AddressSanitizer wants to know of stacks.
  void* fake_inside_ = nullptr;
  void* fake_outside_ = nullptr;
  const void* outside_bottom_ = nullptr;
  size_t outside_size_ = 0;
};

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_FIBER_H_
