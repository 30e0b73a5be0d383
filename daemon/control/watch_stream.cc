// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/watch_stream.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/experiments/refusal.h"

namespace murphy::control {

WatchStream::WatchStream(Calls& calls, journal::Journal& journal, const v1::WatchRequest& request,
                         const grpc::Status& admitted)
    : calls_(calls), journal_(journal), request_(request) {
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

bool WatchStream::Push(const v1::Event& event) {
  bool accepted = false;
  {
    const std::lock_guard lock(mutex_);
    accepted = !ending_ && waiting_.size() < kMostWaiting;
    if (accepted) waiting_.push_back(event);
  }
  if (!accepted) {
    End(ToGrpc(experiments::Refusal(
            absl::StatusCode::kResourceExhausted, "WATCH_TOO_SLOW",
            absl::StrCat("This reader is ", kMostWaiting,
                         " events behind. Watch again from the last revision that it got."))),
        /*at_once=*/false);
  }
  Step();
  return accepted;
}

void WatchStream::End(const grpc::Status& status, bool at_once) {
  const std::lock_guard lock(mutex_);
  if (at_once) waiting_.clear();
  if (!ending_) status_ = status;
  ending_ = true;
}

void WatchStream::Step() {
  {
    const std::lock_guard lock(mutex_);
    if (writing_ || finished_) return;
    if (!waiting_.empty()) {
      response_.mutable_event()->Swap(&waiting_.front());
      waiting_.pop_front();
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
