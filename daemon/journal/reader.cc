// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/journal/fold.h"
#include "daemon/journal/schema.h"

namespace murphy::journal {
namespace {

constexpr size_t kIdleConnections = 4;

// A run with more rows than this is read in the order of the file, not of its index.
constexpr size_t kSortedRows = 20'000;

bool Parse(std::string_view bytes, google::protobuf::Message& message) {
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

// Rows that begin with a revision and an event.
bool ReadEvent(const Statement& row, v1::Event& event) {
  if (!Parse(row.Bytes(1), event)) return false;
  event.set_revision(static_cast<uint64_t>(row.Integer(0)));
  return event.kind_case() != v1::Event::KIND_NOT_SET;
}

bool ReadExchange(const Statement& row, v1::Exchange& exchange) {
  v1::Event event;
  if (!ReadEvent(row, event) || !event.has_exchange()) return false;
  exchange.Swap(event.mutable_exchange());
  return true;
}

bool ReadInjection(const Statement& row, v1::Injection& injection) {
  v1::Event event;
  if (!ReadEvent(row, event) || !event.has_injection()) return false;
  injection.Swap(event.mutable_injection());
  return true;
}

bool ReadDecided(const Statement& row, v1::Injection& injection) {
  v1::Event event;
  if (!ReadEvent(row, event) || !event.has_injection()) return false;
  injection = AsFired(event);
  return true;
}

bool ReadStep(const Statement& row, v1::EngineStep& step) {
  v1::Event event;
  if (!ReadEvent(row, event) || !event.has_step()) return false;
  step.Swap(event.mutable_step());
  return true;
}

bool ReadRun(const Statement& row, v1::Run& run) {
  v1::Event event;
  if (!ReadEvent(row, event) || !event.has_run()) return false;
  run.Swap(event.mutable_run());
  return true;
}

// Rows whose body is a record of its own.
template <typename Record>
bool ReadRecord(const Statement& row, Record& record) {
  return Parse(row.Bytes(1), record);
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
      while (statement->Next()) {
        if (take(*statement) == Row::kStop) break;
      }
      status = statement->Finish();
    }
  }
  if (!status.ok())
    return {status.code(),
            absl::StrCat("The journal ", path_, " cannot be read: ", status.message())};
  Release(*std::move(connection));
  return status;
}

template <typename Record, typename Read, typename... Values>
absl::StatusOr<std::vector<Record>> Reader::List(const char* kind, size_t most,
                                                 std::string_view sql, Read read,
                                                 const Values&... values) {
  std::vector<Record> list;
  const auto take = [&](const Statement& row) {
    if (list.size() >= most) return Row::kStop;
    if (!read(row, list.emplace_back())) {
      list.pop_back();
      damage_.Note(absl::StrCat(kind, " ", std::string(row.Bytes(0))));
    }
    return list.size() < most ? Row::kNext : Row::kStop;
  };
  const absl::Status status = Query(sql, take, values...);
  if (!status.ok()) return status;
  return list;
}

template <typename... Values>
absl::StatusOr<std::vector<v1::Event>> Reader::Events(size_t most, std::string_view sql,
                                                      const Values&... values) {
  std::vector<v1::Event> events;
  const auto take = [&](const Statement& row) {
    if (events.size() >= most) return Row::kStop;
    v1::Event event;
    if (ReadEvent(row, event)) {
      Unfold(std::move(event), events);
    } else {
      damage_.Note(absl::StrCat("revision ", row.Integer(0)));
    }
    return events.size() < most ? Row::kNext : Row::kStop;
  };
  const absl::Status status = Query(sql, take, values...);
  if (!status.ok()) return status;
  return events;
}

absl::StatusOr<std::vector<v1::Run>> Reader::Runs(std::string_view experiment, size_t most,
                                                  std::string_view before) {
  const std::string sql = absl::StrCat(
      "SELECT revision, body FROM runs JOIN events ON revision = last WHERE ",
      experiment.empty() ? "?1 = ''" : "experiment = ?1",
      before.empty() ? " AND ?2 = ''"
                     : " AND (begin_time, id) < (SELECT begin_time, id FROM runs WHERE id = ?2)",
      " ORDER BY begin_time DESC, id DESC");
  return List<v1::Run>("revision", most, sql, ReadRun, experiment, before);
}

absl::StatusOr<std::optional<v1::Run>> Reader::FindRun(std::string_view id) {
  return First(List<v1::Run>(
      "revision", 1, "SELECT revision, body FROM runs JOIN events ON revision = last WHERE id = ?",
      ReadRun, id));
}

// Times grow with revisions, so that no index of times is needed.
absl::StatusOr<uint64_t> Reader::RevisionAt(absl::Time time) {
  if (time == absl::InfinitePast()) return 0;
  const int64_t earliest = absl::ToUnixMicros(time);
  int64_t low = 0, high = 0;
  absl::Status status =
      Query("SELECT COALESCE(MAX(revision), 0) + 1 FROM events", [&high](const Statement& row) {
        high = row.Integer(0);
        return Row::kStop;
      });
  // Everything before `low` is too early; nothing at `high` and after it is.
  while (status.ok() && low < high) {
    const int64_t middle = low + (high - low) / 2;
    int64_t found = high, recorded = earliest;
    const auto look = [&](const Statement& row) {
      found = row.Integer(0);
      recorded = row.Integer(1);
      return Row::kStop;
    };
    status = Query("SELECT revision, time FROM events WHERE revision >= ? ORDER BY revision", look,
                   middle);
    if (recorded < earliest) {
      low = found + 1;
    } else {
      high = middle;
    }
  }
  if (!status.ok()) return status;
  return static_cast<uint64_t>(high);
}

absl::StatusOr<ExchangePage> Reader::Exchanges(std::string_view run, ExchangePosition after,
                                               size_t most, absl::Time since) {
  const absl::StatusOr<uint64_t> earliest = RevisionAt(since);
  if (!earliest.ok()) return earliest.status();
  ExchangePage page;
  ExchangePosition last;
  const auto take = [&](const Statement& row) {
    if (page.exchanges.size() >= most) {
      page.next = last;
      return Row::kStop;
    }
    last = {static_cast<uint64_t>(row.Integer(2)), static_cast<uint64_t>(row.Integer(0))};
    if (!ReadExchange(row, page.exchanges.emplace_back())) {
      page.exchanges.pop_back();
      page.damaged.push_back(last.revision);
      damage_.Note(absl::StrCat("revision ", last.revision));
    }
    return Row::kNext;
  };
  const std::string sql = absl::StrCat(
      "SELECT revision, body, key FROM events WHERE run = ?1 AND kind = ?2 AND key >= ?3 AND "
      "(key > ?3 OR revision > ?4) AND revision >= ?5 AND ",
      kFirst, " ORDER BY key, revision");
  const absl::Status status =
      Query(sql, take, run, kExchangeKind, after.sequence, after.revision, *earliest);
  if (!status.ok()) return status;
  return page;
}

absl::StatusOr<std::vector<v1::Injection>> Reader::Injections(std::string_view run, uint64_t after,
                                                              size_t most) {
  // In SQLite a bare column beside MAX() is of the row that has the maximum.
  const std::string sql = absl::StrCat(
      "SELECT MAX(revision), body FROM events WHERE run = ?1 AND kind = ?2 AND key > ?3 AND ",
      kFirst, " GROUP BY key ORDER BY key");
  return List<v1::Injection>("revision", most, sql, ReadInjection, run, kInjectionKind, after);
}

absl::StatusOr<std::vector<v1::Injection>> Reader::Decided(std::string_view run) {
  const std::string sql =
      absl::StrCat("SELECT MIN(revision), body FROM events WHERE run = ?1 AND kind = ?2 AND ",
                   kFirst, " GROUP BY key ORDER BY key");
  return List<v1::Injection>("revision", SIZE_MAX, sql, ReadDecided, run, kInjectionKind);
}

absl::StatusOr<std::vector<v1::EngineStep>> Reader::Steps(std::string_view run, uint64_t after,
                                                          size_t most) {
  // A run that begins under a halt is disarmed before it is recorded itself.
  return List<v1::EngineStep>(
      "revision", most,
      "SELECT revision, body FROM events WHERE run = ?1 AND kind = ?2 AND key > ?3 "
      "ORDER BY key, revision",
      ReadStep, run, kStepKind, after);
}

absl::StatusOr<std::vector<v1::Exchange>> Reader::RecentExchanges(absl::Time since, size_t most) {
  const absl::StatusOr<uint64_t> earliest = RevisionAt(since);
  if (!earliest.ok()) return earliest.status();
  auto exchanges = List<v1::Exchange>(
      "revision", most,
      "SELECT revision, body FROM events WHERE revision >= ? AND kind = ? ORDER BY revision DESC",
      ReadExchange, *earliest, kExchangeKind);
  if (exchanges.ok()) std::reverse(exchanges->begin(), exchanges->end());
  return exchanges;
}

absl::StatusOr<std::vector<v1::Event>> Reader::EventsAfter(uint64_t revision, uint64_t last,
                                                           size_t most) {
  uint64_t removed = 0;
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
  auto events = Events(
      most, "SELECT revision, body FROM events WHERE revision > ? ORDER BY revision", revision);
  if (!events.ok()) return events;
  // Read after them, so that nothing can have been removed unseen.
  const auto read = [&removed](const Statement& row) {
    removed = static_cast<uint64_t>(row.Integer(0));
    return Row::kStop;
  };
  const absl::Status status = Query("SELECT value FROM settings WHERE name = 'removed'", read);
  if (!status.ok()) return status;
  if (removed > revision) {
    return absl::OutOfRangeError(absl::StrCat("Events up to revision ", removed,
                                              " have been removed from the journal; ", revision,
                                              " is before that. Watch again without a revision."));
  }
  // The first half of a pair that was split between two pages is known already.
  if (!events->empty() && events->front().revision() <= revision) events->erase(events->begin());
  return events;
}

absl::StatusOr<bool> Reader::HasMoreRows(std::string_view run, uint64_t revision, size_t than) {
  size_t rows = 0;
  const absl::Status status = Query(
      "SELECT 1 FROM events WHERE run = ? AND revision > ?",
      [&](const Statement&) { return ++rows > than ? Row::kStop : Row::kNext; }, run, revision);
  if (!status.ok()) return status;
  return rows > than;
}

absl::StatusOr<std::vector<v1::Event>> Reader::StateAfter(uint64_t revision, std::string_view run,
                                                          std::string_view experiment,
                                                          size_t most) {
  // By its index, all that a run has after `revision` is sorted for each page. By revision (`+run`
  // keeps SQLite from the index), a page ends where it ends, and rows of others are passed over.
  absl::StatusOr<bool> many = run.empty() ? true : HasMoreRows(run, revision, kSortedRows);
  if (!many.ok()) return many.status();
  const char* column = *many ? "+run" : "run";
  const std::string of = !run.empty() ? "= ?2 AND ?3 = ?3"
                         : experiment.empty()
                             ? "IN (SELECT id FROM runs WHERE end_time = 0) AND ?2 = ?3"
                             : "IN (SELECT id FROM runs WHERE experiment = ?3) AND ?2 = ''";
  // Exchanges are recorded once, and those after the end of a run share number 0: only the others
  // can be superseded.
  const std::string sql = absl::StrCat(
      "SELECT revision, body FROM events AS event WHERE revision > ?1 AND ", column, " ", of,
      " AND revision >= COALESCE((SELECT first FROM runs WHERE id = event.run), 0)"
      " AND (kind = ?4 OR NOT EXISTS (SELECT 1 FROM events AS later WHERE later.run = event.run "
      "AND later.kind = event.kind AND later.key = event.key AND later.revision > event.revision))"
      " ORDER BY revision");
  const auto read = [](const Statement& row, v1::Event& event) {
    if (!ReadEvent(row, event)) return false;
    event.clear_fired_revision();
    return true;
  };
  return List<v1::Event>("revision", most, sql, read, revision, run, experiment, kExchangeKind);
}

absl::StatusOr<std::optional<v1::Experiment>> Reader::FindExperiment(std::string_view id) {
  return First(List<v1::Experiment>("experiment", 1,
                                    "SELECT id, body FROM experiments WHERE id = ?",
                                    ReadRecord<v1::Experiment>, id));
}

absl::StatusOr<std::vector<v1::Experiment>> Reader::Experiments(size_t most,
                                                                std::string_view before) {
  return List<v1::Experiment>(
      "experiment", most,
      "SELECT id, body FROM experiments WHERE ?1 = '' OR "
      "(begin_time, id) < (SELECT begin_time, id FROM experiments WHERE id = ?1) "
      "ORDER BY begin_time DESC, id DESC",
      ReadRecord<v1::Experiment>, before);
}

absl::StatusOr<std::vector<v1::ScheduleStatus>> Reader::Schedules() {
  return List<v1::ScheduleStatus>("schedule", SIZE_MAX,
                                  "SELECT name, body FROM schedules ORDER BY name",
                                  ReadRecord<v1::ScheduleStatus>);
}

absl::StatusOr<std::vector<v1::ScheduleStart>> Reader::ScheduleStarts(std::string_view schedule,
                                                                      size_t most,
                                                                      uint64_t before) {
  return List<v1::ScheduleStart>(
      "schedule start", most,
      "SELECT schedule || ' ' || number, body FROM schedule_starts WHERE schedule = ?1 AND "
      "(?2 = 0 OR number < ?2) ORDER BY number DESC",
      ReadRecord<v1::ScheduleStart>, schedule, before);
}

absl::StatusOr<v1::HaltState> Reader::GetHalt() {
  // Whether injections are stopped is not left out: who cannot know must not go on.
  bool damaged = false;
  v1::HaltState state;
  const auto read = [&](const Statement& row) {
    damaged = !ReadRecord(row, state);
    return Row::kStop;
  };
  const absl::Status status = Query("SELECT name, value FROM settings WHERE name = 'halt'", read);
  if (!status.ok()) return status;
  if (damaged) {
    return absl::DataLossError(absl::StrCat("The journal ", path_,
                                            " does not say any more whether injections are "
                                            "halted: its record of that is damaged."));
  }
  return state;
}

absl::StatusOr<std::string> Reader::GetNote(std::string_view name) {
  const auto read = [](const Statement& row, std::string& text) {
    text = std::string(row.Bytes(1));
    return true;
  };
  auto texts =
      List<std::string>("note", 1, "SELECT name, value FROM settings WHERE name = ?1", read, name);
  if (!texts.ok()) return texts.status();
  return texts->empty() ? std::string() : texts->front();
}

}  // namespace murphy::journal
