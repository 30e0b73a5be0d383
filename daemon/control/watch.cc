// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/watch.h"

#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/experiments/refusal.h"

namespace murphy::control {
namespace {

constexpr size_t kPage = 1000;
constexpr size_t kMostRuns = 100'000;

const std::string& RunOf(const v1::Event& event) {
  if (event.has_run()) return event.run().id();
  return event.has_exchange() ? event.exchange().run() : event.injection().run();
}

absl::Status NoSuch(const char* kind, const std::string& id) {
  return experiments::Refusal(
      absl::StatusCode::kNotFound, absl::StrCat("NO_SUCH_", absl::AsciiStrToUpper(kind)),
      absl::StrCat("There is no ", kind, " `", id,
                   "`: it never was, or it is older than what the journal keeps."));
}

v1::EventKind KindOf(const v1::Event& event) {
  switch (event.kind_case()) {
    case v1::Event::kRun:
      return v1::EVENT_KIND_RUN;
    case v1::Event::kExchange:
      return v1::EVENT_KIND_EXCHANGE;
    case v1::Event::kInjection:
      return v1::EVENT_KIND_INJECTION;
    case v1::Event::kSynced:
    case v1::Event::kStep:
    case v1::Event::KIND_NOT_SET:
      break;
  }
  return v1::EVENT_KIND_UNSPECIFIED;
}

// Which events a watcher asked for.
class Selection {
 public:
  explicit Selection(const v1::WatchRequest& request)
      : run_(request.run()),
        experiment_(request.experiment()),
        rule_(request.rule()),
        kinds_(request.kinds().begin(), request.kinds().end()),
        states_(request.states().begin(), request.states().end()) {}

  const std::string& run() const { return run_; }
  const std::string& experiment() const { return experiment_; }
  void Learn(const std::string& run) { runs_.insert(run); }

  // As far as what kind of event it is says, and which injection.
  bool Wants(const v1::Event& event) const {
    // Steps of engines are for replays.
    if (event.has_step()) return false;
    if (event.has_synced()) return true;
    if (!kinds_.empty() && !kinds_.contains(KindOf(event))) return false;
    if (!event.has_injection()) return true;
    return (rule_.empty() || event.injection().rule() == rule_) &&
           (states_.empty() || states_.contains(event.injection().state()));
  }

  bool Matches(const v1::Event& event) {
    if (!run_.empty()) return RunOf(event) == run_;
    if (experiment_.empty()) return true;
    if (event.has_run() && event.run().experiment() == experiment_) Learn(event.run().id());
    return runs_.contains(RunOf(event));
  }

 private:
  const std::string run_;
  const std::string experiment_;
  const std::string rule_;
  const std::set<int> kinds_, states_;
  // Of the experiment; only runs say to which one they belong.
  std::set<std::string> runs_;
};

class JournalWatch final : public Subscription {
 public:
  JournalWatch(journal::Journal& journal, const v1::WatchRequest& request,
               std::function<bool(const v1::Event&)> push)
      : journal_(journal), selection_(request), push_(std::move(push)) {
    id_ = journal_.Subscribe([this](const std::vector<v1::Event>& events) { Follow(events); });
  }
  ~JournalWatch() override { journal_.Unsubscribe(id_); }

  absl::Status Begin(const v1::WatchRequest& request) {
    if (absl::Status missing = FindSelected(); !missing.ok()) return missing;
    if (!selection_.experiment().empty()) {
      const auto runs = journal_.Runs(selection_.experiment(), kMostRuns, "");
      if (!runs.ok()) return runs.status();
      for (const v1::Run& run : *runs) selection_.Learn(run.id());
    }
    const absl::Status status = request.has_revision() ? Resume(request.revision()) : Snapshot();
    if (!status.ok()) return status;
    // What was committed meanwhile is little: the writer may wait for it.
    const std::lock_guard lock(mutex_);
    if (const absl::Status rest = CatchUp(); !rest.ok()) return rest;
    v1::Event synced;
    synced.set_revision(last_);
    synced.set_synced(true);
    Push(synced);
    live_ = true;
    return absl::OkStatus();
  }

 private:
  // NOT_FOUND: nothing would ever come.
  absl::Status FindSelected() {
    if (!selection_.run().empty()) {
      auto run = journal_.FindRun(selection_.run());
      // `default` begins with the daemon, and is committed a moment later.
      if (run.ok() && !run->has_value() && journal_.Flush().ok())
        run = journal_.FindRun(selection_.run());
      if (!run.ok()) return run.status();
      if (!run->has_value()) return NoSuch("run", selection_.run());
    }
    if (selection_.experiment().empty()) return absl::OkStatus();
    const auto experiment = journal_.FindExperiment(selection_.experiment());
    if (!experiment.ok()) return experiment.status();
    return experiment->has_value() ? absl::OkStatus()
                                   : NoSuch("experiment", selection_.experiment());
  }

  absl::Status Resume(uint64_t revision) {
    last_ = revision;
    return CatchUp();
  }

  // The state as of now; what changes while it is read comes with what follows.
  absl::Status Snapshot() {
    const uint64_t now = journal_.revision();
    while (last_ < now && wanted_) {
      const auto page =
          journal_.StateAfter(last_, selection_.run(), selection_.experiment(), kPage);
      if (!page.ok()) return page.status();
      if (page->empty()) break;
      for (const v1::Event& event : *page) {
        if (event.revision() <= now) Push(event);
      }
      last_ = page->back().revision();
    }
    last_ = now;
    return absl::OkStatus();
  }

  absl::Status CatchUp() {
    while (wanted_) {
      const auto page = journal_.EventsAfter(last_, kPage);
      if (!page.ok()) return page.status();
      if (page->empty()) break;
      for (const v1::Event& event : *page) Pass(event);
    }
    return absl::OkStatus();
  }

  void Follow(const std::vector<v1::Event>& events) {
    const std::lock_guard lock(mutex_);
    if (!live_) return;
    for (const v1::Event& event : events) {
      if (event.revision() > last_) Pass(event);
    }
  }

  void Pass(const v1::Event& event) {
    last_ = event.revision();
    if (selection_.Matches(event)) Push(event);
  }

  void Push(const v1::Event& event) {
    if (wanted_ && selection_.Wants(event)) wanted_ = push_(event);
  }

  journal::Journal& journal_;
  Selection selection_;
  const std::function<bool(const v1::Event&)> push_;
  uint64_t id_ = 0;
  // Of everything below, once the journal's thread may follow.
  std::mutex mutex_;
  bool live_ = false;
  bool wanted_ = true;
  uint64_t last_ = 0;
};

}  // namespace

absl::Status WatchJournal(journal::Journal& journal, const v1::WatchRequest& request,
                          std::function<bool(const v1::Event&)> push,
                          std::unique_ptr<Subscription>* subscription) {
  auto watch = std::make_unique<JournalWatch>(journal, request, std::move(push));
  if (absl::Status status = watch->Begin(request); !status.ok()) return status;
  *subscription = std::move(watch);
  return absl::OkStatus();
}

}  // namespace murphy::control
