// SPDX-License-Identifier: Apache-2.0
// The controller's table of providers and the daemon's must not drift apart.
#include <map>
#include <string>

#include "daemon/runs/route.h"
#include "gtest/gtest.h"

namespace murphy {
namespace {

TEST(Routes, ControllerAndDaemonKnowTheSameProviders) {
  const std::map<std::string, std::string> controller = {
#define MURPHY_ROUTE(route, upstream) {route, upstream},
#define MURPHY_VARIABLE(route, name, path)
#include "tools/murphy/families.inc"
#undef MURPHY_ROUTE
#undef MURPHY_VARIABLE
  };
  std::map<std::string, std::string> daemon;
  for (const auto& [name, route] : runs::BuiltInRoutes()) {
    daemon[name] = (route->tls ? "https://" : "http://") + route->authority + route->prefix;
  }
  for (const auto& [name, upstream] : controller) {
    // Without an upstream the route exists only when the user names one.
    if (upstream.empty()) continue;
    EXPECT_EQ(daemon[name], upstream) << name;
  }
  for (const auto& [name, upstream] : daemon) EXPECT_TRUE(controller.contains(name)) << name;
}

}  // namespace
}  // namespace murphy
