// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/proxy.h"

#include <gtest/gtest.h>

#include <map>

#include "daemon/wire/tunnel.h"

namespace murphy::wire {
namespace {

using Variables = std::map<std::string, std::string>;

v1::GatewayConfig Config(const char* proxy, std::initializer_list<const char*> direct = {}) {
  v1::GatewayConfig config;
  if (proxy != nullptr) config.set_proxy(proxy);
  for (const char* entry : direct) config.add_no_proxy(entry);
  return config;
}

absl::StatusOr<Proxies> Read(const Variables& variables, const v1::GatewayConfig& config = {}) {
  return Proxies::Read(config, [&variables](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

// What a route's proxy is called; `-` for none.
std::string Way(const absl::StatusOr<Proxies>& proxies, const std::string& url) {
  EXPECT_TRUE(proxies.ok()) << proxies.status();
  const runs::Route route = *runs::ParseRoute("up", url, "", true);
  const Proxy* proxy = proxies.ok() ? proxies->For(route) : nullptr;
  return proxy == nullptr ? "-" : proxy->name;
}

std::string Said(const absl::StatusOr<Proxies>& refused) {
  return std::string(refused.status().message());
}

TEST(ProxiesTest, TakesEachSchemeFromItsVariable) {
  const auto proxies = Read({{"HTTPS_PROXY", "http://secure:3128"}, {"http_proxy", "plain:8080/"}});
  EXPECT_EQ(Way(proxies, "https://api.test"), "secure:3128");
  EXPECT_EQ(Way(proxies, "http://api.test"), "plain:8080");
  const auto none = Read({{"HTTPS_PROXY", ""}, {"ALL_PROXY", "http://all:1"}});
  EXPECT_EQ(Way(none, "https://api.test"), "-");
  const auto both = Read({{"HTTPS_PROXY", "http://upper"}, {"https_proxy", "http://lower"}});
  EXPECT_EQ(Way(both, "https://api.test"), "lower:80");
  EXPECT_EQ(Way(both, "http://api.test"), "-");
}

TEST(ProxiesTest, TheConfigurationWinsOverTheEnvironment) {
  const Variables corporate = {{"HTTPS_PROXY", "http://env:1"}, {"NO_PROXY", "near.test"}};
  const auto named = Read(corporate, Config("http://config:2"));
  EXPECT_EQ(Way(named, "https://api.test"), "config:2");
  EXPECT_EQ(Way(named, "http://api.test"), "config:2");
  EXPECT_EQ(Way(named, "https://near.test"), "-");
  EXPECT_EQ(Way(Read(corporate, Config("")), "https://api.test"), "-");
  const auto direct = Read(corporate, Config(nullptr, {"api.test"}));
  EXPECT_EQ(Way(direct, "https://api.test"), "-");
  EXPECT_EQ(Way(direct, "https://near.test"), "env:1");
}

TEST(ProxiesTest, LoopbackIsNeverReachedThroughAProxy) {
  const auto proxies = Read({}, Config("http://p:1"));
  for (const char* near : {"https://localhost:8443", "http://127.0.0.1:1", "http://127.9.9.9",
                           "http://[::1]:8080", "http://[::ffff:127.0.0.1]", "http://a.localhost"})
    EXPECT_EQ(Way(proxies, near), "-") << near;
  for (const char* far : {"http://localhost.test", "http://128.0.0.1", "http://[::2]"})
    EXPECT_EQ(Way(proxies, far), "p:1") << far;
}

struct Entry {
  const char* direct;
  std::vector<const char*> covered;
  std::vector<const char*> others;
};

TEST(ProxiesTest, LeavesOutWhatNoProxyNames) {
  const Entry entries[] = {
      {"*", {"https://api.test", "http://10.0.0.1"}, {}},
      {"corp.test", {"http://corp.test", "http://A.Corp.Test"}, {"http://xcorp.test"}},
      {"corp.test.", {"http://corp.test", "http://a.corp.test."}, {}},
      {".corp.test", {"http://a.corp.test", "http://b.a.corp.test"}, {"http://corp.test"}},
      {"*.corp.test", {"http://a.corp.test"}, {"http://corp.test"}},
      {"corp.test:8080", {"http://a.corp.test:8080"}, {"http://corp.test", "https://corp.test"}},
      {"10.1.2.3", {"http://10.1.2.3:99", "http://[::ffff:10.1.2.3]"}, {"http://10.1.2.4"}},
      {"10.1.2.3:80", {"http://10.1.2.3"}, {"https://10.1.2.3"}},
      {"10.0.0.0/8", {"http://10.255.0.1"}, {"http://11.0.0.1", "http://10.corp.test"}},
      {"10.9.0.0/0", {"http://8.8.8.8"}, {"http://[2001:db8::1]"}},
      {"2001:db8::1", {"http://[2001:db8:0::1]"}, {"http://[2001:db8::2]"}},
      {"[2001:db8::1]:80", {"http://[2001:db8::1]"}, {"https://[2001:db8::1]"}},
      {"2001:db8::/32", {"http://[2001:db8:9::1]"}, {"http://[2001:db9::1]", "http://32.1.0.1"}},
      {" a.test, b.test c.test,", {"http://a.test", "http://b.test", "http://c.test"}, {}},
  };
  for (const Entry& entry : entries) {
    const auto proxies = Read({{"http_proxy", "p:1"}, {"HTTPS_PROXY", "p:1"}, {"NO_PROXY", entry.direct}});
    for (const char* url : entry.covered)
      EXPECT_EQ(Way(proxies, url), "-") << entry.direct << " covers " << url;
    for (const char* url : entry.others)
      EXPECT_EQ(Way(proxies, url), "p:1") << entry.direct << " does not cover " << url;
  }
}

TEST(ProxiesTest, SendsUserAndPasswordAndNeverSaysThem) {
  const auto proxies = Read({}, Config("http://me:p%40ss:w@proxy.test:3128"));
  ASSERT_TRUE(proxies.ok()) << proxies.status();
  const Proxy& proxy = *proxies->For(*runs::ParseRoute("up", "https://api.test", "", false));
  EXPECT_EQ(proxy.authorization, "Basic bWU6cEBzczp3");
  EXPECT_EQ(proxy.host, "proxy.test");
  EXPECT_EQ(proxy.name, "proxy.test:3128");
}

TEST(ProxiesTest, RefusesWhatIsNoProxyAndDoesNotQuoteIt) {
  for (const char* wrong :
       {"socks5://me:hush@proxy.test", "https://me:hush@proxy.test", "http://me:hush@proxy.test:0",
        "http://me:hush@proxy.test:99999", "http://me:hush@proxy.test:x", "http://me:hush@",
        "http://me:hush@proxy.test/path", "http://me:hush@proxy.test?q", "http://me:hu sh@proxy.test",
        "http://me:hu/sh@proxy.test", "http://m%3Ae:hush@proxy.test", "http://me:hu%0sh@proxy.test"}) {
    const auto variable = Read({{"HTTPS_PROXY", wrong}});
    ASSERT_FALSE(variable.ok()) << wrong;
    EXPECT_TRUE(Said(variable).starts_with("HTTPS_PROXY in the environment"))
        << variable.status();
    const auto field = Read({}, Config(wrong));
    ASSERT_FALSE(field.ok()) << wrong;
    EXPECT_TRUE(Said(field).starts_with("gateway.proxy is no proxy"));
    for (const std::string& said : {Said(variable), Said(field)}) {
      EXPECT_EQ(said.find("hu"), std::string::npos) << said;
      EXPECT_EQ(said.find("sh@"), std::string::npos) << said;
    }
  }
}

TEST(ProxiesTest, RefusesWhatNoProxyCannotMean) {
  for (const char* wrong : {"10.0.0.0/33", "10.0.0.0/x", "::/129", "http://corp.test", "corp.test/24",
                            "corp.test:", "corp.test:0", "corp.test:99999", "me@corp.test", ".", "a:b:c"}) {
    const auto variable = Read({{"http_proxy", "p:1"}, {"no_proxy", wrong}});
    ASSERT_FALSE(variable.ok()) << wrong;
    EXPECT_TRUE(Said(variable).starts_with("no_proxy in the environment"))
        << variable.status();
    const auto field = Read({}, Config("http://p:1", {"good.test", wrong}));
    ASSERT_FALSE(field.ok()) << wrong;
    EXPECT_TRUE(Said(field).starts_with("gateway.no_proxy has `")) << field.status();
  }
  EXPECT_TRUE(Read({{"no_proxy", "10.0.0.0/33"}}).ok()) << "there is no proxy";
}

TEST(ProxiedHeadTest, HasTheTargetInAbsoluteForm) {
  const runs::Route route = *runs::ParseRoute("up", "http://api.test:81/base", "", false);
  EXPECT_EQ(ProxiedHead("GET /base/x?y=http://z HTTP/1.1\r\nHost: api.test:81\r\n\r\n", route,
                        {.authorization = "Basic YQ=="}),
            "GET http://api.test:81/base/x?y=http://z HTTP/1.1\r\n"
            "Proxy-Authorization: Basic YQ==\r\nHost: api.test:81\r\n\r\n");
}

}  // namespace
}  // namespace murphy::wire
