// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/journal/damage.h"
#include "daemon/journal/database.h"
#include "daemon/journal/journal.h"
#include "murphy/v1/exchange.pb.h"
#include "murphy/v1/experiment_service.pb.h"
#include "murphy/v1/safety_service.pb.h"
#include "murphy/v1/schedule_service.pb.h"

namespace murphy::journal {

// The reading side of the file: a few connections of its own, so that no query waits for the writer
// or makes it wait. Queries are described in journal.h.
//
// Threads: any.
class Reader {
 public:
  explicit Reader(std::string path) : path_(std::move(path)) {}

  absl::StatusOr<std::vector<v1::Run>> Runs(std::string_view experiment, size_t most,
                                            std::string_view before);
  absl::StatusOr<std::optional<v1::Run>> FindRun(std::string_view id);
  absl::StatusOr<ExchangePage> Exchanges(std::string_view run, ExchangePosition after, size_t most,
                                         absl::Time since);
  absl::StatusOr<std::vector<v1::Injection>> Injections(std::string_view run, uint64_t after,
                                                        size_t most);
  absl::StatusOr<std::vector<v1::Injection>> Decided(std::string_view run);
  absl::StatusOr<std::vector<v1::EngineStep>> Steps(std::string_view run, uint64_t after,
                                                    size_t most);
  absl::StatusOr<std::vector<v1::Exchange>> RecentExchanges(absl::Time since, size_t most);
  absl::StatusOr<std::vector<v1::Event>> EventsAfter(uint64_t revision, uint64_t last, size_t most);
  absl::StatusOr<std::vector<v1::Event>> StateAfter(uint64_t revision, std::string_view run,
                                                    std::string_view experiment, size_t most);
  absl::StatusOr<std::optional<v1::Experiment>> FindExperiment(std::string_view id);
  absl::StatusOr<std::vector<v1::Experiment>> Experiments(size_t most, std::string_view before);
  absl::StatusOr<v1::HaltState> GetHalt();
  absl::StatusOr<std::string> GetNote(std::string_view name);
  absl::StatusOr<std::vector<v1::ScheduleStatus>> Schedules();
  absl::StatusOr<std::vector<v1::ScheduleStart>> ScheduleStarts(std::string_view schedule,
                                                                size_t most, uint64_t before);

  std::string damage() const { return damage_.Describe(path_); }

  // The file has been opened anew: connections to the old one are of no use.
  void Reopen();

 private:
  struct Connection {
    Database database;
    uint64_t generation = 0;
  };
  absl::StatusOr<Connection> Acquire();
  void Release(Connection connection);

  enum class Row { kNext, kStop };
  // Runs a query; `take` is called with each row and says how to go on.
  template <typename Take, typename... Values>
  absl::Status Query(std::string_view sql, Take take, const Values&... values);
  // At most `most` of what `read` makes of the rows, which begin with a name and a body. What it
  // cannot read is noted as damage, as a `kind` of that name.
  template <typename Record, typename Read, typename... Values>
  absl::StatusOr<std::vector<Record>> List(const char* kind, size_t most, std::string_view sql,
                                           Read read, const Values&... values);
  // The same for events, of which a row may hold two.
  template <typename... Values>
  absl::StatusOr<std::vector<v1::Event>> Events(size_t most, std::string_view sql,
                                                const Values&... values);
  // The first revision at or after a time.
  absl::StatusOr<uint64_t> RevisionAt(absl::Time time);
  absl::StatusOr<bool> HasMoreRows(std::string_view run, uint64_t revision, size_t than);

  const std::string path_;
  std::mutex mutex_;
  std::vector<Connection> idle_;
  uint64_t generation_ = 0;
  Damage damage_;
};

}  // namespace murphy::journal
