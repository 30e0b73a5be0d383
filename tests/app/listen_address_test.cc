// SPDX-License-Identifier: Apache-2.0
#include "daemon/listen_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace murphy {
namespace {

TEST(ListenAddress, IsReadInBothFamilies) {
  EXPECT_EQ(ReadListenAddress("gateway.listen", "127.0.0.1:7460")->text(), "127.0.0.1:7460");
  EXPECT_EQ(ReadListenAddress("gateway.listen", "localhost:0")->text(), "127.0.0.1:0");
  EXPECT_EQ(ReadListenAddress("gateway.listen", "127.9.9.9:65535")->port, 65535);
  EXPECT_EQ(ReadListenAddress("gateway.listen", "[::1]:80")->text(), "[::1]:80");
}

TEST(ListenAddress, SaysWhatWasExpected) {
  for (const char* wrong : {"", "127.0.0.1", "7460", "127.0.0.1:", "127.0.0.1:65536",
                            "127.0.0.1:-1", "example.com:80", "127.0.0.1:http", "127.0.0.256:80"}) {
    const auto address = ReadListenAddress("control.listen", wrong);
    ASSERT_FALSE(address.ok()) << wrong;
    EXPECT_NE(address.status().message().find("control.listen"), std::string::npos);
  }
}

TEST(ListenAddress, IsRefusedUnlessItIsLoopback) {
  for (const char* open :
       {"0.0.0.0:7460", "192.168.1.1:7460", "[::]:7460", "10.0.0.1:0", "[::ffff:127.0.0.1]:1"}) {
    const auto address = ReadListenAddress("gateway.listen", open);
    ASSERT_FALSE(address.ok()) << open;
    EXPECT_NE(address.status().message().find("TLS and credentials"), std::string::npos) << open;
  }
}

// A listener of another program's, on a port of the kernel's choice.
class ForeignListener {
 public:
  explicit ForeignListener(bool shares) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    const int on = 1;
    if (shares) setsockopt(socket_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    listen(socket_, 1);
    socklen_t size = sizeof address;
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~ForeignListener() { close(socket_); }
  uint16_t port() const { return port_; }

 private:
  int socket_;
  uint16_t port_ = 0;
};

TEST(ProbePort, NamesTheProcessThatHasThePort) {
  for (const bool shares : {false, true}) {
    const ForeignListener listener(shares);
    const absl::Status status = ProbePort("gateway.listen", {"127.0.0.1", listener.port()});
    ASSERT_FALSE(status.ok());
    const std::string why(status.message());
    EXPECT_NE(why.find(std::to_string(listener.port())), std::string::npos) << why;
    EXPECT_NE(why.find("(process " + std::to_string(getpid()) + ")"), std::string::npos) << why;
  }
}

TEST(ProbePort, LeavesAFreePortFree) {
  uint16_t port = 0;
  {
    const ForeignListener listener(false);
    port = listener.port();
  }
  EXPECT_TRUE(ProbePort("gateway.listen", {"127.0.0.1", port}).ok());
  EXPECT_TRUE(ProbePort("gateway.listen", {"127.0.0.1", port}).ok());
  EXPECT_TRUE(ProbePort("gateway.listen", {"127.0.0.1", 0}).ok());
}

}  // namespace
}  // namespace murphy
