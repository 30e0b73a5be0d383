// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "murphy/v1/run_service.pb.h"

namespace murphy::cli {

using Environment = std::map<std::string, std::string, std::less<>>;

// Reads `NAME=VALUE` entries, as `environ` has them.
Environment ReadEnvironment(const char* const* entries);

// Value of a variable; empty when unset.
std::string_view Get(const Environment& environment, std::string_view name);

// A row of families.inc.
struct VariableRow {
  std::string_view route;
  std::string_view name;
  std::string_view path;
};
std::span<const VariableRow> VariableRows();

// A variable of the child that will hold a URL of the gateway.
struct Assignment {
  std::string variable;
  std::string route;
  // Follows the route's URL.
  std::string path;
  // Credentials written in the URL that the user had set, `name:password`.
  std::string userinfo;
  // What the command line wants it to lead to; empty: what the user had set, or the client's own.
  std::string upstream = {};
};

// How a child's traffic is led through the gateway.
struct Interception {
  // Routes to ask for when the run starts, besides the built-in ones: what the user had set stays
  // the upstream.
  std::map<std::string, std::string> routes;
  std::vector<Assignment> assignments;
  // Variables that are left as they are, a sentence each.
  std::vector<std::string> warnings;
};

// `routes` are those of the command line; they win over what the environment says.
Interception PlanInterception(const Environment& environment,
                              const std::map<std::string, std::string>& routes);

// The environment of the agent: base URLs, `MURPHY_RUN`, `MURPHY_GATEWAY`, `MURPHY_REPORT_FILE`,
// and nothing that leads to the control API.
Environment ChildEnvironment(Environment environment, const Interception& interception,
                             const v1::StartRunResponse& started, const std::string& report_file);

// The environment of a checker: base URLs lead to the upstreams themselves, and to the gateway as
// `MURPHY_VIA_<VARIABLE>`.
Environment CheckerEnvironment(Environment environment, const Interception& interception,
                               const v1::StartRunResponse& started, const std::string& report_file);

}  // namespace murphy::cli
