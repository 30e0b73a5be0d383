// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/control/server.h"
#include "tests/support/living_world.h"

namespace murphy::control {

// The control server on a Unix socket and a TCP port, in front of real books.
class LiveServer : public test::LivingWorld {
 protected:
  LiveServer() {
    auto server = Server::Start(*books_, {directory_ + "/control.sock", "127.0.0.1:0", "secret"});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    unix_ = Channel("unix:" + directory_ + "/control.sock");
    tcp_ = Channel(absl::StrCat("127.0.0.1:", server_->port()));
  }
  ~LiveServer() override { server_->Stop(absl::ZeroDuration()); }

  static std::shared_ptr<grpc::Channel> Channel(const std::string& address) {
    return grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  }

  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> unix_;
  std::shared_ptr<grpc::Channel> tcp_;
};

}  // namespace murphy::control
