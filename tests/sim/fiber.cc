#include "tests/sim/fiber.h"

#include <array>
#include <cassert>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace recur::sim {
namespace {

constexpr size_t kStackBytes = size_t{512} << 10;

Fiber* current = nullptr;

// Before leaving a stack for another; after having come to one.
void BeforeSwitch([[maybe_unused]] void** fake_here,
                  [[maybe_unused]] const void* bottom,
                  [[maybe_unused]] size_t size) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(fake_here, bottom, size);
#endif
}

void AfterSwitch([[maybe_unused]] void* fake_here,
                 [[maybe_unused]] const void** bottom,
                 [[maybe_unused]] size_t* size) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake_here, bottom, size);
#endif
}

}  // namespace

struct Fiber::Stack {
  std::array<char, kStackBytes> bytes;
};

namespace {

// Making one costs more than a simulated second.
template <typename Stack>
std::vector<std::unique_ptr<Stack>>& FreeStacks() {
  static auto* const stacks = new std::vector<std::unique_ptr<Stack>>;
  return *stacks;
}

}  // namespace

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)) {
  auto& free = FreeStacks<Stack>();
  if (free.empty()) {
    stack_.reset(new Stack);  // not cleared
  } else {
    stack_ = std::move(free.back());
    free.pop_back();
  }
}

Fiber::~Fiber() {
  assert(done_ || !begun_);
  FreeStacks<Stack>().push_back(std::move(stack_));
}

Fiber* Fiber::Current() { return current; }

void Fiber::Resume() {
  assert(current == nullptr && !done_);
  if (!begun_) {
    begun_ = true;
    getcontext(&inside_);
    inside_.uc_stack.ss_sp = stack_->bytes.data();
    inside_.uc_stack.ss_size = kStackBytes;
    inside_.uc_link = nullptr;
    makecontext(&inside_, &Fiber::Main, 0);
  }
  SwitchIn();
}

void Fiber::SwitchIn() {
  current = this;
  BeforeSwitch(&fake_outside_, stack_->bytes.data(), kStackBytes);
  swapcontext(&outside_, &inside_);
  AfterSwitch(fake_outside_, nullptr, nullptr);
}

void Fiber::SwitchOut(bool last) {
  current = nullptr;
  BeforeSwitch(last ? nullptr : &fake_inside_, outside_bottom_, outside_size_);
  swapcontext(&inside_, &outside_);
  AfterSwitch(fake_inside_, &outside_bottom_, &outside_size_);
}

void Fiber::Wait() { current->SwitchOut(/*last=*/false); }

void Fiber::Main() {
  Fiber* const self = current;
  AfterSwitch(nullptr, &self->outside_bottom_, &self->outside_size_);
  self->body_();
  self->done_ = true;
  self->SwitchOut(/*last=*/true);
}

}  // namespace recur::sim
