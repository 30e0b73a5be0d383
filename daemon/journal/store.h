// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/journal/database.h"
#include "murphy/v1/exchange.pb.h"
#include "murphy/v1/experiment_service.pb.h"
#include "murphy/v1/safety_service.pb.h"
#include "murphy/v1/schedule_service.pb.h"

namespace murphy::journal {

// The writing side of the file: one connection, one thread.
class Store {
 public:
  // Revisions continue after `floor` or after the file's last one, whichever is larger.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& path, uint64_t floor);

  // Writes between Begin and Commit are one transaction. After an error: Rollback, or drop the
  // store.
  absl::Status Begin();
  absl::Status Commit();
  void Rollback();

  // Cleans the event, gives it its revision and writes it.
  absl::Status Put(v1::Event& event);
  // The same for an injection as it fired and as it went on, in one row where possible.
  absl::Status PutPair(v1::Event& fired, v1::Event& later);
  absl::Status PutExperiment(const v1::Experiment& experiment);
  absl::Status PutHalt(const v1::HaltState& state);
  absl::Status PutNote(std::string_view name, std::string_view text);
  absl::Status PutSchedule(const v1::ScheduleStatus& schedule,
                           const std::vector<v1::ScheduleStart>& starts);
  absl::Status RemoveSchedule(std::string_view name);

  // Removes one bounded piece of what is older than `cutoff`, or of the oldest while the journal is
  // larger than `max_bytes`: finished runs first. False when there was nothing to remove. An
  // infinitely past `cutoff` is for looking at the size alone.
  absl::StatusOr<bool> RemoveOld(absl::Time cutoff, uint64_t max_bytes);

  // Last revision given.
  uint64_t revision() const { return revision_; }

 private:
  explicit Store(Database database) : database_(std::move(database)) {}
  absl::Status PrepareAll();
  absl::Status Insert(const v1::Event& event);
  absl::Status PutRun(const v1::Run& run, uint64_t revision);

  Database database_;
  uint64_t revision_ = 0;
  // Of the transaction.
  uint64_t revision_before_ = 0;
  int64_t now_ = 0;
  // Kept for its memory.
  std::string body_;
  Statement begin_, commit_, rollback_, insert_event_, upsert_run_, put_experiment_, put_setting_,
      put_revision_, put_schedule_, put_start_, trim_starts_, remove_schedule_, remove_starts_,
      pages_;
};

}  // namespace murphy::journal
