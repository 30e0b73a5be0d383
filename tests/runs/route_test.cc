// SPDX-License-Identifier: Apache-2.0
#include "daemon/runs/route.h"

#include <gtest/gtest.h>

#include <memory>

namespace murphy::runs {
namespace {

TEST(ParseRouteTest, TakesSchemeHostPortAndPrefix) {
  const auto route = ParseRoute("tools", "http://127.0.0.1:9000/base/", "mcp", false);
  ASSERT_TRUE(route.ok());
  EXPECT_FALSE(route->tls);
  EXPECT_EQ(route->host, "127.0.0.1");
  EXPECT_EQ(route->port, 9000);
  EXPECT_EQ(route->authority, "127.0.0.1:9000");
  EXPECT_EQ(route->prefix, "/base");
  const auto secure = ParseRoute("openai", "https://api.openai.com", "openai", false);
  EXPECT_TRUE(secure->tls);
  EXPECT_EQ(secure->port, 443);
  EXPECT_EQ(secure->authority, "api.openai.com");
  EXPECT_EQ(ParseRoute("six", "http://[::1]:80", "", false)->host, "::1");
}

TEST(ParseRouteTest, SaysWhatIsWrong) {
  const auto why = [](std::string_view name, std::string_view url) {
    return std::string(ParseRoute(name, url, "", false).status().message());
  };
  EXPECT_NE(why("a", "ftp://h").find("neither http nor https"), std::string::npos);
  EXPECT_NE(why("a", "127.0.0.1:80").find("Expected an origin such as"), std::string::npos);
  EXPECT_NE(why("a", "http://user:key@h").find("user name or password"), std::string::npos);
  EXPECT_NE(why("a", "http://h/?q").find("query"), std::string::npos);
  EXPECT_NE(why("a b", "http://h").find("expected letters"), std::string::npos);
  EXPECT_NE(why("a", "http://169.254.169.254/latest").find("metadata"), std::string::npos);
  EXPECT_TRUE(ParseRoute("a", "http://169.254.169.254", "", true).ok());
}

std::string PrefixFor(std::string_view upstream, std::string_view provider, std::string_view path) {
  auto route = std::make_shared<const Route>(*ParseRoute("a", upstream, provider, false));
  return ForCall(route, path)->prefix;
}

TEST(ForCallTest, PutsTheVersionWhereAClientLeavesItToTheBaseUrl) {
  EXPECT_EQ(PrefixFor("http://h", "anthropic", "/messages"), "/v1");
  EXPECT_EQ(PrefixFor("http://h", "anthropic", "/messages/count_tokens?beta=true"), "/v1");
  EXPECT_EQ(PrefixFor("http://h", "anthropic", "/models"), "/v1");
  EXPECT_EQ(PrefixFor("http://h", "anthropic", "/v1/messages"), "");
  EXPECT_EQ(PrefixFor("http://h", "anthropic", "/messagesystem"), "");
  EXPECT_EQ(PrefixFor("http://h", "anthropic", "/health"), "");
}

TEST(ForCallTest, LeavesOthersAsTheyAre) {
  EXPECT_EQ(PrefixFor("http://h/", "anthropic", "/messages"), "") << "its path is said to be /";
  EXPECT_EQ(PrefixFor("http://h/proxy", "anthropic", "/messages"), "/proxy");
  EXPECT_EQ(PrefixFor("http://h", "", "/messages"), "");
}

TEST(BuiltInRoutesTest, LeadToTheKnownProvidersOverTls) {
  const RouteTable routes = BuiltInRoutes();
  EXPECT_EQ(routes.size(), 10u);
  for (const auto& [name, route] : routes) EXPECT_TRUE(route->tls) << name;
  EXPECT_EQ(routes.at("anthropic")->authority, "api.anthropic.com");
}

TEST(ParseRouteTest, RefusesPortsThatAreNone) {
  for (const char* port : {"0", "65536", "99999", "4294967376", ""})
    EXPECT_FALSE(ParseRoute("up", "http://h:" + std::string(port), "", false).ok()) << port;
  EXPECT_EQ(ParseRoute("up", "http://h:65535", "", false)->port, 65535);
}

}  // namespace
}  // namespace murphy::runs
