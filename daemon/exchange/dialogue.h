// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "daemon/exchange/effect.h"
#include "faults/fault.h"

namespace murphy::exchange {

// Coroutines that stop at every effect and go on with an event. Nothing here knows how an effect is
// performed: whoever resumes it does, over a socket, a pipe or a list of lines in a test.
//
// The stack of coroutines is kept as a list and run from a loop, so that a long exchange takes no
// more of the machine's stack than a short one, whatever the compiler makes of tail calls.
class Dialogue {
 public:
  // Goes on with `event` up to the next effect; null at the end. The effect is good until the next
  // call.
  const Effect* Resume(Event event, Now now) {
    now_ = now;
    event_ = std::move(event);
    asked_ = false;
    while (!asked_ && !frames_.empty()) frames_.back().resume();
    return asked_ ? &effect_ : nullptr;
  }

  // As of the last event.
  const Now& now() const { return now_; }

  // To be awaited by a Leg: has the effect performed, and gives the event that came of it. Name the
  // effect before you await it: GCC 12 destroys temporaries of awaited expressions twice.
  auto Do(Effect effect) {
    struct Asking {
      Dialogue& dialogue;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<>) const noexcept { dialogue.asked_ = true; }
      Event await_resume() const noexcept { return std::move(dialogue.event_); }
    };
    effect_ = std::move(effect);
    return Asking{*this};
  }

  void Push(std::coroutine_handle<> frame) { frames_.push_back(frame); }
  void Pop() { frames_.pop_back(); }

 private:
  std::vector<std::coroutine_handle<>> frames_;
  Effect effect_;
  Event event_;
  bool asked_ = false;
  Now now_;
};

namespace internal {

struct LegPromise {
  Dialogue* dialogue = nullptr;

  std::suspend_always initial_suspend() const noexcept { return {}; }
  auto final_suspend() const noexcept {
    struct Leaving {
      Dialogue* dialogue;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<>) const noexcept { dialogue->Pop(); }
      void await_resume() const noexcept {}
    };
    return Leaving{dialogue};
  }
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
};

template <typename T>
struct ValuePromise : LegPromise {
  std::optional<T> value;
  void return_value(T returned) { value = std::move(returned); }
  T Take() { return *std::move(value); }
};

template <>
struct ValuePromise<void> : LegPromise {
  void return_void() const noexcept {}
  void Take() const noexcept {}
};

}  // namespace internal

// One coroutine of a dialogue. It begins when it is awaited by another, or handed to Start.
template <typename T>
class [[nodiscard]] Leg {
 public:
  struct promise_type : internal::ValuePromise<T> {
    Leg get_return_object() {
      return Leg(std::coroutine_handle<promise_type>::from_promise(*this));
    }
  };

  Leg(Leg&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Leg& operator=(Leg&&) = delete;
  ~Leg() {
    if (frame_) frame_.destroy();
  }

  // As the first coroutine of a dialogue.
  void Start(Dialogue& dialogue) {
    frame_.promise().dialogue = &dialogue;
    dialogue.Push(frame_);
  }

  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> caller) {
    Start(*caller.promise().dialogue);
  }
  T await_resume() { return frame_.promise().Take(); }

 private:
  explicit Leg(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  std::coroutine_handle<promise_type> frame_;
};

}  // namespace murphy::exchange
