// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "daemon/control/pool.h"
#include "daemon/safety/audit.h"

namespace murphy::control {

// A status as gRPC clients get it: google.rpc.Status in the trailer, with ErrorInfo always and
// BadRequest where there is one.
grpc::Status ToGrpc(const absl::Status& status);

// What one call asks of the daemon. It may wait for the journal, never for the data path.
template <typename Request, typename Response>
using Work = std::type_identity_t<std::function<absl::Status(const Request&, Response*)>>;

// What all calls have in common: who may call, and where the work is done.
class Calls {
 public:
  // `token`: what callers over TCP must show. Over the Unix socket, its directory decides.
  Calls(safety::Audit& audit, const std::string& token);

  // OK, or UNAUTHENTICATED.
  grpc::Status Admit(const grpc::CallbackServerContext& context) const;

  // Answers a unary call by what `work` makes of it.
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, const Request* request,
                                   Response* response, Work<Request, Response> work) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    if (const grpc::Status admitted = Admit(*context); !admitted.ok()) {
      reactor->Finish(admitted);
      return reactor;
    }
    const bool posted = pool_.TryPost([request, response, work = std::move(work), reactor] {
      reactor->Finish(ToGrpc(work(*request, response)));
    });
    if (!posted) reactor->Finish(Busy());
    return reactor;
  }

  // The same for one that changes something: it goes into the audit log before it is answered, and
  // is refused while that cannot be written. With `always` it is made even then.
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Change(grpc::CallbackServerContext* context, const Request* request,
                                   Response* response, Work<Request, Response> work,
                                   bool always = false) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    if (const grpc::Status admitted = Admit(*context); !admitted.ok()) {
      reactor->Finish(admitted);
      return reactor;
    }
    const bool posted =
        pool_.TryPost([this, context, request, response, work = std::move(work), always, reactor] {
          reactor->Finish(ToGrpc(
              OnRecord(*context, *request, always, [&] { return work(*request, response); })));
        });
    if (!posted) reactor->Finish(Busy());
    return reactor;
  }

  static grpc::Status Busy();
  Pool& pool() { return pool_; }

 private:
  absl::Status OnRecord(const grpc::CallbackServerContext& context,
                        const google::protobuf::Message& request, bool always,
                        const std::function<absl::Status()>& change);

  safety::Audit& audit_;
  const std::string authorization_;
  Pool pool_;
};

}  // namespace murphy::control
