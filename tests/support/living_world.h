// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemon/control/books.h"
#include "tests/support/fake_dialect.h"

namespace murphy::test {

// A daemon without a gateway: the books of control on real runs and a real journal.
class LivingWorld : public testing::Test {
 protected:
  LivingWorld() {
    std::string pattern = testing::TempDir() + "murphy-world-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    Open({});
  }
  ~LivingWorld() override {
    Close();
    std::filesystem::remove_all(directory_);
  }

  // As a restart does, without ending the runs that were active.
  void Open(experiments::Policy policy) {
    Close();
    journal_ = *journal::Journal::Open(directory_ + "/journal.db", {});
    audit_ = *journal::AuditLog::Open(directory_ + "/audit.jsonl");
    runs_ = std::make_unique<runs::Runs>(*journal_, runs::BuiltInRoutes(), std::vector<v1::Run>());
    world_ = std::make_unique<experiments::World>(
        experiments::World{*journal_, *audit_, *runs_, std::move(policy)});
    books_ =
        std::make_unique<control::Books>(*world_,
                                         safety::Identity{.version = "test",
                                                          .gateway = "http://127.0.0.1:7460",
                                                          .state_directory = directory_,
                                                          .connections = [] { return 3u; },
                                                          .exchanges = [] { return uint64_t{7}; }},
                                         [this] { return now_.value_or(absl::Now()); });
  }
  void Close() {
    books_.reset();
    world_.reset();
    runs_.reset();
    audit_.reset();
    journal_.reset();
  }

  static constexpr char kScenario[] = R"(schema = "murphy.scenario/v1"
name = "unavailable"
[[rule]]
id = "down"
status = { code = 503 }
[[expect]]
bounded_retries = { at_most = 3 }
)";

  std::string CreateExperiment(const std::string& text = kScenario) {
    v1::CreateExperimentRequest request;
    request.mutable_source()->set_name("a.toml");
    request.mutable_source()->set_text(text);
    v1::CreateExperimentResponse response;
    const absl::Status status = books_->experiments.Create(request, &response);
    EXPECT_TRUE(status.ok()) << status;
    return response.experiment().id();
  }

  v1::StartRunResponse StartRun(const std::string& experiment) {
    v1::StartRunRequest request;
    request.set_experiment(experiment);
    v1::StartRunResponse response;
    const absl::Status status = books_->runs.Start(request, &response);
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }

  v1::FinishRunResponse FinishRun(const std::string& run) {
    v1::FinishRunRequest request;
    request.set_run(run);
    request.set_exit_code(0);
    v1::FinishRunResponse response;
    const absl::Status status = books_->runs.Finish(request, &response);
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }

  // A call that has arrived.
  engine::Begun Begin(runs::Run& run, const std::string& path = "/charge") {
    message::Request request;
    request.method = "POST";
    request.path = path;
    message::Call call;
    call.kind = v1::TARGET_KIND_TOOL;
    call.provider = "http";
    call.name = "payments.charge";
    call.digest = path;
    return run.Begin({request, call, dialect_, "payments", ""});
  }

  // One exchange of a run, as the gateway would carry it out; returns how many injections were
  // delivered.
  int Exchange(const std::string& id, const std::string& path = "/charge") {
    const std::shared_ptr<runs::Run> run = runs_->Find(id).run;
    engine::Begun begun = Begin(*run, path);
    int delivered = 0;
    for (const engine::Decision& decision : begun.decisions) {
      if (decision.state != v1::INJECTION_STATE_FIRED) continue;
      v1::Injection injection;
      injection.set_id(decision.injection);
      injection.set_exchange(begun.sequence);
      injection.set_address(begun.address + "!request");
      injection.set_rule(decision.rule->id);
      injection.set_fault(decision.variant->fault_name);
      injection.set_state(v1::INJECTION_STATE_DELIVERED);
      run->Record(std::move(injection));
      ++delivered;
    }
    v1::Exchange exchange;
    exchange.set_sequence(begun.sequence);
    exchange.set_operation(begun.operation);
    exchange.set_attempt(begun.attempt);
    exchange.set_address(begun.address);
    exchange.set_kind(v1::TARGET_KIND_TOOL);
    exchange.set_name("payments.charge");
    exchange.set_route("payments");
    exchange.set_method("POST");
    exchange.set_path(path);
    exchange.set_failed(delivered > 0);
    exchange.set_end(v1::END_STATE_COMPLETE);
    run->End(std::move(exchange), {.failed = delivered > 0});
    return delivered;
  }

  std::string directory_;
  // What schedules take for the time of day; nullopt for the real one.
  std::optional<absl::Time> now_;
  FakeDialect dialect_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<journal::AuditLog> audit_;
  std::unique_ptr<runs::Runs> runs_;
  std::unique_ptr<experiments::World> world_;
  std::unique_ptr<control::Books> books_;
};

}  // namespace murphy::test
