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
  const Arrival arrival{.request = request,
                        .call = call,
                        .dialect = dialect,
                        .route = shot.route,
                        .agent = shot.agent,
                        .canary = shot.canary,
                        .upstream = shot.upstream};
  Reading reading(*plan_, arrival);
  const Marks marks = MarksOf(request, call, {&reading, 1});
  const Identity identity = recogniser_.Begin({.request = request,
                                               .call = call,
                                               .marks = marks,
                                               .agent = shot.agent,
                                               .sequence = operations_.size() + 1,
                                               .at = now},
                                              {&reading, 1});
  Ruling ruling = decider_.Begin(arrival, identity, reading, Time());
  if (ruling.held) recogniser_.Hold(identity.operation);
  operations_[ruling.sequence] = identity.operation;
  Begun begun = Introduce(identity, &reading);
  begun.sequence = ruling.sequence;
  begun.decisions = std::move(ruling.decisions);
  return begun;
}

std::optional<v1::ExchangeInput> World::Finish(uint64_t sequence, const Ending& ending) {
  recogniser_.End(operations_[sequence], sequence, ResultOf(ending));
  return decider_.Finish(sequence, ending, Time());
}

void World::Leave(uint64_t sequence) { recogniser_.Leave(operations_[sequence], sequence); }

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
    const Scope scope{.state = decision.exchange_state.get(),
                      .draw = decision.draw,
                      .now = {},
                      .elapsed = decision.elapsed};
    log += fmt::format(" [{} {} {} {} {}]", decision.injection, decision.rule->id,
                       static_cast<int>(decision.state), decision.detail,
                       decision.fault().Parameters(scope));
    if (decision.offset > absl::ZeroDuration())
      log += " after " + absl::FormatDuration(decision.offset);
  }
  return log + "\n";
}

}  // namespace murphy::engine
