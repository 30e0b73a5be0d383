// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "daemon/journal/audit.h"
#include "murphy/v1/audit_service.pb.h"

namespace murphy::safety {

// Who changed what, when and why: what calls need of the audit log.
//
// Threads: any.
class Audit {
 public:
  explicit Audit(journal::AuditLog& log) : log_(log) {}

  absl::Status List(const v1::ListAuditEntriesRequest& request,
                    v1::ListAuditEntriesResponse* response);
  absl::Status Verify(const v1::VerifyAuditRequest& request, v1::VerifyAuditResponse* response);

  // Makes a change and puts it on record with its result. While the log cannot be written it is
  // refused, unless it is made `always`.
  absl::Status OnRecord(v1::AuditEntry entry, bool always,
                        const std::function<absl::Status()>& change);

 private:
  journal::AuditLog& log_;
};

}  // namespace murphy::safety
