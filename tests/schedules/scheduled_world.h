// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/experiments/orphans.h"
#include "daemon/experiments/refusal.h"
#include "google/rpc/error_details.pb.h"
#include "tests/support/living_world.h"

namespace murphy::schedules {

using Strings = std::vector<std::string>;

inline absl::Time At(const char* text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

// With schedules, whose clock the test sets.
class ScheduledWorld : public test::LivingWorld {
 protected:
  ScheduledWorld() { now_ = At("2026-06-01T00:30:00Z"); }

  static std::string Text(const std::string& more = "") {
    return "schema = \"murphy.schedule/v1\"\nname = \"hourly\"\ncron = \"0 * * * *\"\n"
           "faults = [\"status,code=503\"]\n" +
           more;
  }

  absl::Status TryCreate(const std::string& text, bool validate_only = false,
                         const std::string& scenario = "") {
    v1::CreateScheduleRequest request;
    request.set_validate_only(validate_only);
    request.mutable_source()->set_name("s.toml");
    request.mutable_source()->set_text(text);
    request.mutable_source()->mutable_scenario()->set_name("a.toml");
    request.mutable_source()->mutable_scenario()->set_text(scenario);
    return books_->schedules.Create(request, &created_);
  }
  void Create(const std::string& text, const std::string& scenario = "") {
    const absl::Status status = TryCreate(text, false, scenario);
    ASSERT_TRUE(status.ok()) << status << Violations(status);
  }
  static std::string Violations(const absl::Status& status) {
    google::rpc::BadRequest bad;
    if (const auto payload = status.GetPayload(experiments::kBadRequestUrl))
      bad.ParseFromString(std::string(*payload));
    std::string text;
    for (const auto& violation : bad.field_violations())
      absl::StrAppend(&text, violation.field(), ": ", violation.description(), "\n");
    return text;
  }

  void TickAt(const char* time) {
    now_ = At(time);
    books_->schedules.Tick();
  }
  absl::Status Update(const std::string& text, bool allow_missing = false,
                      const std::string& scenario = "") {
    v1::UpdateScheduleRequest request;
    request.set_allow_missing(allow_missing);
    request.mutable_source()->set_name("s.toml");
    request.mutable_source()->set_text(text);
    request.mutable_source()->mutable_scenario()->set_name("a.toml");
    request.mutable_source()->mutable_scenario()->set_text(scenario);
    return books_->schedules.Update(request, &updated_);
  }

  absl::Status RunNow(v1::RunScheduleNowResponse* response) {
    v1::RunScheduleNowRequest request;
    request.set_name("hourly");
    request.set_reason("to see");
    return books_->schedules.RunNow(request, response);
  }
  absl::Status RunNow() {
    v1::RunScheduleNowResponse response;
    return RunNow(&response);
  }
  // Oldest first.
  std::vector<v1::ScheduleStart> Starts() {
    v1::ListScheduleStartsRequest request;
    request.set_name("hourly");
    v1::ListScheduleStartsResponse response;
    EXPECT_TRUE(books_->schedules.ListStarts(request, &response).ok());
    return {response.starts().rbegin(), response.starts().rend()};
  }
  std::vector<std::string> States() {
    std::vector<std::string> states;
    for (const v1::ScheduleStart& start : Starts()) {
      std::string text = v1::ScheduleStartState_Name(start.state()).substr(21);
      if (start.more() > 0) absl::StrAppend(&text, " +", start.more());
      states.push_back(text);
    }
    return states;
  }
  void Restart(experiments::Policy policy = {}) {
    Open(std::move(policy));
    ASSERT_TRUE(experiments::EndOrphans(*journal_, "The daemon was restarted.").ok());
    const absl::Status status = books_->schedules.Restore();
    ASSERT_TRUE(status.ok()) << status;
  }
  v1::Run FindRun(const std::string& id) {
    v1::GetRunRequest request;
    request.set_id(id);
    v1::GetRunResponse response;
    EXPECT_TRUE(books_->runs.Get(request, &response).ok());
    return response.run();
  }

  v1::ScheduleStatus Status() {
    v1::GetScheduleRequest request;
    request.set_name("hourly");
    v1::GetScheduleResponse response;
    EXPECT_TRUE(books_->schedules.Get(request, &response).ok());
    return response.status();
  }
  // `ACTOR CALL RESULT`, oldest first.
  Strings Audit() {
    v1::ListAuditEntriesResponse response;
    EXPECT_TRUE(books_->audit.List({}, &response).ok());
    Strings told;
    for (auto entry = response.entries().rbegin(); entry != response.entries().rend(); ++entry)
      told.push_back(absl::StrCat(entry->actor(), " ", entry->call(), " ", entry->result()));
    return told;
  }

  v1::CreateScheduleResponse created_;
  v1::UpdateScheduleResponse updated_;
};

inline constexpr char kOnePhase[] = R"(schema = "murphy.scenario/v1"
name = "one-phase"
seed = 9
[target.charge]
kind = "tool"
name = "payments.*"
[[phase]]
name = "first"
until = { calls = 2 }
[[rule]]
id = "down"
target = "charge"
when = { first = 1 }
status = { code = 503 }
[[expect]]
bounded_retries = { target = "charge", at_most = 3 }
)";

}  // namespace murphy::schedules
