// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/expect/judges.h"

#include <algorithm>

#include "daemon/outcome/loops.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"
#include "proto/time.h"

namespace murphy::outcome {

v1::ExpectResult Judge(const History& history, const v1::TerminatesExpect& expect) {
  const Evidence& evidence = history.evidence();
  if (evidence.hung) return Violated(WhyStopped(history));
  if (std::optional<std::string> loop = Loop(history)) return Violated(*std::move(loop));
  uint64_t tokens = 0;
  absl::Time end = absl::InfinitePast();
  for (const size_t position : history.all()) {
    tokens += TokensOf(history.at(position));
    end = std::max(end, EndOf(history.at(position)));
  }
  const size_t calls = history.all().size();
  const absl::Duration time =
      calls == 0 ? absl::ZeroDuration() : end - BeginOf(history.at(history.all().front()));
  const std::string spent =
      fmt::format("{}, {} and {}", Counted(calls, "call"), Counted(tokens, "token"), Seconds(time));
  if (expect.has_calls() && calls > expect.calls())
    return Violated(fmt::format("{}; {} calls are allowed", spent, expect.calls()));
  if (expect.has_tokens() && tokens > expect.tokens())
    return Violated(fmt::format("{}; {} tokens are allowed", spent, expect.tokens()));
  if (expect.has_time() && time > FromProto(expect.time()))
    return Violated(fmt::format("{}; {} is allowed", spent, Seconds(expect.time())));
  return Held(spent);
}

}  // namespace murphy::outcome
