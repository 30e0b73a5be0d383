// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/check_config.h"

#include <fmt/format.h>

#include "daemon/experiments/windows.h"

namespace murphy::experiments {
namespace {

bool IsSha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::vector<scenario::Mistake> CheckConfig(const v1::DaemonConfig& config) {
  std::vector<scenario::Mistake> mistakes;
  CheckWindows("guard", config.guard(), mistakes);
  for (int i = 0; i < config.guard().stop_size(); ++i) {
    const v1::StopCondition& stop = config.guard().stop(i);
    const std::string path = fmt::format("guard.stop[{}]", i);
    if (stop.has_of())
      mistakes.push_back(
          {path + ".of", "targets belong to scenarios: a ceiling counts everything"});
    if (stop.has_error_rate() + stop.has_latency() + stop.has_cost() != 1)
      mistakes.push_back({path, "name one of `error_rate`, `latency` and `cost`"});
  }
  for (int i = 0; i < config.approval().token_sha256_size(); ++i) {
    if (IsSha256(config.approval().token_sha256(i))) continue;
    mistakes.push_back({fmt::format("approval.token_sha256[{}]", i),
                        "expected 64 lower-case hexadecimal digits: printf %s TOKEN | sha256sum"});
  }
  return mistakes;
}

}  // namespace murphy::experiments
