// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/watch_stream.h"

#include <fmt/format.h>

#include <utility>

#include "daemon/experiments/refusal.h"

namespace murphy::control {

WatchStream::WatchStream(Calls& calls, journal::Journal& journal, WatchBudget& budget,
                         const v1::WatchRequest& request, const grpc::Status& admitted)
    : calls_(calls),
      journal_(journal),
      request_(request),
      budget_bytes_(budget.bytes()),
      backlog_(budget) {
  const auto start = [this] {
    const absl::Status started = WatchJournal(
        journal_, request_, [this](const v1::Event& event) { return Push(event); }, &subscription_);
    {
      const std::lock_guard lock(mutex_);
      starting_ = false;
    }
    if (!started.ok()) End(ToGrpc(started), /*at_once=*/false);
    Step();
  };
  if (admitted.ok() && calls_.pool().TryPost(start)) return;
  starting_ = false;
  End(admitted.ok() ? Calls::Busy() : admitted, /*at_once=*/true);
  Step();
}

void WatchStream::OnWriteDone(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    writing_ = false;
  }
  if (!ok) End(grpc::Status::CANCELLED, /*at_once=*/true);
  Step();
}

void WatchStream::OnCancel() {
  End(grpc::Status::CANCELLED, /*at_once=*/true);
  Step();
}

void WatchStream::OnDone() {
  calls_.pool().Post([this] { delete this; });
}

grpc::Status WatchStream::TooSlow(Backlog::State why) const {
  const std::string behind =
      why == Backlog::State::kFull
          ? fmt::format("This reader is {} events behind.", Backlog::kMostEvents)
          : fmt::format(
                "More than {} bytes of events wait for readers of Watch, and this reader is "
                "the furthest behind.",
                budget_bytes_);
  return ToGrpc(experiments::Refusal(
      absl::StatusCode::kResourceExhausted, "WATCH_TOO_SLOW",
      fmt::format("{} Watch again from the last revision that it got.", behind)));
}

bool WatchStream::Push(const v1::Event& event) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return false;
  }
  const Backlog::State state = backlog_.Push(event);
  Step();
  return state == Backlog::State::kOpen;
}

void WatchStream::End(const grpc::Status& status, bool at_once) {
  const std::lock_guard lock(mutex_);
  if (at_once) backlog_.Clear();
  if (!ending_) status_ = status;
  ending_ = true;
}

void WatchStream::Step() {
  if (const Backlog::State state = backlog_.state(); state != Backlog::State::kOpen)
    End(TooSlow(state), /*at_once=*/false);
  {
    const std::lock_guard lock(mutex_);
    if (writing_ || finished_) return;
    if (backlog_.Pop(response_.mutable_event())) {
      writing_ = true;
    } else if (ending_ && !starting_) {
      finished_ = true;
    } else {
      return;
    }
  }
  // One of the flags was set by this thread: nobody else writes or finishes.
  if (finished_) {
    Finish(status_);
  } else {
    StartWrite(&response_);
  }
}

}  // namespace murphy::control
