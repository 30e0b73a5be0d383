// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>

#include "daemon/control/backlog.h"
#include "daemon/control/calls.h"
#include "daemon/control/watch.h"

namespace murphy::control {

// One reader of events. The journal pushes, gRPC writes one event at a time, and a bounded backlog
// lies between them. A reader that is too slow gets RESOURCE_EXHAUSTED, after what its backlog
// still has.
//
// gRPC may call back from inside StartWrite and Finish: neither is called with the mutex held, and
// the end is left to the pool, because it waits for a push that may be running on this very thread.
class WatchStream final : public grpc::ServerWriteReactor<v1::WatchResponse> {
 public:
  WatchStream(Calls& calls, journal::Journal& journal, WatchBudget& budget,
              const v1::WatchRequest& request, const grpc::Status& admitted);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  bool Push(const v1::Event& event);
  // The stream ends, after what is in the backlog unless `at_once`.
  void End(const grpc::Status& status, bool at_once);
  grpc::Status TooSlow(Backlog::State why) const;
  // Writes or finishes, if it is time for it.
  void Step();

  Calls& calls_;
  journal::Journal& journal_;
  const v1::WatchRequest request_;
  const size_t budget_bytes_;
  Backlog backlog_;
  std::unique_ptr<Subscription> subscription_;

  std::mutex mutex_;
  v1::WatchResponse response_;
  // The subscription is being set up.
  bool starting_ = true;
  bool writing_ = false;
  bool ending_ = false;
  bool finished_ = false;
  grpc::Status status_;
};

}  // namespace murphy::control
