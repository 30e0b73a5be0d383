// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/commands/since.h"

#include "fmt/format.h"
#include "google/protobuf/util/time_util.h"
#include "tools/murphy/duration.h"
#include "tools/murphy/exit_code.h"

namespace murphy::cli {

using google::protobuf::util::TimeUtil;

void AddSince(CLI::App* list, std::string& since) {
  list->add_option("--since", since, "Only from the last 10m, 2h …, or from a time on (RFC 3339)")
      ->option_text("TIME");
}

google::protobuf::Timestamp ParseSince(const std::string& text) {
  if (const auto ago = ParseDuration(text)) return TimeUtil::GetCurrentTime() - ToProto(*ago);
  google::protobuf::Timestamp time;
  if (TimeUtil::FromString(text, &time)) return time;
  throw Failure(ExitCode::kUsage,
                fmt::format("`--since {}` is neither a time span (`10m`, `2h`) nor a time "
                            "(`2026-11-28T10:00:00Z`).",
                            text));
}

}  // namespace murphy::cli
