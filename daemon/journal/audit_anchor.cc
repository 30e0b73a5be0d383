// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/journal/audit.h"
#include "daemon/journal/journal.h"

namespace murphy::journal {
namespace {

constexpr std::string_view kNote = "audit_head";

}  // namespace

absl::StatusOr<AuditAnchor> AnchorIn(Journal& journal) {
  const auto note = journal.GetNote(kNote);
  if (!note.ok()) return note.status();
  AuditAnchor anchor;
  const std::pair<std::string, std::string> parts = absl::StrSplit(*note, absl::MaxSplits(':', 1));
  if (absl::SimpleAtoi(parts.first, &anchor.kept.sequence)) anchor.kept.hash = parts.second;
  anchor.keep = [&journal](const AuditHead& head) {
    // A journal that fails says so itself; the log has a head file, too.
    journal.PutNote(kNote, absl::StrCat(head.sequence, ":", head.hash)).IgnoreError();
  };
  return anchor;
}

}  // namespace murphy::journal
