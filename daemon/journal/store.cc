// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/store.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/time/clock.h"
#include "daemon/journal/clean.h"
#include "daemon/journal/fold.h"
#include "daemon/journal/journal.h"
#include "daemon/journal/retention.h"
#include "daemon/journal/schema.h"
#include "google/protobuf/util/time_util.h"

namespace murphy::journal {
namespace {

using google::protobuf::util::TimeUtil;

int64_t Micros(const google::protobuf::Timestamp& time) {
  return TimeUtil::TimestampToMicroseconds(time);
}

// Of a record that is no event.
template <typename Record>
std::string BytesOf(Record record) {
  Clean(record);
  return record.SerializeAsString();
}

struct Place {
  const std::string* run;
  int kind;
  uint64_t key;
};

Place PlaceOf(const v1::Event& event) {
  switch (event.kind_case()) {
    case v1::Event::kExchange:
      return {&event.exchange().run(), kExchangeKind, event.exchange().sequence()};
    case v1::Event::kInjection:
      return {&event.injection().run(), kInjectionKind, event.injection().id()};
    case v1::Event::kStep:
      return {&event.step().run(), kStepKind, event.step().number()};
    case v1::Event::kRun:
    case v1::Event::kSynced:
    case v1::Event::KIND_NOT_SET:
      break;
  }
  return {&event.run().id(), kRunKind, 0};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const std::string& path, uint64_t floor) {
  absl::StatusOr<Database> database = Database::Open(path, /*create=*/true);
  if (!database.ok()) return database.status();
  if (absl::Status status = PrepareSchema(*database); !status.ok()) return status;
  auto store = std::unique_ptr<Store>(new Store(*std::move(database)));
  if (absl::Status status = store->PrepareAll(); !status.ok()) return status;
  const auto last = store->database_.Number("SELECT value FROM settings WHERE name = 'revision'");
  if (!last.ok()) return last.status();
  store->revision_ = std::max(floor, static_cast<uint64_t>(*last));
  return store;
}

absl::Status Store::PrepareAll() {
  const std::pair<Statement*, const char*> statements[] = {
      {&begin_, "BEGIN IMMEDIATE"},
      {&commit_, "COMMIT"},
      {&rollback_, "ROLLBACK"},
      {&insert_event_,
       "INSERT INTO events(revision, run, kind, key, time, body) VALUES (?, ?, ?, ?, ?, ?)"},
      {&upsert_run_,
       "INSERT INTO runs(id, experiment, begin_time, end_time, first, last) VALUES (?1, ?2, ?3, "
       "?4, ?5, ?5) "
       "ON CONFLICT(id) DO UPDATE SET experiment = ?2, end_time = ?4, last = ?5, "
       "first = CASE begin_time WHEN ?3 THEN first ELSE ?5 END, begin_time = ?3"},
      {&put_experiment_,
       "INSERT OR REPLACE INTO experiments(id, begin_time, body) VALUES (?, ?, ?)"},
      {&put_setting_, "INSERT OR REPLACE INTO settings(name, value) VALUES (?, ?)"},
      {&put_revision_, "INSERT OR REPLACE INTO settings(name, value) VALUES ('revision', ?)"},
      {&put_schedule_, "INSERT OR REPLACE INTO schedules(name, body) VALUES (?, ?)"},
      {&put_start_,
       "INSERT OR REPLACE INTO schedule_starts(schedule, number, body) VALUES (?, ?, ?)"},
      {&trim_starts_, "DELETE FROM schedule_starts WHERE schedule = ? AND number <= ?"},
      {&remove_schedule_, "DELETE FROM schedules WHERE name = ?"},
      {&remove_starts_, "DELETE FROM schedule_starts WHERE schedule = ?"},
      {&pages_,
       "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, "
       "pragma_freelist_count, "
       "pragma_page_size"},
  };
  for (const auto& [statement, sql] : statements) {
    absl::StatusOr<Statement> prepared = database_.Prepare(sql);
    if (!prepared.ok()) return prepared.status();
    *statement = *std::move(prepared);
  }
  return absl::OkStatus();
}

absl::Status Store::Begin() {
  now_ = absl::ToUnixMicros(absl::Now());
  revision_before_ = revision_;
  return begin_.With().Run();
}

absl::Status Store::Commit() {
  absl::Status status;
  if (revision_ != revision_before_) status = put_revision_.With(revision_).Run();
  if (status.ok()) status = commit_.With().Run();
  if (status.ok() && database_.moved())
    return absl::DataLossError("the file has been deleted or replaced");
  return status;
}

void Store::Rollback() { rollback_.With().Run().IgnoreError(); }

absl::Status Store::Put(v1::Event& event) {
  Clean(event);
  event.set_revision(++revision_);
  absl::Status status = Insert(event);
  if (status.ok() && event.has_run()) status = PutRun(event.run(), revision_);
  return status;
}

absl::Status Store::PutPair(v1::Event& fired, v1::Event& later) {
  Clean(fired);
  Clean(later);
  fired.set_revision(++revision_);
  later.set_revision(++revision_);
  if (!CanFold(fired.injection(), later.injection())) {
    const absl::Status status = Insert(fired);
    return status.ok() ? Insert(later) : status;
  }
  // Subscribers get the two of them.
  later.set_fired_revision(fired.revision());
  const absl::Status status = Insert(later);
  later.clear_fired_revision();
  return status;
}

absl::Status Store::Insert(const v1::Event& event) {
  const Place place = PlaceOf(event);
  if (!event.SerializeToString(&body_))
    return absl::InternalError("a record could not be written as bytes");
  return insert_event_.With(event.revision(), *place.run, place.kind, place.key, now_, Blob{body_})
      .Run();
}

absl::Status Store::PutRun(const v1::Run& run, uint64_t revision) {
  // An end of 0 means a live run: a finished one without an end time must not pass for it.
  int64_t end = run.has_end_time() ? Micros(run.end_time()) : 0;
  if (run.state() == v1::RUN_STATE_FINISHED && end == 0) end = absl::ToUnixMicros(absl::Now());
  return upsert_run_.With(run.id(), run.experiment(), Micros(run.begin_time()), end, revision)
      .Run();
}

absl::Status Store::PutExperiment(const v1::Experiment& experiment) {
  const std::string body = BytesOf(experiment);
  return put_experiment_.With(experiment.id(), Micros(experiment.begin_time()), Blob{body}).Run();
}

absl::Status Store::PutHalt(const v1::HaltState& state) {
  const std::string body = BytesOf(state);
  return put_setting_.With(std::string_view("halt"), Blob{body}).Run();
}

absl::Status Store::PutNote(std::string_view name, std::string_view text) {
  return put_setting_.With(name, Blob{text}).Run();
}

absl::Status Store::PutSchedule(const v1::ScheduleStatus& schedule,
                                const std::vector<v1::ScheduleStart>& starts) {
  const std::string& name = schedule.schedule().name();
  const std::string body = BytesOf(schedule);
  absl::Status status = put_schedule_.With(name, Blob{body}).Run();
  for (const v1::ScheduleStart& start : starts) {
    const std::string start_body = BytesOf(start);
    if (status.ok()) status = put_start_.With(name, start.number(), Blob{start_body}).Run();
  }
  if (!status.ok() || schedule.starts() <= kMostScheduleStarts) return status;
  return trim_starts_.With(name, schedule.starts() - kMostScheduleStarts).Run();
}

absl::Status Store::RemoveSchedule(std::string_view name) {
  if (absl::Status status = remove_schedule_.With(name).Run(); !status.ok()) return status;
  return remove_starts_.With(name).Run();
}

absl::StatusOr<bool> Store::RemoveOld(absl::Time cutoff, uint64_t max_bytes) {
  const bool measured = pages_.With().Next();
  const bool oversize = measured && static_cast<uint64_t>(pages_.Integer(0)) > max_bytes;
  if (absl::Status status = pages_.Finish(); !status.ok()) return status;
  if (!oversize && cutoff == absl::InfinitePast()) return false;
  if (absl::Status status = Begin(); !status.ok()) return status;
  const absl::StatusOr<bool> removed = RemovePiece(database_, cutoff, oversize);
  if (!removed.ok() || !*removed) {
    Rollback();
    return removed;
  }
  if (absl::Status status = Commit(); !status.ok()) return status;
  if (absl::Status status = database_.Execute("PRAGMA incremental_vacuum(256)"); !status.ok())
    return status;
  return true;
}

}  // namespace murphy::journal
