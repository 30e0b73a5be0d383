// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/retention.h"

#include <algorithm>
#include <string>

#include "daemon/journal/schema.h"

namespace murphy::journal {
namespace {

constexpr int kAtOnce = 1000;

// Runs a DELETE … RETURNING revision. A watcher that resumes before the newest removed revision
// would miss something: the revision is kept, so that it can be told.
template <typename... Values>
absl::StatusOr<bool> Remove(Database& database, std::string_view sql, const Values&... values) {
  auto remove = database.Prepare(sql);
  if (!remove.ok()) return remove.status();
  int64_t newest = 0;
  remove->With(values...);
  while (remove->Next()) newest = std::max(newest, remove->Integer(0));
  if (absl::Status status = remove->Finish(); !status.ok()) return status;
  if (newest == 0) return false;
  auto remember = database.Prepare(
      "INSERT INTO settings(name, value) VALUES ('removed', ?) "
      "ON CONFLICT(name) DO UPDATE SET value = MAX(value, excluded.value)");
  if (!remember.ok()) return remember.status();
  if (absl::Status status = remember->With(newest).Run(); !status.ok()) return status;
  return true;
}

// A run goes in pieces; the run itself goes with its last piece.
absl::StatusOr<bool> RemoveFromRun(Database& database, const std::string& run) {
  const absl::StatusOr<bool> removed =
      Remove(database,
             "DELETE FROM events WHERE revision IN (SELECT revision FROM events WHERE run = ? "
             "LIMIT ?) RETURNING revision",
             run, kAtOnce);
  if (!removed.ok() || *removed) return removed;
  auto forget = database.Prepare("DELETE FROM runs WHERE id = ?");
  if (!forget.ok()) return forget.status();
  if (absl::Status status = forget->With(run).Run(); !status.ok()) return status;
  return true;
}

absl::StatusOr<bool> RemoveExperiments(Database& database, int64_t cutoff) {
  auto remove = database.Prepare(
      "DELETE FROM experiments WHERE begin_time < ? AND id NOT IN (SELECT experiment FROM runs) "
      "RETURNING id");
  if (!remove.ok()) return remove.status();
  bool removed = false;
  remove->With(cutoff);
  while (remove->Next()) removed = true;
  if (absl::Status status = remove->Finish(); !status.ok()) return status;
  return removed;
}

}  // namespace

absl::StatusOr<bool> RemovePiece(Database& database, absl::Time cutoff, bool oversize) {
  const int64_t oldest = absl::ToUnixMicros(oversize ? absl::InfiniteFuture() : cutoff);
  auto find = database.Prepare(
      "SELECT id FROM runs WHERE end_time > 0 AND end_time < ? ORDER BY end_time LIMIT 1");
  if (!find.ok()) return find.status();
  const bool found = find->With(oldest).Next();
  const std::string run(found ? find->Bytes(0) : std::string_view());
  if (absl::Status status = find->Finish(); !status.ok()) return status;
  if (found) return RemoveFromRun(database, run);

  const absl::StatusOr<bool> live = Remove(database,
                                           "DELETE FROM events WHERE revision IN (SELECT revision "
                                           "FROM events WHERE kind != ? AND time < ? "
                                           "ORDER BY revision LIMIT ?) RETURNING revision",
                                           kRunKind, oldest, kAtOnce);
  if (!live.ok() || *live) return live;
  return RemoveExperiments(database, absl::ToUnixMicros(cutoff));
}

}  // namespace murphy::journal
