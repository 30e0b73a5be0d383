// SPDX-License-Identifier: Apache-2.0
#include "tests/murphy/fake_daemon.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "fmt/format.h"
#include "google/protobuf/unknown_field_set.h"
#include "tools/murphy/app.h"

namespace murphy::test {

// The five services around one script.
class FakeServices final : public v1::ExperimentService::Service,
                           public v1::RunService::Service,
                           public v1::FaultService::Service,
                           public v1::JournalService::Service,
                           public v1::SafetyService::Service {
 public:
  using Context = grpc::ServerContext;
  using Status = grpc::Status;

  explicit FakeServices(const Script& script) : script_(script) {}

  Asked asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  Status CreateExperiment(Context*, const v1::CreateExperimentRequest* request,
                          v1::CreateExperimentResponse* response) override {
    const std::lock_guard lock(mutex_);
    (request->validate_only() ? asked_.validations : asked_.creates).push_back(*request);
    *response = script_.created;
    return script_.create_status;
  }

  Status ReadScenario(Context*, const v1::ReadScenarioRequest* request,
                      v1::ReadScenarioResponse* response) override {
    const std::lock_guard lock(mutex_);
    const size_t before = asked_.reads.size();
    asked_.reads.push_back(*request);
    *response = before < script_.wanting.size() ? script_.wanting[before] : script_.read;
    return Status::OK;
  }

  Status RehearseScenario(Context*, const v1::RehearseScenarioRequest* request,
                          v1::RehearseScenarioResponse* response) override {
    const std::lock_guard lock(mutex_);
    asked_.rehearsals.push_back(*request);
    *response = script_.rehearsed;
    return Status::OK;
  }

  Status GetExperiment(Context*, const v1::GetExperimentRequest* request,
                       v1::GetExperimentResponse* response) override {
    *response->mutable_experiment() = script_.created.experiment();
    response->mutable_experiment()->set_id(request->id());
    return Status::OK;
  }

  Status ListExperiments(Context*, const v1::ListExperimentsRequest*,
                         v1::ListExperimentsResponse* response) override {
    *response->add_experiments() = script_.created.experiment();
    return Status::OK;
  }

  Status FinishExperiment(Context*, const v1::FinishExperimentRequest* request,
                          v1::FinishExperimentResponse* response) override {
    const std::lock_guard lock(mutex_);
    ++asked_.experiments_finished;
    asked_.experiments_interrupted += request->interrupted() ? 1 : 0;
    *response->mutable_experiment() = script_.created.experiment();
    *response->mutable_experiment()->mutable_conclusion() = script_.conclusion;
    return Status::OK;
  }

  Status StartRun(Context*, const v1::StartRunRequest* request,
                  v1::StartRunResponse* response) override {
    const std::lock_guard lock(mutex_);
    asked_.starts.push_back(*request);
    response->set_gateway("http://127.0.0.1:7460");
    response->mutable_run()->set_id(fmt::format("run-{}", asked_.starts.size()));
    response->mutable_run()->set_index(request->index());
    return Status::OK;
  }

  Status HoldLease(Context*, grpc::ServerReader<v1::HoldLeaseRequest>* reader,
                   v1::HoldLeaseResponse*) override {
    v1::HoldLeaseRequest request;
    if (reader->Read(&request)) {
      const std::lock_guard lock(mutex_);
      asked_.leases.push_back(request.run());
    }
    while (reader->Read(&request)) {
    }
    return Status::OK;
  }

  Status CloseRun(Context*, const v1::CloseRunRequest* request, v1::CloseRunResponse*) override {
    const std::lock_guard lock(mutex_);
    asked_.closes.push_back(request->run());
    return Status::OK;
  }

  Status ReportOutcome(Context*, const v1::ReportOutcomeRequest* request,
                       v1::ReportOutcomeResponse*) override {
    const std::lock_guard lock(mutex_);
    asked_.reports.push_back(*request);
    return Status::OK;
  }

  Status FinishRun(Context*, const v1::FinishRunRequest* request,
                   v1::FinishRunResponse* response) override {
    const std::lock_guard lock(mutex_);
    const size_t number = asked_.finishes.size();
    asked_.finishes.push_back(*request);
    if (!script_.finished.empty())
      *response = script_.finished[std::min(number, script_.finished.size() - 1)];
    response->mutable_run()->set_id(request->run());
    response->mutable_run()->set_index(asked_.starts.back().index());
    return Status::OK;
  }

  Status GetRun(Context*, const v1::GetRunRequest* request, v1::GetRunResponse* response) override {
    if (!script_.finished.empty()) *response->mutable_run() = script_.finished.front().run();
    response->mutable_run()->set_id(request->id());
    return Status::OK;
  }

  Status ListRuns(Context*, const v1::ListRunsRequest*, v1::ListRunsResponse* response) override {
    for (const v1::FinishRunResponse& finished : script_.finished)
      *response->add_runs() = finished.run();
    return Status::OK;
  }

  Status ArmFault(Context*, const v1::ArmFaultRequest* request,
                  v1::ArmFaultResponse* response) override {
    const std::lock_guard lock(mutex_);
    asked_.arms.push_back(*request);
    response->mutable_fault()->set_id("fault-1");
    response->mutable_fault()->set_fault(request->fault());
    response->mutable_fault()->set_run("default");
    return Status::OK;
  }

  Status DisarmFault(Context*, const v1::DisarmFaultRequest* request,
                     v1::DisarmFaultResponse*) override {
    const std::lock_guard lock(mutex_);
    asked_.disarms.push_back(*request);
    return Status::OK;
  }

  Status ListFaults(Context*, const v1::ListFaultsRequest*,
                    v1::ListFaultsResponse* response) override {
    for (const v1::ArmedFault& fault : script_.armed) *response->add_faults() = fault;
    return Status::OK;
  }

  Status DescribeFaults(Context*, const v1::DescribeFaultsRequest* request,
                        v1::DescribeFaultsResponse* response) override {
    const std::lock_guard lock(mutex_);
    asked_.describes.push_back(*request);
    *response = script_.catalogue;
    return script_.describe_status;
  }

  // Two entries a page, so that a reader that forgets the rest is found out.
  Status ListExchanges(Context*, const v1::ListExchangesRequest* request,
                       v1::ListExchangesResponse* response) override {
    const size_t begin = request->page_token().empty() ? 0 : std::stoul(request->page_token());
    const size_t end = std::min(begin + 2, script_.exchanges.size());
    for (size_t i = begin; i < end; ++i) *response->add_exchanges() = script_.exchanges[i];
    if (end < script_.exchanges.size()) response->set_next_page_token(std::to_string(end));
    for (const uint64_t revision : script_.damaged) response->add_damaged(revision);
    return Status::OK;
  }

  Status ListInjections(Context*, const v1::ListInjectionsRequest* request,
                        v1::ListInjectionsResponse* response) override {
    const size_t begin = request->page_token().empty() ? 0 : std::stoul(request->page_token());
    const size_t end = std::min(begin + 2, script_.injections.size());
    for (size_t i = begin; i < end; ++i) *response->add_injections() = script_.injections[i];
    if (end < script_.injections.size()) response->set_next_page_token(std::to_string(end));
    return Status::OK;
  }

  Status Watch(Context*, const v1::WatchRequest*,
               grpc::ServerWriter<v1::WatchResponse>* writer) override {
    for (const v1::Event& event : script_.events) {
      v1::WatchResponse response;
      *response.mutable_event() = event;
      writer->Write(response);
    }
    return Status::OK;
  }

  Status Halt(Context*, const v1::HaltRequest* request, v1::HaltResponse* response) override {
    const std::lock_guard lock(mutex_);
    asked_.halts.push_back(*request);
    response->mutable_state()->set_halted(true);
    return Status::OK;
  }

  Status Resume(Context*, const v1::ResumeRequest* request, v1::ResumeResponse*) override {
    const std::lock_guard lock(mutex_);
    asked_.resumes.push_back(*request);
    return Status::OK;
  }

  Status GetStatus(Context* context, const v1::GetStatusRequest*,
                   v1::GetStatusResponse* response) override {
    const std::lock_guard lock(mutex_);
    const auto found = context->client_metadata().find("authorization");
    asked_.authorizations.emplace_back(
        found == context->client_metadata().end()
            ? ""
            : std::string(found->second.data(), found->second.size()));
    *response = script_.status;
    return Status::OK;
  }

 private:
  const Script& script_;
  std::mutex mutex_;
  Asked asked_;
};

namespace {

std::filesystem::path NewDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "murphy-fake-XXXXXX").string();
  return mkdtemp(pattern.data());
}

template <typename Service>
void Register(grpc::ServerBuilder& builder, FakeServices& services) {
  builder.RegisterService(static_cast<typename Service::Service*>(&services));
}

}  // namespace

FakeDaemon::FakeDaemon()
    : directory_(NewDirectory()), services_(std::make_unique<FakeServices>(script)) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort(unix_address(), grpc::InsecureServerCredentials());
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
  Register<v1::ExperimentService>(builder, *services_);
  Register<v1::RunService>(builder, *services_);
  Register<v1::FaultService>(builder, *services_);
  Register<v1::JournalService>(builder, *services_);
  Register<v1::SafetyService>(builder, *services_);
  server_ = builder.BuildAndStart();
}

FakeDaemon::~FakeDaemon() {
  server_->Shutdown(std::chrono::system_clock::now());
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string FakeDaemon::EndpointsJson(int pid) const {
  return fmt::format(R"({{"schema": "murphy.endpoints/v1", "pid": {}, "version": "0.1.0",
    "gateway": "http://127.0.0.1:7460", "control": {{"unix": "{}"}}, "state_directory": "{}"}})",
                     pid, socket().string(), directory_.string());
}

Asked FakeDaemon::asked() const { return services_->asked(); }

Invoked Murphy(const std::vector<std::string>& arguments,
               const std::map<std::string, std::string>& environment) {
  std::ostringstream out;
  std::ostringstream errors;
  cli::Environment all{{"PATH", getenv("PATH")}, {"HOME", "/nonexistent"}};
  for (const auto& [name, value] : environment) all[name] = value;
  const int code = cli::RunMurphy(arguments, {.environment = all, .out = out, .errors = errors});
  return {code, out.str(), errors.str()};
}

grpc::Status BadRequest(const std::vector<std::pair<std::string, std::string>>& violations) {
  google::protobuf::UnknownFieldSet request;
  for (const auto& [field, description] : violations) {
    google::protobuf::UnknownFieldSet violation;
    violation.AddLengthDelimited(1, field);
    violation.AddLengthDelimited(2, description);
    violation.SerializeToString(request.AddLengthDelimited(1));
  }
  google::protobuf::UnknownFieldSet any;
  any.AddLengthDelimited(1, "type.googleapis.com/google.rpc.BadRequest");
  request.SerializeToString(any.AddLengthDelimited(2));
  google::protobuf::UnknownFieldSet status;
  status.AddVarint(1, grpc::StatusCode::INVALID_ARGUMENT);
  any.SerializeToString(status.AddLengthDelimited(3));
  std::string details;
  status.SerializeToString(&details);
  return {grpc::StatusCode::INVALID_ARGUMENT, "The scenario has mistakes.", details};
}

}  // namespace murphy::test
