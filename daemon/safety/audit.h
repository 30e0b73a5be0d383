// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "daemon/experiments/pool.h"
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

  // Makes a change that is on record before it is made (`BEGUN`), and its result afterwards: what
  // the log cannot take is not done. What is done `always` is done first, and then put on record,
  // without waiting for that longer than a moment.
  absl::Status OnRecord(v1::AuditEntry entry, bool always,
                        const std::function<absl::Status()>& change);

 private:
  absl::Status RecordSoon(v1::AuditEntry entry);
  // Waits until what is to be recorded soon has been.
  void Settle();

  journal::AuditLog& log_;
  experiments::Pool late_{1, 0};
};

}  // namespace murphy::safety
