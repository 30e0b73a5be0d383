// SPDX-License-Identifier: Apache-2.0
#include "daemon/app.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "murphy/v1/experiment_service.grpc.pb.h"
#include "murphy/v1/run_service.grpc.pb.h"
#include "murphy/v1/safety_service.grpc.pb.h"

namespace murphy {
namespace {

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Apps : public testing::Test {
 protected:
  Apps() {
    std::string pattern = testing::TempDir() + "murphy-app-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    options_.state_directory = directory_ + "/state";
    options_.gateway = "127.0.0.1:0";
    options_.control = "127.0.0.1:0";
  }
  ~Apps() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<App> Start() {
    auto app = App::Start(options_);
    EXPECT_TRUE(app.ok()) << app.status();
    return app.ok() ? *std::move(app) : nullptr;
  }
  std::shared_ptr<grpc::Channel> Channel() const {
    return grpc::CreateChannel("unix:" + options_.state_directory + "/control.sock",
                               grpc::InsecureChannelCredentials());
  }
  v1::GetStatusResponse Status() const {
    grpc::ClientContext context;
    v1::GetStatusResponse response;
    const grpc::Status status =
        v1::SafetyService::NewStub(Channel())->GetStatus(&context, {}, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  void WriteConfig(const std::string& text) {
    options_.config_file = directory_ + "/murphyd.toml";
    std::ofstream(options_.config_file) << text;
  }

  std::string directory_;
  AppOptions options_;
};

TEST_F(Apps, SayWhereTheyListen) {
  const auto app = Start();
  const boost::json::value endpoints = boost::json::parse(app->endpoints());
  EXPECT_EQ(endpoints.at("schema").as_string(), "murphy.endpoints/v1");
  EXPECT_EQ(endpoints.at("pid").as_int64(), getpid());
  EXPECT_EQ(ReadText(options_.state_directory + "/endpoints.json"), app->endpoints() + "\n");
  const v1::GetStatusResponse status = Status();
  EXPECT_EQ(endpoints.at("gateway").as_string(), status.gateway());
  ASSERT_EQ(status.control_size(), 2);
  EXPECT_EQ(endpoints.at("control").at("tcp").as_string(), status.control(1));
  EXPECT_EQ(status.state_directory(), options_.state_directory);
  EXPECT_EQ(status.environment(), "dev");
}

TEST_F(Apps, AnswerOverTcpToTheTokenOfTheirFile) {
  const auto app = Start();
  const boost::json::value endpoints = boost::json::parse(app->endpoints());
  std::string token = ReadText(std::string(endpoints.at("token_file").as_string()));
  ASSERT_EQ(token.size(), 65u);
  token.pop_back();
  const auto channel =
      grpc::CreateChannel(std::string(endpoints.at("control").at("tcp").as_string()),
                          grpc::InsecureChannelCredentials());
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + token);
  v1::GetStatusResponse response;
  EXPECT_TRUE(v1::SafetyService::NewStub(channel)->GetStatus(&context, {}, &response).ok());
}

TEST_F(Apps, LeaveNoEndpointsBehind) {
  Start().reset();
  EXPECT_FALSE(std::filesystem::exists(options_.state_directory + "/endpoints.json"));
}

TEST_F(Apps, HaveTheirStateDirectoryAlone) {
  const auto app = Start();
  const auto second = App::Start(options_);
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.status().message().find(std::to_string(getpid())), std::string::npos)
      << second.status();
}

TEST_F(Apps, RefusePortsThatSomebodyHas) {
  const auto app = Start();
  const boost::json::value endpoints = boost::json::parse(app->endpoints());
  AppOptions other = options_;
  other.state_directory = directory_ + "/other";
  other.gateway = std::string(endpoints.at("gateway").as_string()).substr(7);
  EXPECT_NE(App::Start(other).status().message().find("gateway.listen"), std::string::npos);
  other.gateway = "127.0.0.1:0";
  other.control = std::string(endpoints.at("control").at("tcp").as_string());
  EXPECT_NE(App::Start(other).status().message().find("control.listen"), std::string::npos);
}

TEST_F(Apps, RefuseToListenBeyondLoopback) {
  options_.control = "0.0.0.0:0";
  const auto app = App::Start(options_);
  ASSERT_FALSE(app.ok());
  EXPECT_NE(app.status().message().find("TLS and credentials"), std::string::npos);
}

TEST_F(Apps, LeaveNothingBehindWhenTheyAreStartedWrongly) {
  options_.state_directory = directory_ + "/other";
  options_.gateway = "127.0.0.1:99999";
  EXPECT_FALSE(App::Start(options_).ok());
  EXPECT_FALSE(std::filesystem::exists(options_.state_directory));
}

TEST_F(Apps, ListEveryMistakeOfTheConfiguration) {
  WriteConfig("enviroment = \"dev\"\n[gateway]\nworkers = 0\n");
  const auto app = App::Start(options_);
  ASSERT_FALSE(app.ok());
  const std::string why(app.status().message());
  EXPECT_NE(why.find("murphyd.toml:1:1:"), std::string::npos) << why;
  EXPECT_NE(why.find("murphyd.toml:3:"), std::string::npos) << why;
}

TEST_F(Apps, TakeEnvironmentAndRoutesFromTheConfiguration) {
  WriteConfig(
      "environment = \"staging\"\n[gateway]\nworkers = 1\n[route.crm]\nupstream = "
      "\"http://127.0.0.1:9/crm\"\n");
  const auto app = Start();
  EXPECT_EQ(Status().environment(), "staging");
  grpc::ClientContext context;
  v1::StartRunResponse run;
  ASSERT_TRUE(v1::RunService::NewStub(Channel())->StartRun(&context, {}, &run).ok());
  EXPECT_EQ(run.route_urls().at("crm"), run.gateway() + "/r/" + run.run().id() + "/crm");
}

TEST_F(Apps, EndTheRunsOfTheDaemonBefore) {
  std::string id;
  {
    const auto app = Start();
    grpc::ClientContext context;
    v1::StartRunResponse run;
    ASSERT_TRUE(v1::RunService::NewStub(Channel())->StartRun(&context, {}, &run).ok());
    id = run.run().id();
  }
  const auto app = Start();
  grpc::ClientContext context;
  v1::GetRunRequest request;
  request.set_id(id);
  v1::GetRunResponse response;
  ASSERT_TRUE(v1::RunService::NewStub(Channel())->GetRun(&context, request, &response).ok());
  EXPECT_EQ(response.run().state(), v1::RUN_STATE_FINISHED);
  EXPECT_EQ(response.run().outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
  EXPECT_EQ(Status().active_runs(), 0u);
}

TEST_F(Apps, StayHaltedAcrossARestart) {
  {
    const auto app = Start();
    grpc::ClientContext context;
    v1::HaltRequest request;
    request.set_reason("on call");
    v1::HaltResponse response;
    ASSERT_TRUE(v1::SafetyService::NewStub(Channel())->Halt(&context, request, &response).ok());
  }
  const auto app = Start();
  EXPECT_TRUE(Status().halt().halted());
}

TEST_F(Apps, ServeUntilTheyAreToldToStop) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const auto app = Start();
  std::thread serving([&app] { app->Run(); });
  EXPECT_EQ(Status().active_runs(), 0u);
  pthread_kill(serving.native_handle(), SIGTERM);
  serving.join();
}

}  // namespace
}  // namespace murphy
