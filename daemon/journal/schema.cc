// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/schema.h"

#include "absl/strings/str_cat.h"

namespace murphy::journal {
namespace {

constexpr int kVersion = 3;

// `events` is the journal; every other table can be derived from it, or is a setting.
// The setting `revision` is the last one given: none is given twice, not even after the newest
// events were removed. (AUTOINCREMENT would say so at the cost of a second write for each row.)
// `runs.first` is where the current life of a run begins (`default` lives again after each start),
// `runs.last` its latest state.
constexpr char kTables[] = R"(
  CREATE TABLE events(
    revision INTEGER PRIMARY KEY, run TEXT NOT NULL, kind INTEGER NOT NULL, key INTEGER NOT NULL,
    time INTEGER NOT NULL, body BLOB NOT NULL);
  CREATE INDEX events_by_key ON events(run, kind, key);
  CREATE TABLE runs(
    id TEXT PRIMARY KEY, experiment TEXT NOT NULL, begin_time INTEGER NOT NULL, end_time INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL);
  CREATE INDEX runs_by_begin ON runs(begin_time, id);
  CREATE INDEX runs_by_experiment ON runs(experiment, begin_time, id);
  CREATE INDEX runs_by_end ON runs(end_time);
  CREATE TABLE experiments(id TEXT PRIMARY KEY, begin_time INTEGER NOT NULL, body BLOB NOT NULL);
  CREATE TABLE settings(name TEXT PRIMARY KEY, value BLOB NOT NULL);
)";

// Since version 2.
constexpr char kScheduleTables[] = R"(
  CREATE TABLE schedules(name TEXT PRIMARY KEY, body BLOB NOT NULL);
  CREATE TABLE schedule_starts(
    schedule TEXT NOT NULL, number INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY(schedule, number)) WITHOUT ROWID;
)";

// Since version 3, in which a row of an injection may stand for two states. Older files keep their
// AUTOINCREMENT, which held the last revision until then.
constexpr char kKeepRevision[] = R"(
  INSERT OR IGNORE INTO settings(name, value)
    SELECT 'revision', seq FROM sqlite_sequence WHERE name = 'events';
)";

}  // namespace

absl::Status PrepareSchema(Database& database) {
  // NORMAL, not FULL: a commit has reached the kernel when it returns, so that no end of this
  // process loses it. FULL would add an fsync to every group, to survive a power cut as well; then
  // the agent and its run are gone anyway. The file stays sound in both modes. The size limit of
  // the log holds after each checkpoint.
  constexpr char kSettings[] =
      "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; "
      "PRAGMA journal_size_limit = 16777216; PRAGMA temp_store = MEMORY;";
  if (absl::Status status = database.Execute(kSettings); !status.ok()) return status;
  const absl::StatusOr<int64_t> version = database.Number("PRAGMA user_version");
  if (!version.ok()) return version.status();
  if (*version == kVersion) return absl::OkStatus();
  if (*version > kVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("it was written by a newer version of Murphy (journal version ", *version,
                     ", this one reads ", kVersion, ")"));
  }
  const std::string create = absl::StrCat(
      "BEGIN IMMEDIATE;", *version < 1 ? kTables : kKeepRevision,
      *version < 2 ? kScheduleTables : "", "PRAGMA user_version = ", kVersion, "; COMMIT;");
  return database.Execute(create.c_str());
}

}  // namespace murphy::journal
