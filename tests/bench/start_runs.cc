// SPDX-License-Identifier: Apache-2.0
// Starts runs that nobody holds or ends:
//   start_runs SOCKET COUNT
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "murphy/v1/experiment_service.grpc.pb.h"
#include "murphy/v1/run_service.grpc.pb.h"

namespace v1 = murphy::v1;

namespace {

constexpr char kScenario[] =
    "schema = \"murphy.scenario/v1\"\nname = \"idle\"\n[target.tool]\nkind = \"tool\"\n"
    "name = \"elsewhere.tool\"\n[[rule]]\nid = \"never\"\ntarget = \"tool\"\n"
    "status = { code = 503 }\n";

bool Check(const grpc::Status& status) {
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.error_message().c_str());
  return status.ok();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto channel =
      grpc::CreateChannel("unix:" + std::string(argv[1]), grpc::InsecureChannelCredentials());
  const auto experiments = v1::ExperimentService::NewStub(channel);
  const auto runs = v1::RunService::NewStub(channel);
  v1::CreateExperimentRequest create;
  create.mutable_source()->set_text(kScenario);
  v1::CreateExperimentResponse created;
  grpc::ClientContext first;
  if (!Check(experiments->CreateExperiment(&first, create, &created))) return 1;
  for (int i = 0; i < std::atoi(argv[2]); ++i) {
    v1::StartRunRequest start;
    start.set_experiment(created.experiment().id());
    start.set_index(static_cast<uint32_t>(i));
    v1::StartRunResponse started;
    grpc::ClientContext context;
    if (!Check(runs->StartRun(&context, start, &started))) return 1;
  }
  return 0;
}
