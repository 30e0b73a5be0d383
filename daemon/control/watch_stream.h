// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>

#include "daemon/control/calls.h"
#include "daemon/control/watch.h"

namespace murphy::control {

// One reader of events. The journal pushes, gRPC writes one event at a time, and a bounded queue
// lies between them. A reader that is too slow gets what is in the queue, then RESOURCE_EXHAUSTED.
//
// gRPC may call back from inside StartWrite and Finish: neither is called with the mutex held, and
// the end is left to the pool, because it waits for a push that may be running on this very thread.
class WatchStream final : public grpc::ServerWriteReactor<v1::WatchResponse> {
 public:
  static constexpr size_t kMostWaiting = 10'000;

  WatchStream(Calls& calls, journal::Journal& journal, const v1::WatchRequest& request,
              const grpc::Status& admitted);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  bool Push(const v1::Event& event);
  // The stream ends, after what is in the queue unless `at_once`.
  void End(const grpc::Status& status, bool at_once);
  // Writes or finishes, if it is time for it.
  void Step();

  Calls& calls_;
  journal::Journal& journal_;
  const v1::WatchRequest request_;
  std::unique_ptr<Subscription> subscription_;

  std::mutex mutex_;
  std::deque<v1::Event> waiting_;
  v1::WatchResponse response_;
  // The subscription is being set up.
  bool starting_ = true;
  bool writing_ = false;
  bool ending_ = false;
  bool finished_ = false;
  grpc::Status status_;
};

}  // namespace murphy::control
