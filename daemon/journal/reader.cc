// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/journal/schema.h"

namespace murphy::journal {
namespace {

constexpr size_t kIdleConnections = 4;

int64_t Limit(size_t most) { return static_cast<int64_t>(std::min<size_t>(most, INT64_MAX)); }

bool Parse(std::string_view bytes, google::protobuf::Message& message) {
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

// Rows that begin with a revision and an event.
bool ReadEvent(const Statement& row, v1::Event& event) {
  if (!Parse(row.Bytes(1), event)) return false;
  event.set_revision(static_cast<uint64_t>(row.Integer(0)));
  return true;
}

bool ReadExchange(const Statement& row, v1::Exchange& exchange) {
  v1::Event event;
  if (!ReadEvent(row, event)) return false;
  exchange.Swap(event.mutable_exchange());
  return true;
}

bool ReadInjection(const Statement& row, v1::Injection& injection) {
  v1::Event event;
  if (!ReadEvent(row, event)) return false;
  injection.Swap(event.mutable_injection());
  return true;
}

bool ReadStep(const Statement& row, v1::EngineStep& step) {
  v1::Event event;
  if (!ReadEvent(row, event)) return false;
  step.Swap(event.mutable_step());
  return true;
}

bool ReadRun(const Statement& row, v1::Run& run) {
  v1::Event event;
  if (!ReadEvent(row, event)) return false;
  run.Swap(event.mutable_run());
  return true;
}

bool ReadExperiment(const Statement& row, v1::Experiment& experiment) {
  return Parse(row.Bytes(0), experiment);
}

template <typename Record>
absl::StatusOr<std::optional<Record>> First(absl::StatusOr<std::vector<Record>> records) {
  if (!records.ok()) return records.status();
  if (records->empty()) return std::nullopt;
  return std::move(records->front());
}

// Where the current life of run ?1 begins.
constexpr char kFirst[] = "revision >= COALESCE((SELECT first FROM runs WHERE id = ?1), 0)";

}  // namespace

absl::StatusOr<Reader::Connection> Reader::Acquire() {
  Connection connection;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
    connection.generation = generation_;
  }
  absl::StatusOr<Database> database = Database::Open(path_, /*create=*/false);
  if (!database.ok()) return database.status();
  connection.database = *std::move(database);
  return connection;
}

void Reader::Release(Connection connection) {
  const std::lock_guard lock(mutex_);
  if (connection.generation == generation_ && idle_.size() < kIdleConnections)
    idle_.push_back(std::move(connection));
}

void Reader::Reopen() {
  const std::lock_guard lock(mutex_);
  ++generation_;
  idle_.clear();
}

template <typename Take, typename... Values>
absl::Status Reader::Query(std::string_view sql, Take take, const Values&... values) {
  absl::StatusOr<Connection> connection = Acquire();
  absl::Status status = connection.status();
  if (status.ok()) {
    absl::StatusOr<Statement> statement = connection->database.Prepare(sql);
    status = statement.status();
    if (status.ok()) {
      statement->With(values...);
      Row row = Row::kNext;
      while (row == Row::kNext && statement->Next()) row = take(*statement);
      status = statement->Finish();
      if (row == Row::kDamaged) status.Update(absl::DataLossError("a record is damaged"));
    }
  }
  if (!status.ok())
    return {status.code(),
            absl::StrCat("The journal ", path_, " cannot be read: ", status.message())};
  Release(*std::move(connection));
  return status;
}

template <typename Record, typename Read, typename... Values>
absl::StatusOr<std::vector<Record>> Reader::List(std::string_view sql, Read read,
                                                 const Values&... values) {
  std::vector<Record> list;
  const auto take = [&](const Statement& row) {
    return read(row, list.emplace_back()) ? Row::kNext : Row::kDamaged;
  };
  const absl::Status status = Query(sql, take, values...);
  if (!status.ok()) return status;
  return list;
}

absl::StatusOr<std::vector<v1::Run>> Reader::Runs(std::string_view experiment, size_t most,
                                                  std::string_view before) {
  const std::string sql = absl::StrCat(
      "SELECT revision, body FROM runs JOIN events ON revision = last WHERE ",
      experiment.empty() ? "?1 = ''" : "experiment = ?1",
      " AND (?2 = '' OR (begin_time, id) < (SELECT begin_time, id FROM runs WHERE id = ?2))"
      " ORDER BY begin_time DESC, id DESC LIMIT ?3");
  return List<v1::Run>(sql, ReadRun, experiment, before, Limit(most));
}

absl::StatusOr<std::optional<v1::Run>> Reader::FindRun(std::string_view id) {
  return First(List<v1::Run>(
      "SELECT revision, body FROM runs JOIN events ON revision = last WHERE id = ?", ReadRun, id));
}

absl::StatusOr<std::vector<v1::Exchange>> Reader::Exchanges(std::string_view run,
                                                            uint64_t after_sequence, size_t most) {
  // Exchanges that came after the end of their run have no number: they are on the first page.
  const std::string sql = absl::StrCat(
      "SELECT revision, body FROM events WHERE run = ?1 AND kind = ?2 AND (key > ?3 OR ?3 = 0) "
      "AND ",
      kFirst, " ORDER BY key, revision LIMIT ?4");
  return List<v1::Exchange>(sql, ReadExchange, run, kExchangeKind, after_sequence, Limit(most));
}

absl::StatusOr<std::vector<v1::Injection>> Reader::Injections(std::string_view run) {
  // In SQLite a bare column beside MAX() is of the row that has the maximum.
  const std::string sql =
      absl::StrCat("SELECT MAX(revision), body FROM events WHERE run = ?1 AND kind = ?2 AND ",
                   kFirst, " GROUP BY key ORDER BY key");
  return List<v1::Injection>(sql, ReadInjection, run, kInjectionKind);
}

absl::StatusOr<std::vector<v1::Injection>> Reader::Decided(std::string_view run) {
  const std::string sql =
      absl::StrCat("SELECT MIN(revision), body FROM events WHERE run = ?1 AND kind = ?2 AND ",
                   kFirst, " GROUP BY key ORDER BY key");
  return List<v1::Injection>(sql, ReadInjection, run, kInjectionKind);
}

absl::StatusOr<std::vector<v1::EngineStep>> Reader::Steps(std::string_view run, uint64_t after,
                                                          size_t most) {
  // A run that begins under a halt is disarmed before it is recorded itself.
  return List<v1::EngineStep>(
      "SELECT revision, body FROM events WHERE run = ?1 AND kind = ?2 AND key > ?3 "
      "ORDER BY key, revision LIMIT ?4",
      ReadStep, run, kStepKind, after, Limit(most));
}

absl::StatusOr<std::vector<v1::Exchange>> Reader::RecentExchanges(absl::Time since, size_t most) {
  std::vector<v1::Exchange> exchanges;
  const int64_t earliest = absl::ToUnixMicros(since);
  // Revisions grow with time: only the newest end of the table is read.
  const auto take = [&](const Statement& row) {
    if (row.Integer(3) < earliest || exchanges.size() >= most) return Row::kStop;
    if (row.Integer(2) != kExchangeKind) return Row::kNext;
    return ReadExchange(row, exchanges.emplace_back()) ? Row::kNext : Row::kDamaged;
  };
  const absl::Status status =
      Query("SELECT revision, body, kind, time FROM events ORDER BY revision DESC", take);
  if (!status.ok()) return status;
  std::reverse(exchanges.begin(), exchanges.end());
  return exchanges;
}

absl::StatusOr<std::vector<v1::Event>> Reader::EventsAfter(uint64_t revision, uint64_t last,
                                                           size_t most) {
  if (revision > last) {
    // The file may be a commit ahead of what the writer has said.
    const auto find = [&](const Statement& row) {
      last = std::max(last, static_cast<uint64_t>(row.Integer(0)));
      return Row::kStop;
    };
    const absl::Status status = Query("SELECT COALESCE(MAX(revision), 0) FROM events", find);
    if (!status.ok()) return status;
  }
  if (revision > last) {
    return absl::OutOfRangeError(
        absl::StrCat("The journal ends at revision ", last, "; ", revision,
                     " is of another journal. Watch again without a revision."));
  }
  // One statement, so that nothing is removed between the check and the list.
  std::vector<v1::Event> events;
  uint64_t removed = 0;
  const auto take = [&](const Statement& row) {
    removed = static_cast<uint64_t>(row.Integer(2));
    if (removed > revision) return Row::kStop;
    if (row.Integer(0) == 0) return Row::kNext;
    return ReadEvent(row, events.emplace_back()) ? Row::kNext : Row::kDamaged;
  };
  const absl::Status status = Query(
      "WITH mark AS (SELECT COALESCE((SELECT value FROM settings WHERE name = 'removed'), 0) AS "
      "removed) "
      "SELECT 0, '', removed FROM mark UNION ALL "
      "SELECT * FROM (SELECT revision, body, removed FROM events, mark WHERE revision > ? ORDER BY "
      "revision LIMIT ?)",
      take, revision, Limit(most));
  if (!status.ok()) return status;
  if (removed > revision) {
    return absl::OutOfRangeError(absl::StrCat("Events up to revision ", removed,
                                              " have been removed from the journal; ", revision,
                                              " is before that. Watch again without a revision."));
  }
  return events;
}

absl::StatusOr<std::vector<v1::Event>> Reader::StateAfter(uint64_t revision, std::string_view run,
                                                          std::string_view experiment,
                                                          size_t most) {
  // Exchanges are recorded once, and those after the end of a run share number 0: only the others
  // can be superseded.
  const std::string sql = absl::StrCat(
      "SELECT revision, body FROM events AS event WHERE revision > ?1 AND ",
      !run.empty()         ? "run = ?2 AND ?3 = ?3"
      : experiment.empty() ? "run IN (SELECT id FROM runs WHERE end_time = 0) AND ?2 = ?3"
                           : "run IN (SELECT id FROM runs WHERE experiment = ?3) AND ?2 = ''",
      " AND revision >= COALESCE((SELECT first FROM runs WHERE id = event.run), 0)"
      " AND (kind = ?4 OR NOT EXISTS (SELECT 1 FROM events AS later WHERE later.run = event.run "
      "AND "
      "later.kind = event.kind AND later.key = event.key AND later.revision > event.revision))"
      " ORDER BY revision LIMIT ?5");
  return List<v1::Event>(sql, ReadEvent, revision, run, experiment, kExchangeKind, Limit(most));
}

absl::StatusOr<std::optional<v1::Experiment>> Reader::FindExperiment(std::string_view id) {
  return First(
      List<v1::Experiment>("SELECT body FROM experiments WHERE id = ?", ReadExperiment, id));
}

absl::StatusOr<std::vector<v1::Experiment>> Reader::Experiments(size_t most,
                                                                std::string_view before) {
  return List<v1::Experiment>(
      "SELECT body FROM experiments WHERE ?1 = '' OR "
      "(begin_time, id) < (SELECT begin_time, id FROM experiments WHERE id = ?1) "
      "ORDER BY begin_time DESC, id DESC LIMIT ?2",
      ReadExperiment, before, Limit(most));
}

absl::StatusOr<std::vector<v1::ScheduleStatus>> Reader::Schedules() {
  const auto read = [](const Statement& row, v1::ScheduleStatus& schedule) {
    return Parse(row.Bytes(0), schedule);
  };
  return List<v1::ScheduleStatus>("SELECT body FROM schedules ORDER BY name", read);
}

absl::StatusOr<std::vector<v1::ScheduleStart>> Reader::ScheduleStarts(std::string_view schedule,
                                                                      size_t most,
                                                                      uint64_t before) {
  const auto read = [](const Statement& row, v1::ScheduleStart& start) {
    return Parse(row.Bytes(0), start);
  };
  return List<v1::ScheduleStart>(
      "SELECT body FROM schedule_starts WHERE schedule = ?1 AND (?2 = 0 OR number < ?2) "
      "ORDER BY number DESC LIMIT ?3",
      read, schedule, before, Limit(most));
}

absl::StatusOr<v1::HaltState> Reader::GetHalt() {
  const auto read = [](const Statement& row, v1::HaltState& state) {
    return Parse(row.Bytes(0), state);
  };
  auto states = List<v1::HaltState>("SELECT value FROM settings WHERE name = 'halt'", read);
  if (!states.ok()) return states.status();
  return states->empty() ? v1::HaltState() : states->front();
}

absl::StatusOr<std::string> Reader::GetNote(std::string_view name) {
  const auto read = [](const Statement& row, std::string& text) {
    text = std::string(row.Bytes(0));
    return true;
  };
  auto texts = List<std::string>("SELECT value FROM settings WHERE name = ?1", read, name);
  if (!texts.ok()) return texts.status();
  return texts->empty() ? std::string() : texts->front();
}

}  // namespace murphy::journal
