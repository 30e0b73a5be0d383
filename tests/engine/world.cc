// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/world.h"

#include "daemon/engine/silent_dialect.h"
#include "fmt/format.h"

namespace murphy::engine {

Begun World::Begin(const Shot& shot) {
  static const SilentDialect dialect;
  const message::Request request{
      .method = "POST", .path = "/pay", .headers = shot.headers, .body = shot.arguments};
  const message::Call call = CallOf(shot);
  return machine_.Begin({.request = request,
                         .call = call,
                         .dialect = dialect,
                         .route = shot.route,
                         .agent = shot.agent,
                         .canary = shot.canary,
                         .upstream = shot.upstream},
                        Time());
}

std::optional<v1::ExchangeInput> World::Finish(uint64_t sequence, const Ending& ending) {
  return machine_.Finish(sequence, ending, Time());
}

Begun World::Succeed(const Shot& shot, uint64_t tokens) {
  Begun begun = Begin(shot);
  Finish(begun.sequence, {.tokens = tokens});
  return begun;
}

Begun World::SendAndFail(const Shot& shot) {
  Begun begun = Begin(shot);
  Fail(begun.sequence);
  return begun;
}

std::string Fired(const Begun& begun) {
  std::string fired;
  for (const Decision& decision : begun.decisions) {
    if (!fired.empty()) fired += ' ';
    if (decision.state == v1::INJECTION_STATE_MASKED) {
      fired += fmt::format("({})", decision.rule->id);
    } else if (decision.state == v1::INJECTION_STATE_FIRED) {
      fired += decision.rule->id;
    } else if (decision.state == v1::INJECTION_STATE_MATCHED) {
      fired += "…" + decision.rule->id;
    } else if (decision.state == v1::INJECTION_STATE_WOULD_FIRE) {
      fired += "~" + decision.rule->id;
    } else {
      fired += "?" + decision.rule->id;
    }
  }
  return fired;
}

std::string Log(const Begun& begun) {
  std::string log =
      fmt::format("{} op{} {} layer{} {}{}", begun.sequence, begun.operation, begun.address,
                  static_cast<int>(begun.layer), begun.repeat ? "repeat " : "", begun.fallback_of);
  for (const std::string& target : begun.targets) log += " " + target;
  for (const Decision& decision : begun.decisions) {
    const Scope scope{.state = decision.exchange_state.get(), .draw = decision.draw, .now = {}};
    log += fmt::format(" [{} {} {} {} {}]", decision.injection, decision.rule->id,
                       static_cast<int>(decision.state), decision.detail,
                       decision.rule->fault->Parameters(scope));
  }
  return log + "\n";
}

}  // namespace murphy::engine
