// SPDX-License-Identifier: Apache-2.0
// Halts beside other calls:
//   halts SOCKET RUNS READS HALTS
// starts RUNS runs and prints the URL of each; when a line has come, it ends them all at once, keeps
// READS reads in flight, and prints how many milliseconds each of HALTS halts took. They are asked
// for by a process of their own, as those of a person are: what is measured is the daemon, and not
// how long a halt waits behind this program's own reads.
#include <grpcpp/grpcpp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "murphy/v1/experiment_service.grpc.pb.h"
#include "murphy/v1/journal_service.grpc.pb.h"
#include "murphy/v1/run_service.grpc.pb.h"
#include "murphy/v1/safety_service.grpc.pb.h"

namespace v1 = murphy::v1;

namespace {

constexpr char kScenario[] =
    "schema = \"murphy.scenario/v1\"\nname = \"halts\"\n[[rule]]\nid = \"r\"\n"
    "latency = { fixed = \"1ms\" }\n";
// A connection has at most a thousand streams.
constexpr int kReadsOfConnection = 500;

std::shared_ptr<grpc::Channel> Connect(const std::string& socket) {
  grpc::ChannelArguments own;
  own.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel("unix:" + socket, grpc::InsecureChannelCredentials(), own);
}

void Check(const grpc::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.error_message().c_str());
  std::exit(1);
}

// One call after the other, until `over`.
struct Reader {
  v1::JournalService::Stub& stub;
  const std::string run;
  const std::atomic<bool>& over;
  std::atomic<int>& open;
  v1::ListExchangesRequest request = {};
  v1::ListExchangesResponse response = {};
  std::unique_ptr<grpc::ClientContext> context = {};

  void Next() {
    if (over) {
      --open;
      return;
    }
    context = std::make_unique<grpc::ClientContext>();
    request.set_run(run);
    stub.async()->ListExchanges(context.get(), &request, &response,
                                [this](const grpc::Status&) { Next(); });
  }
};

struct Ending {
  v1::FinishRunRequest request;
  v1::FinishRunResponse response;
  grpc::ClientContext context;
};

std::vector<std::string> StartRuns(const std::shared_ptr<grpc::Channel>& channel, int count) {
  const auto experiments = v1::ExperimentService::NewStub(channel);
  const auto runs = v1::RunService::NewStub(channel);
  v1::CreateExperimentRequest create;
  create.mutable_source()->set_text(kScenario);
  v1::CreateExperimentResponse created;
  grpc::ClientContext first;
  Check(experiments->CreateExperiment(&first, create, &created));
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) {
    v1::StartRunRequest start;
    start.set_experiment(created.experiment().id());
    start.set_index(static_cast<uint32_t>(i));
    v1::StartRunResponse started;
    grpc::ClientContext context;
    Check(runs->StartRun(&context, start, &started));
    ids.push_back(started.run().id());
    std::printf("%s\n", started.gateway().c_str());
  }
  std::fflush(stdout);
  return ids;
}

// Milliseconds that a halt takes; it is taken back at once.
double Halt(v1::SafetyService::Stub& safety) {
  v1::HaltRequest halt;
  halt.set_reason("benchmark");
  v1::HaltResponse halted;
  grpc::ClientContext halting, resuming;
  const auto began = std::chrono::steady_clock::now();
  Check(safety.Halt(&halting, halt, &halted));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  v1::ResumeRequest resume;
  resume.set_reason("benchmark");
  v1::ResumeResponse resumed;
  Check(safety.Resume(&resuming, resume, &resumed));
  return took.count();
}

// The process that halts, before anything else here has begun: it starts when its pipe is closed.
class Halter {
 public:
  Halter(const std::string& socket, int halts) {
    if (pipe(pipe_.data()) != 0 || (pid_ = fork()) < 0) std::exit(1);
    if (pid_ > 0) return;
    close(pipe_[1]);
    char byte;
    if (read(pipe_[0], &byte, 1) != 0) _exit(1);
    const auto safety = v1::SafetyService::NewStub(Connect(socket));
    for (int i = 0; i < halts; ++i) std::printf("%.3f\n", Halt(*safety));
    std::fflush(stdout);
    _exit(0);
  }

  void Work() {
    close(pipe_[1]);
    int status = 0;
    if (waitpid(pid_, &status, 0) != pid_ || status != 0) std::exit(1);
  }

 private:
  std::array<int, 2> pipe_;
  pid_t pid_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const std::string socket = argv[1];
  Halter halter(socket, std::atoi(argv[4]));
  const auto channel = Connect(socket);
  const std::vector<std::string> ids = StartRuns(channel, std::atoi(argv[2]));
  if (ids.empty() || std::getchar() == EOF) return 2;

  std::atomic<bool> over = false;
  std::atomic<int> open = std::atoi(argv[3]);
  std::vector<std::unique_ptr<v1::JournalService::Stub>> connections;
  std::vector<std::unique_ptr<Reader>> readers;
  for (int i = 0; i < std::atoi(argv[3]); ++i) {
    if (i % kReadsOfConnection == 0)
      connections.push_back(v1::JournalService::NewStub(Connect(socket)));
    readers.push_back(std::make_unique<Reader>(
        Reader{*connections.back(), ids[static_cast<size_t>(i) % ids.size()], over, open}));
    readers.back()->Next();
  }
  const auto runs = v1::RunService::NewStub(channel);
  std::vector<std::unique_ptr<Ending>> endings;
  std::atomic<int> ending = static_cast<int>(ids.size());
  for (const std::string& id : ids) {
    Ending& one = *endings.emplace_back(std::make_unique<Ending>());
    one.request.set_run(id);
    runs->async()->FinishRun(&one.context, &one.request, &one.response,
                             [&ending](const grpc::Status&) { --ending; });
  }
  halter.Work();
  over = true;
  while (open > 0 || ending > 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return 0;
}
