// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "murphy/v1/audit_service.pb.h"

namespace murphy::journal {

class Journal;

// The last entry of a chain.
struct AuditHead {
  uint64_t sequence = 0;
  std::string hash;

  bool operator==(const AuditHead&) const = default;
};

// A second place for the head, which whoever edits the log does not reach by the way.
struct AuditAnchor {
  // What it held at the start. Nothing (0): it was never used.
  AuditHead kept;
  // Called before an entry is written, with that entry. Empty: there is no such place.
  std::function<void(const AuditHead&)> keep;
};

// One among the notes of the journal, which must outlive it.
absl::StatusOr<AuditAnchor> AnchorIn(Journal& journal);

// An entry as a line of the log, without its end. Fills in number, previous hash and hash.
std::string ChainLine(const AuditHead& head, v1::AuditEntry& entry);

// Checks lines in order against each other.
class ChainCheck {
 public:
  // `noted`: `SEQUENCE:HASH` that must occur; empty for none. `base`: the entry before the first.
  ChainCheck(std::string_view noted, AuditHead base);

  void Read(std::string_view line);
  // `known`: the head that was last written.
  v1::VerifyAuditResponse Finish(const AuditHead& known);

 private:
  void Say(std::string problem);

  std::string noted_;
  bool seen_noted_ = false;
  const AuditHead base_;
  AuditHead head_ = base_;
  uint64_t lines_ = 0;
  v1::VerifyAuditResponse found_;
};

// The audit log: `PATH`, a JSON object per line, each with the hash of the one before; and
// `PATH.head`, the last entry, so that a missing end is noticed. The anchor holds it once more, so
// that both can be missing. The file that lies at PATH counts: one that was replaced is gone on
// with, and checked.
//
// A file that has grown becomes `PATH.N`, where N is its last entry, and the chain goes on in a new
// one. The oldest ones go when all together are too large; `PATH.base` then holds the last entry
// that is gone.
//
// Threads: any.
class AuditLog {
 public:
  static constexpr uint64_t kMostBytes = 256 << 20;
  // Files that it is divided into.
  static constexpr uint64_t kFiles = 16;

  // Opens or creates both files. An entry whose writing a crash cut off was never acknowledged and
  // is dropped.
  static absl::StatusOr<std::unique_ptr<AuditLog>> Open(const std::string& path,
                                                        AuditAnchor anchor = {},
                                                        uint64_t most_bytes = kMostBytes);
  ~AuditLog();

  // On disk when it returns. Secrets are redacted here. `sequence` gets the
  // entry's number.
  absl::Status Append(v1::AuditEntry entry, uint64_t* sequence = nullptr);
  // What has happened already: when it cannot be written now, it is before anything else is.
  absl::Status AppendDone(v1::AuditEntry entry);
  // UNAVAILABLE while entries cannot be written.
  absl::Status Writable();

  // Entries with a smaller number than `before` (0: all), newest first, without announcements of
  // calls whose result is on record.
  absl::StatusOr<std::vector<v1::AuditEntry>> List(uint64_t before, size_t most) const;
  absl::StatusOr<v1::VerifyAuditResponse> Verify(std::string_view noted) const;

 private:
  AuditLog(std::string path, AuditAnchor anchor, uint64_t most_bytes, int log, int head);
  struct Found;

  absl::Status Recover();
  AuditHead Expected(const Found& found) const;
  static v1::AuditEntry Prepared(v1::AuditEntry entry);
  absl::Status WriteOwed();
  absl::Status Follow();
  absl::Status Write(v1::AuditEntry entry);
  // The file is full: what cannot be done now is done after the next entry.
  void Rotate();

  const std::string path_;
  const AuditAnchor anchor_;
  const uint64_t most_bytes_;
  int log_;
  const int head_file_;
  mutable std::mutex mutex_;
  AuditHead head_;
  bool failing_ = false;
  // Acts that have happened, and could not be written yet.
  static constexpr size_t kMostOwed = 1000;
  std::deque<v1::AuditEntry> owed_;
};

}  // namespace murphy::journal
