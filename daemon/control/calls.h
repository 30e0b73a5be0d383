// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "daemon/experiments/pool.h"
#include "daemon/safety/audit.h"

namespace murphy::control {

// A status as gRPC clients get it: google.rpc.Status in the trailer, with ErrorInfo always and
// BadRequest where there is one.
grpc::Status ToGrpc(const absl::Status& status);

// What one call asks of the daemon. It may wait for the journal, never for the data path.
template <typename Request, typename Response>
using Work = std::type_identity_t<std::function<absl::Status(const Request&, Response*)>>;

// Where the work of a call is done. The off switch and the status never wait behind other calls,
// and are never refused; what changes something does not wait behind what reads.
enum class Lane { kRead, kChange, kOffSwitch, kStatus };

// What all calls have in common: who may call, and where the work is done.
class Calls {
 public:
  // `token`: what callers over TCP must show. Over the Unix socket, its directory decides.
  // `caller_of`: who is behind a peer that is not the Unix socket.
  Calls(safety::Audit& audit, const std::string& token,
        std::function<std::string(const std::string& peer)> caller_of);

  // OK, or UNAUTHENTICATED.
  grpc::Status Admit(const grpc::CallbackServerContext& context) const;

  // Answers a unary call by what `work` makes of it.
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, const Request* request,
                                   Response* response, Work<Request, Response> work,
                                   Lane lane = Lane::kRead) {
    return Do(context, lane, [request, response, work = std::move(work)] {
      return Told(work(*request, response), *response);
    });
  }

  // The same for one that tells its caller what that has sent: nothing of it is redacted.
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const Request* request,
                                 Response* response, Work<Request, Response> work) {
    return Do(context, Lane::kRead,
              [request, response, work = std::move(work)] { return work(*request, response); });
  }

  // The same for one that changes something: it is on record before it is made, and is refused
  // while that is not possible. What the off switch does is done first.
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Change(grpc::CallbackServerContext* context, const Request* request,
                                   Response* response, Work<Request, Response> work,
                                   Lane lane = Lane::kChange, bool always = false) {
    return Do(context, lane, [this, context, request, response, always, work = std::move(work)] {
      return OnRecord(*context, *request, always,
                      [&] { return Told(work(*request, response), *response); });
    });
  }

  static grpc::Status Busy();
  // Of those that read.
  experiments::Pool& pool() { return reads_; }

 private:
  // What is told holds no secrets, wherever it comes from.
  static absl::Status Told(absl::Status status, google::protobuf::Message& response);
  grpc::ServerUnaryReactor* Do(grpc::CallbackServerContext* context, Lane lane,
                               std::function<absl::Status()> work);
  absl::Status OnRecord(const grpc::CallbackServerContext& context,
                        const google::protobuf::Message& request, bool always,
                        const std::function<absl::Status()>& change);

  safety::Audit& audit_;
  const std::string authorization_;
  const std::function<std::string(const std::string& peer)> caller_of_;
  experiments::Pool reads_;
  experiments::Pool changes_;
  experiments::Pool off_switch_;
  experiments::Pool status_;
};

}  // namespace murphy::control
