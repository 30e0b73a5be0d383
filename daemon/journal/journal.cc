// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/journal.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/journal/reader.h"
#include "daemon/journal/store.h"
#include "daemon/journal/writer.h"

namespace murphy::journal {
namespace {

class SqliteJournal final : public Journal {
 public:
  SqliteJournal(const std::string& path, Options options, std::unique_ptr<Store> store)
      : reader_(path), writer_(path, options, std::move(store), [this] { reader_.Reopen(); }) {}

  bool Append(v1::Event event) override { return writer_.Append(std::move(event)); }
  absl::Status Flush() override { return writer_.Perform(nullptr); }
  std::string failure() const override { return writer_.failure(); }
  std::string damage() const override { return reader_.damage(); }
  uint64_t Subscribe(Writer::Subscriber subscriber) override {
    return writer_.Subscribe(std::move(subscriber));
  }
  void Unsubscribe(uint64_t id) override { writer_.Unsubscribe(id); }
  uint64_t revision() const override { return writer_.revision(); }

  absl::StatusOr<std::vector<v1::Run>> Runs(std::string_view experiment, size_t most,
                                            std::string_view before) override {
    return reader_.Runs(experiment, most, before);
  }
  absl::StatusOr<std::optional<v1::Run>> FindRun(std::string_view id) override {
    return reader_.FindRun(id);
  }
  absl::StatusOr<ExchangePage> Exchanges(std::string_view run, ExchangePosition after, size_t most,
                                         absl::Time since) override {
    return reader_.Exchanges(run, after, most, since);
  }
  absl::StatusOr<std::vector<v1::Injection>> Injections(std::string_view run, uint64_t after,
                                                        size_t most) override {
    return reader_.Injections(run, after, most);
  }
  absl::StatusOr<std::vector<v1::Injection>> Decided(std::string_view run) override {
    return reader_.Decided(run);
  }
  absl::StatusOr<std::vector<v1::EngineStep>> Steps(std::string_view run, uint64_t after,
                                                    size_t most) override {
    return reader_.Steps(run, after, most);
  }
  absl::StatusOr<std::vector<v1::Exchange>> RecentExchanges(absl::Time since,
                                                            size_t most) override {
    return reader_.RecentExchanges(since, most);
  }
  absl::StatusOr<std::vector<v1::Event>> EventsAfter(uint64_t revision, size_t most) override {
    return reader_.EventsAfter(revision, writer_.revision(), most);
  }
  absl::StatusOr<std::vector<v1::Event>> StateAfter(uint64_t revision, std::string_view run,
                                                    std::string_view experiment,
                                                    size_t most) override {
    return reader_.StateAfter(revision, run, experiment, most);
  }

  absl::Status PutExperiment(const v1::Experiment& experiment) override {
    return writer_.Perform([&experiment](Store& store) { return store.PutExperiment(experiment); });
  }
  absl::StatusOr<std::optional<v1::Experiment>> FindExperiment(std::string_view id) override {
    return reader_.FindExperiment(id);
  }
  absl::StatusOr<std::vector<v1::Experiment>> Experiments(size_t most,
                                                          std::string_view before) override {
    return reader_.Experiments(most, before);
  }
  absl::Status PutHalt(const v1::HaltState& state) override {
    return writer_.Perform([&state](Store& store) { return store.PutHalt(state); });
  }
  absl::StatusOr<v1::HaltState> GetHalt() override { return reader_.GetHalt(); }
  absl::Status PutNote(std::string_view name, std::string_view text) override {
    return writer_.Perform([&](Store& store) { return store.PutNote(name, text); });
  }
  absl::StatusOr<std::string> GetNote(std::string_view name) override {
    return reader_.GetNote(name);
  }

  absl::Status PutSchedule(const v1::ScheduleStatus& schedule,
                           const std::vector<v1::ScheduleStart>& starts) override {
    return writer_.Perform(
        [&schedule, &starts](Store& store) { return store.PutSchedule(schedule, starts); });
  }
  absl::Status RemoveSchedule(std::string_view name) override {
    return writer_.Perform([name](Store& store) { return store.RemoveSchedule(name); });
  }
  absl::StatusOr<std::vector<v1::ScheduleStatus>> Schedules() override {
    return reader_.Schedules();
  }
  absl::StatusOr<std::vector<v1::ScheduleStart>> ScheduleStarts(std::string_view schedule,
                                                                size_t most,
                                                                uint64_t before) override {
    return reader_.ScheduleStarts(schedule, most, before);
  }

 private:
  Reader reader_;
  // Last: its thread calls the reader.
  Writer writer_;
};

}  // namespace

absl::StatusOr<std::vector<v1::Exchange>> Journal::Exchanges(std::string_view run,
                                                             uint64_t after_sequence, size_t most) {
  ExchangePosition after;
  if (after_sequence > 0) after = {after_sequence, INT64_MAX};
  absl::StatusOr<ExchangePage> page = Exchanges(run, after, most, absl::InfinitePast());
  if (!page.ok()) return page.status();
  return std::move(page->exchanges);
}

absl::StatusOr<std::vector<v1::Injection>> Journal::Injections(std::string_view run) {
  return Injections(run, 0, SIZE_MAX);
}

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(const std::string& path, Options options) {
  absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(path, 0);
  if (!store.ok()) {
    return absl::Status(
        store.status().code(),
        absl::StrCat("The journal ", path, " cannot be used: ", store.status().message(),
                     ". Move it away, or use another state directory."));
  }
  return std::make_unique<SqliteJournal>(path, options, *std::move(store));
}

}  // namespace murphy::journal
