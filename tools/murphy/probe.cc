// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/probe.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <set>
#include <utility>

#include "fmt/format.h"
#include "google/protobuf/util/time_util.h"
#include "tools/murphy/captured.h"
#include "tools/murphy/duration.h"
#include "tools/murphy/probe_question.h"
#include "tools/murphy/utf8.h"

namespace murphy::cli {
namespace {

using google::protobuf::util::TimeUtil;

constexpr Milliseconds kTimeout{10'000};
constexpr Milliseconds kEvery{1000};
// Of an answer, what is kept.
constexpr size_t kMostAnswer = 4096;
// Of all answers of a run, which are one message; and what is left of each beyond that.
constexpr size_t kMostAnswers = 1 << 20;
constexpr size_t kLeastAnswer = 64;
// Of one probe in one run: what it found, without what it found again.
constexpr size_t kMostResults = 100;
// Until a fault on the last call has come to the journal, and from there to us.
constexpr Milliseconds kLastFault{250};

// The first line of what a program complained of.
std::string FirstLine(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  constexpr size_t kMost = 200;
  return std::string(line.substr(0, kMost));
}

std::string WhyNot(const CapturedOptions& asked, const Captured& captured) {
  switch (captured.end) {
    case Captured::End::kNotStarted:
      return fmt::format("{} cannot be run: {}", asked.command.front(),
                         strerror(captured.exit_code));
    case Captured::End::kTimedOut:
      return fmt::format("it did not answer within {}", ShowDuration(asked.timeout));
    case Captured::End::kCancelled:
      return "it was interrupted";
    case Captured::End::kExited:
      break;
  }
  if (captured.exit_code == 0) return {};
  const std::string said = FirstLine(captured.errors);
  return fmt::format("it ended with exit code {}{}{}", captured.exit_code, said.empty() ? "" : ": ",
                     said);
}

// Cuts at the beginning of a character.
bool CutTo(size_t most, std::string& text) {
  if (text.size() <= most) return false;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  text.resize(most);
  return true;
}

}  // namespace

bool Asks(const v1::Probe& probe, v1::ProbeMoment moment) {
  if (probe.when().empty()) return moment == v1::PROBE_MOMENT_AFTER;
  return std::find(probe.when().begin(), probe.when().end(), moment) != probe.when().end();
}

v1::ProbeResult Ask(const v1::Probe& probe, v1::ProbeMoment moment, const Environment& environment,
                    const std::function<bool()>& cancelled) {
  v1::ProbeResult result;
  result.set_probe(probe.name());
  result.set_moment(moment);
  *result.mutable_time() = TimeUtil::GetCurrentTime();
  const Question question = QuestionOf(probe, environment);
  if (!question.mistake.empty()) {
    result.set_failure(question.mistake);
    return result;
  }
  CapturedOptions asked;
  asked.command = question.command;
  asked.environment = question.environment;
  asked.input = question.input;
  asked.timeout = probe.has_timeout() ? FromProto(probe.timeout()) : kTimeout;
  asked.cancelled = cancelled;
  const auto begin = std::chrono::steady_clock::now();
  const Captured captured = RunCaptured(asked);
  *result.mutable_duration() = ToProto(
      std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begin));
  std::string failure = WhyNot(asked, captured);
  Answer answer;
  if (failure.empty()) {
    answer = AnswerIn(probe, captured.output);
    failure = answer.mistake;
    if (!failure.empty() && captured.cut) failure = "its answer is longer than 1 MiB";
  }
  result.set_failure(ToUtf8(Redacted(std::move(failure), question.secrets)));
  std::string text = ToUtf8(Redacted(std::move(answer.text), question.secrets));
  result.set_cut(CutTo(kMostAnswer, text) || captured.cut);
  result.set_answer(std::move(text));
  return result;
}

Probes::Probes(const v1::Scenario& scenario, Environment environment,
               std::function<bool()> cancelled, std::function<void(const std::string&)> failed)
    : scenario_(scenario),
      environment_(std::move(environment)),
      cancelled_(std::move(cancelled)),
      failed_(std::move(failed)) {}

Probes::~Probes() { Stop(); }

bool Probes::Any(v1::ProbeMoment moment) const {
  return std::any_of(scenario_.probe().begin(), scenario_.probe().end(),
                     [moment](const v1::Probe& probe) { return Asks(probe, moment); });
}

void Probes::Put(v1::ProbeResult result) {
  std::string answer = result.answer();
  if (!result.failure().empty())
    failed_(fmt::format("The probe {} has no answer: {}.", result.probe(), result.failure()));
  const std::lock_guard lock(mutex_);
  const size_t room = kMostAnswers - std::min(kMostAnswers, bytes_);
  if (CutTo(std::max(room, kLeastAnswer), answer)) {
    result.set_answer(answer);
    result.set_cut(true);
  }
  bytes_ += answer.size();
  results_.push_back(std::move(result));
}

size_t Probes::CountOf(const std::string& probe, v1::ProbeMoment moment) {
  const std::lock_guard lock(mutex_);
  return static_cast<size_t>(
      std::count_if(results_.begin(), results_.end(), [&](const v1::ProbeResult& result) {
        return result.probe() == probe && result.moment() == moment;
      }));
}

void Probes::AskAll(v1::ProbeMoment moment) {
  for (const v1::Probe& probe : scenario_.probe()) {
    if (Asks(probe, moment)) Put(Ask(probe, moment, environment_, cancelled_));
  }
}

void Probes::Watch(const Daemon& daemon, const std::string& run) {
  if (Any(v1::PROBE_MOMENT_ON_FAULT)) {
    context_ = std::make_unique<grpc::ClientContext>();
    daemon.Authorize(*context_);
    v1::WatchRequest request;
    request.set_run(run);
    reader_ = daemon.journal->Watch(context_.get(), request);
    threads_.emplace_back([this] { AskOnFaults(); });
  }
  for (const v1::Probe& probe : scenario_.probe()) {
    if (Asks(probe, v1::PROBE_MOMENT_DURING))
      threads_.emplace_back([this, &probe] { AskAgain(probe); });
  }
}

void Probes::AskAgain(const v1::Probe& probe) {
  const Milliseconds every = probe.has_every() ? FromProto(probe.every()) : kEvery;
  std::string before;
  bool first = true;
  while (CountOf(probe.name(), v1::PROBE_MOMENT_DURING) < kMostResults) {
    v1::ProbeResult result = Ask(probe, v1::PROBE_MOMENT_DURING, environment_, cancelled_);
    // What is as it was is not told again.
    const std::string found = result.answer() + '\n' + result.failure();
    if (first || found != before) Put(std::move(result));
    before = found;
    first = false;
    std::unique_lock lock(mutex_);
    if (stopping_.wait_for(lock, every, [this] { return stopped_; })) return;
  }
}

void Probes::AskOnFaults() {
  v1::WatchResponse response;
  std::set<uint64_t> seen;
  while (reader_->Read(&response)) {
    const v1::Injection& injection = response.event().injection();
    // Its recovery is a further event of the same injection.
    const bool delivered = response.event().has_injection() &&
                           injection.state() == v1::INJECTION_STATE_DELIVERED &&
                           seen.insert(injection.id()).second;
    if (!delivered) continue;
    for (const v1::Probe& probe : scenario_.probe()) {
      const bool meant = !probe.has_rule() || probe.rule() == injection.rule();
      if (!meant || !Asks(probe, v1::PROBE_MOMENT_ON_FAULT)) continue;
      if (CountOf(probe.name(), v1::PROBE_MOMENT_ON_FAULT) >= kMostResults) continue;
      v1::ProbeResult result = Ask(probe, v1::PROBE_MOMENT_ON_FAULT, environment_, cancelled_);
      result.set_injection(injection.id());
      Put(std::move(result));
    }
  }
  reader_->Finish();
}

void Probes::Stop() {
  {
    std::unique_lock lock(mutex_);
    stopped_ = true;
    stopping_.notify_all();
    // Nobody wakes it: time is what it is for.
    if (context_) stopping_.wait_for(lock, kLastFault, [] { return false; });
  }
  if (context_) context_->TryCancel();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  reader_.reset();
  context_.reset();
}

std::vector<v1::ProbeResult> Probes::Results() {
  const std::lock_guard lock(mutex_);
  std::stable_sort(results_.begin(), results_.end(),
                   [](const v1::ProbeResult& a, const v1::ProbeResult& b) {
                     return std::pair(a.time().seconds(), a.time().nanos()) <
                            std::pair(b.time().seconds(), b.time().nanos());
                   });
  return results_;
}

}  // namespace murphy::cli
