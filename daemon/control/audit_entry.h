// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/grpcpp.h>

#include "murphy/v1/audit_service.pb.h"

namespace murphy::control {

// The request asks what would happen, and changes nothing.
bool OnlyValidates(const google::protobuf::Message& request);

// What the audit log keeps of a call; its result comes later, and number, time and hashes are the
// log's.
v1::AuditEntry AuditEntryOf(const grpc::CallbackServerContext& context,
                            const google::protobuf::Message& request);

}  // namespace murphy::control
