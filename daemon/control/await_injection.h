// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>

#include "daemon/control/calls.h"
#include "daemon/control/watch.h"

namespace murphy::control {

// An injection has come to this state, or is past it.
bool HasComeTo(const v1::Injection& injection, v1::InjectionState state);

// One caller that waits for an injection: a reader of the journal that ends with the first event
// that fits, with the end of the run, or with its time. No thread waits with it.
//
// gRPC may call back from inside Finish, and the end of a subscription waits for a push that may be
// running on this very thread: Finish is called without the mutex, and the end is left to the pool.
class AwaitInjection final : public grpc::ServerUnaryReactor {
 public:
  // Lives until the call is over.
  static grpc::ServerUnaryReactor* Begin(Calls& calls, journal::Journal& journal,
                                         const v1::AwaitInjectionRequest& request,
                                         v1::AwaitInjectionResponse* response,
                                         const grpc::Status& admitted);

  void OnCancel() override;
  void OnDone() override;

 private:
  AwaitInjection(Calls& calls, journal::Journal& journal, const v1::AwaitInjectionRequest& request,
                 v1::AwaitInjectionResponse* response);

  void Start();
  void SetAlarm(absl::Duration timeout);
  bool Push(const v1::Event& event);
  absl::Status NoneCame(absl::StatusCode code, std::string_view why) const;
  // The first end counts; it is told when the start is over.
  void End(const grpc::Status& status, const v1::Injection* injection = nullptr);
  void Tell();

  Calls& calls_;
  journal::Journal& journal_;
  const v1::AwaitInjectionRequest request_;
  v1::AwaitInjectionResponse* const response_;
  std::unique_ptr<Subscription> subscription_;
  grpc::Alarm alarm_;
  // Itself, while the call lasts; the alarm may ring when it is over.
  std::shared_ptr<AwaitInjection> self_;

  std::mutex mutex_;
  bool starting_ = true;
  bool ended_ = false;
  bool told_ = false;
  // History has been read; and in it, or since, the run has ended.
  bool live_ = false;
  bool run_over_ = false;
  grpc::Status status_;
};

}  // namespace murphy::control
