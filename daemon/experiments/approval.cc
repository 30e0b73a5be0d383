// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/approval.h"

#include <openssl/crypto.h>

#include "daemon/experiments/refusal.h"
#include "faults/sha256.h"

namespace murphy::experiments {
namespace {

absl::Status Denied(const char* reason, const char* sentence) {
  return Refusal(absl::StatusCode::kPermissionDenied, reason, sentence);
}

}  // namespace

absl::Status RequireApproval(const Policy& policy, const v1::Guard& guard,
                             const std::string& token) {
  if (!guard.require_approval()) return absl::OkStatus();
  if (policy.approvers.empty()) {
    return Denied("NO_APPROVERS",
                  "This needs approval (guard.require_approval), and the daemon's configuration "
                  "names no approver: add token_sha256 to its [approval].");
  }
  if (token.empty()) {
    return Denied("APPROVAL_REQUIRED",
                  "This needs approval (guard.require_approval): hand in an approver's token with "
                  "--approval-file.");
  }
  const std::string digest = Sha256Hex(token);
  bool known = false;
  for (const std::string& approver : policy.approvers) {
    known |= approver.size() == digest.size() &&
             CRYPTO_memcmp(approver.data(), digest.data(), digest.size()) == 0;
  }
  if (known) return absl::OkStatus();
  return Denied("APPROVAL_UNKNOWN", "The approval token is not one of this daemon's approvers.");
}

}  // namespace murphy::experiments
