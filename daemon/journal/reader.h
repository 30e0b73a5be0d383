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
#include "daemon/journal/database.h"
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
  absl::StatusOr<std::vector<v1::Exchange>> Exchanges(std::string_view run, uint64_t after_sequence,
                                                      size_t most);
  absl::StatusOr<std::vector<v1::Injection>> Injections(std::string_view run);
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

  // The file has been opened anew: connections to the old one are of no use.
  void Reopen();

 private:
  struct Connection {
    Database database;
    uint64_t generation = 0;
  };
  absl::StatusOr<Connection> Acquire();
  void Release(Connection connection);

  enum class Row { kNext, kStop, kDamaged };
  // Runs a query; `take` is called with each row and says how to go on.
  template <typename Take, typename... Values>
  absl::Status Query(std::string_view sql, Take take, const Values&... values);
  // Appends what `read` makes of each row's body to `list`.
  template <typename Record, typename Read, typename... Values>
  absl::StatusOr<std::vector<Record>> List(std::string_view sql, Read read,
                                           const Values&... values);

  const std::string path_;
  std::mutex mutex_;
  std::vector<Connection> idle_;
  uint64_t generation_ = 0;
};

}  // namespace murphy::journal
