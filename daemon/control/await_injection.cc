// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/await_injection.h"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "daemon/experiments/refusal.h"
#include "daemon/journal/clean.h"
#include "proto/time.h"

namespace murphy::control {
namespace {

constexpr absl::Duration kDefaultWait = absl::Seconds(30);
constexpr absl::Duration kLongestWait = absl::Minutes(5);

absl::Duration WaitOf(const v1::AwaitInjectionRequest& request) {
  return request.has_timeout() ? FromProto(request.timeout()) : kDefaultWait;
}

std::string NameOf(v1::InjectionState state) {
  constexpr std::string_view kPrefix = "INJECTION_STATE_";
  return absl::AsciiStrToLower(v1::InjectionState_Name(state).substr(kPrefix.size()));
}

v1::InjectionState StateOf(const v1::AwaitInjectionRequest& request) {
  return request.state() == v1::INJECTION_STATE_UNSPECIFIED ? v1::INJECTION_STATE_DELIVERED
                                                            : request.state();
}

absl::Status Check(const v1::AwaitInjectionRequest& request) {
  std::vector<experiments::Violation> violations;
  if (request.run().empty()) violations.push_back({"run", "is missing: which run is it?"});
  const absl::Duration wait = WaitOf(request);
  if (wait < absl::ZeroDuration() || wait > kLongestWait) {
    violations.push_back(
        {"timeout", fmt::format("must be from 0s to {}, not {}", absl::FormatDuration(kLongestWait),
                                absl::FormatDuration(wait))});
  }
  const v1::InjectionState state = StateOf(request);
  if (state == v1::INJECTION_STATE_PLANNED || state == v1::INJECTION_STATE_ARMED) {
    violations.push_back(
        {"state",
         fmt::format("an injection is on record from `matched` on, never as `{}`", NameOf(state))});
  }
  if (violations.empty()) return absl::OkStatus();
  return experiments::BadRequest("The request", violations);
}

}  // namespace

bool HasComeTo(const v1::Injection& injection, v1::InjectionState state) {
  const v1::InjectionState now = injection.state();
  if (now == state) return true;
  const bool settled = now == v1::INJECTION_STATE_DELIVERED || now == v1::INJECTION_STATE_EXPIRED ||
                       now == v1::INJECTION_STATE_NO_OP;
  // What waits for its group in vain expires without having fired.
  if (state == v1::INJECTION_STATE_FIRED) return settled && injection.has_fire_time();
  if (state == v1::INJECTION_STATE_MATCHED) return settled || now == v1::INJECTION_STATE_FIRED;
  return false;
}

AwaitInjection::AwaitInjection(Calls& calls, journal::Journal& journal,
                               const v1::AwaitInjectionRequest& request,
                               v1::AwaitInjectionResponse* response)
    : calls_(calls), journal_(journal), request_(request), response_(response) {}

grpc::ServerUnaryReactor* AwaitInjection::Begin(Calls& calls, journal::Journal& journal,
                                                const v1::AwaitInjectionRequest& request,
                                                v1::AwaitInjectionResponse* response,
                                                const grpc::Status& admitted) {
  const std::shared_ptr<AwaitInjection> one(new AwaitInjection(calls, journal, request, response));
  one->self_ = one;
  if (admitted.ok() && calls.pool().TryPost([one] { one->Start(); })) return one.get();
  one->starting_ = false;
  one->End(admitted.ok() ? Calls::Busy() : admitted);
  one->Tell();
  return one.get();
}

void AwaitInjection::Start() {
  absl::Status status = Check(request_);
  if (status.ok()) {
    v1::WatchRequest watched;
    watched.set_run(request_.run());
    watched.set_rule(request_.rule());
    watched.add_kinds(v1::EVENT_KIND_RUN);
    watched.add_kinds(v1::EVENT_KIND_INJECTION);
    status = WatchJournal(
        journal_, watched, [this](const v1::Event& event) { return Push(event); }, &subscription_);
  }
  if (!status.ok()) End(ToGrpc(status));
  SetAlarm(WaitOf(request_));
  {
    const std::lock_guard lock(mutex_);
    starting_ = false;
  }
  Tell();
}

void AwaitInjection::SetAlarm(absl::Duration timeout) {
  const auto ring = [weak = std::weak_ptr<AwaitInjection>(self_)](bool over) {
    const std::shared_ptr<AwaitInjection> waiting = over ? weak.lock() : nullptr;
    if (waiting == nullptr) return;
    waiting->End(ToGrpc(
        waiting->NoneCame(absl::StatusCode::kDeadlineExceeded,
                          fmt::format("in {}", absl::FormatDuration(WaitOf(waiting->request_))))));
    waiting->Tell();
  };
  const auto at = std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout);
  alarm_.Set(at, ring);
}

bool AwaitInjection::Push(const v1::Event& event) {
  bool over = false;
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return false;
    if (event.has_run() && event.run().state() == v1::RUN_STATE_FINISHED) run_over_ = true;
    live_ = live_ || event.synced();
    // While history is read, an injection may still follow the end of its run.
    over = run_over_ && live_;
  }
  if (event.has_injection() && HasComeTo(event.injection(), StateOf(request_))) {
    End(grpc::Status::OK, &event.injection());
  } else if (over) {
    End(ToGrpc(NoneCame(absl::StatusCode::kFailedPrecondition, "before the run ended")));
  } else {
    return true;
  }
  Tell();
  return false;
}

absl::Status AwaitInjection::NoneCame(absl::StatusCode code, std::string_view why) const {
  const std::string whose =
      request_.rule().empty() ? "" : fmt::format(" of the rule `{}`", request_.rule());
  return experiments::Refusal(
      code, code == absl::StatusCode::kDeadlineExceeded ? "INJECTION_NOT_YET" : "RUN_ENDED",
      fmt::format("No injection{} in the run `{}` came to `{}` {}.", whose, request_.run(),
                  NameOf(StateOf(request_)), why));
}

void AwaitInjection::OnCancel() {
  End(grpc::Status::CANCELLED);
  Tell();
}

void AwaitInjection::OnDone() {
  calls_.pool().Post([self = std::move(self_)] {});
}

void AwaitInjection::End(const grpc::Status& status, const v1::Injection* injection) {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  status_ = status;
  ended_ = true;
  if (injection == nullptr) return;
  *response_->mutable_injection() = *injection;
  journal::Clean(*response_);
}

void AwaitInjection::Tell() {
  {
    const std::lock_guard lock(mutex_);
    if (!ended_ || starting_ || told_) return;
    told_ = true;
  }
  Finish(status_);
}

}  // namespace murphy::control
