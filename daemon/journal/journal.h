// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "murphy/v1/exchange.pb.h"
#include "murphy/v1/experiment_service.pb.h"
#include "murphy/v1/safety_service.pb.h"
#include "murphy/v1/schedule_service.pb.h"

namespace murphy::journal {

// History of one schedule.
inline constexpr uint64_t kMostScheduleStarts = 1000;

struct Options {
  uint64_t max_bytes = 2ull << 30;
  absl::Duration retention = absl::Hours(720);
  // Records that may wait for the writer.
  size_t queue = 65536;
};

// A place among the exchanges of a run: after the exchange of this number that has this revision.
// Those that came after the end of their run share number 0 and come first.
struct ExchangePosition {
  uint64_t sequence = 0;
  uint64_t revision = 0;
};

struct ExchangePage {
  std::vector<v1::Exchange> exchanges;
  // Where the next page begins; absent at the end.
  std::optional<ExchangePosition> next;
  // Revisions of records that cannot be read and are left out.
  std::vector<uint64_t> damaged;
};

// Everything, as it happened: an append-only list of events in SQLite (WAL), written in groups by
// one thread. Nothing that is acknowledged (Flush, subscribers) is lost by `kill -9`.
//
// What enters is cleaned once, as it is written: texts that are not UTF-8 are escaped and secrets
// redacted (clean.h), so that every record can be read. One that was damaged since is left out of
// what queries return, counted and named.
//
// Threads: any. Append never blocks on disk and takes no lock; queries and Flush are for control
// threads.
class Journal {
 public:
  // Opens or creates the file. FAILED_PRECONDITION when it is from a newer version.
  static absl::StatusOr<std::unique_ptr<Journal>> Open(const std::string& path, Options options);
  virtual ~Journal() = default;

  // Queues an event; its revision is given when it is written. False, and nothing is queued, when
  // the queue is full or the journal has failed.
  virtual bool Append(v1::Event event) = 0;

  // Waits until everything appended before has been committed. The failure, if it could not be.
  virtual absl::Status Flush() = 0;

  // Why nothing is recorded any more, as a sentence; empty when all is well. It recovers by itself
  // when writing works again.
  virtual std::string failure() const = 0;

  // Which records queries have left out because they cannot be read, as a sentence; empty for none.
  virtual std::string damage() const = 0;

  // Called on the writer's thread after each commit, with the events in order. Must not block.
  // Returns an id.
  virtual uint64_t Subscribe(std::function<void(const std::vector<v1::Event>&)> subscriber) = 0;
  virtual void Unsubscribe(uint64_t id) = 0;

  // The last state of each. Empty `experiment`: all. Newest first; `before` continues after a run
  // id.
  virtual absl::StatusOr<std::vector<v1::Run>> Runs(std::string_view experiment, size_t most,
                                                    std::string_view before) = 0;
  virtual absl::StatusOr<std::optional<v1::Run>> FindRun(std::string_view id) = 0;
  // Exchanges of a run in order of their numbers, those alone that were recorded since a time.
  virtual absl::StatusOr<ExchangePage> Exchanges(std::string_view run, ExchangePosition after,
                                                 size_t most, absl::Time since) = 0;
  // From the one after a number on; 0 begins, with those that have none.
  absl::StatusOr<std::vector<v1::Exchange>> Exchanges(std::string_view run, uint64_t after_sequence,
                                                      size_t most);
  // The last state of each injection with a number larger than `after`, in order.
  virtual absl::StatusOr<std::vector<v1::Injection>> Injections(std::string_view run,
                                                                uint64_t after, size_t most) = 0;
  absl::StatusOr<std::vector<v1::Injection>> Injections(std::string_view run);
  // The first state of each injection: as it was decided.
  virtual absl::StatusOr<std::vector<v1::Injection>> Decided(std::string_view run) = 0;
  // What the engine of a run did without an exchange, after a number, in order.
  virtual absl::StatusOr<std::vector<v1::EngineStep>> Steps(std::string_view run, uint64_t after,
                                                            size_t most) = 0;
  // Exchanges of all runs since a time, for dry runs.
  virtual absl::StatusOr<std::vector<v1::Exchange>> RecentExchanges(absl::Time since,
                                                                    size_t most) = 0;
  // Events after a revision, in order. OUT_OF_RANGE when they have been removed.
  virtual absl::StatusOr<std::vector<v1::Event>> EventsAfter(uint64_t revision, size_t most) = 0;
  // The current state of one run, of an experiment's runs, or of all live ones, as a compacted list
  // of events: those with a later event of the same key are left out. After `revision`, in order,
  // so that it can be read in pages and followed by what a subscriber gets with larger revisions.
  virtual absl::StatusOr<std::vector<v1::Event>> StateAfter(uint64_t revision, std::string_view run,
                                                            std::string_view experiment,
                                                            size_t most) = 0;
  // Revision of the last committed event; 0 for none.
  virtual uint64_t revision() const = 0;

  // Experiments and the halt state: committed when the call returns.
  virtual absl::Status PutExperiment(const v1::Experiment& experiment) = 0;
  virtual absl::StatusOr<std::optional<v1::Experiment>> FindExperiment(std::string_view id) = 0;
  virtual absl::StatusOr<std::vector<v1::Experiment>> Experiments(size_t most,
                                                                  std::string_view before) = 0;
  virtual absl::Status PutHalt(const v1::HaltState& state) = 0;
  virtual absl::StatusOr<v1::HaltState> GetHalt() = 0;
  // A word that is kept under a name; empty when there is none. Committed when the call returns.
  virtual absl::Status PutNote(std::string_view name, std::string_view text) = 0;
  virtual absl::StatusOr<std::string> GetNote(std::string_view name) = 0;

  // A schedule, with starts of it that are new or have changed: committed together when the call
  // returns. The last kMostScheduleStarts of each schedule are kept.
  virtual absl::Status PutSchedule(const v1::ScheduleStatus& schedule,
                                   const std::vector<v1::ScheduleStart>& starts) = 0;
  // With its starts.
  virtual absl::Status RemoveSchedule(std::string_view name) = 0;
  virtual absl::StatusOr<std::vector<v1::ScheduleStatus>> Schedules() = 0;
  // Newest first; `before` continues after a number, 0 begins.
  virtual absl::StatusOr<std::vector<v1::ScheduleStart>> ScheduleStarts(std::string_view schedule,
                                                                        size_t most,
                                                                        uint64_t before) = 0;
};

// Replaces what looks like a secret: `key=`, `token=` and the like in queries, `sk-…` and bearer
// tokens anywhere.
std::string Redact(std::string_view text);

}  // namespace murphy::journal
