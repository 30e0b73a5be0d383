// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/replay.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "daemon/engine/address.h"
#include "daemon/engine/decider.h"
#include "daemon/engine/inputs.h"
#include "daemon/engine/silent_dialect.h"
#include "fmt/format.h"

namespace murphy::engine {
namespace {

// One step of a decider: an exchange that begins or ends, or a step without one.
struct Moment {
  uint64_t number = 0;
  const v1::Exchange* begins = nullptr;
  const v1::Exchange* ends = nullptr;
  const v1::EngineStep* alone = nullptr;
};

std::vector<Moment> InOrder(const Recorded& recorded) {
  std::vector<Moment> moments;
  for (const v1::Exchange& exchange : recorded.exchanges) {
    moments.push_back({.number = exchange.input().begin_step(), .begins = &exchange});
    if (exchange.input().end_step() > 0)
      moments.push_back({.number = exchange.input().end_step(), .ends = &exchange});
  }
  for (const v1::EngineStep& step : recorded.steps)
    moments.push_back({.number = step.number(), .alone = &step});
  std::stable_sort(moments.begin(), moments.end(),
                   [](const Moment& a, const Moment& b) { return a.number < b.number; });
  return moments;
}

Now At(int64_t nanos) {
  const absl::Duration run = absl::Nanoseconds(nanos);
  return {.run = run, .wall = absl::UnixEpoch() + run};
}

absl::Duration ArmedAt(const std::vector<Moment>& moments) {
  const bool late = !moments.empty() && moments.front().alone != nullptr &&
                    moments.front().alone->kind() == v1::ENGINE_STEP_KIND_ARM;
  return late ? absl::Nanoseconds(moments.front().alone->nanos()) : absl::ZeroDuration();
}

const char* WordFor(v1::InjectionState state) {
  switch (state) {
    case v1::INJECTION_STATE_FIRED:
      return "fires";
    case v1::INJECTION_STATE_MATCHED:
      return "waits for its group";
    case v1::INJECTION_STATE_MASKED:
      return "is masked";
    case v1::INJECTION_STATE_WOULD_FIRE:
      return "would fire";
    case v1::INJECTION_STATE_UNSPECIFIED:
    case v1::INJECTION_STATE_PLANNED:
    case v1::INJECTION_STATE_ARMED:
    case v1::INJECTION_STATE_DELIVERED:
    case v1::INJECTION_STATE_EXPIRED:
    case v1::INJECTION_STATE_NO_OP:
    case v1::INJECTION_STATE_NEVER_REACHED:
    case v1::InjectionState_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::InjectionState_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return "does nothing";
}

// What was drawn; empty where the record lacks what it depends on: how long a client waits.
std::string ParametersOf(const Decision& decision, Now now) {
  if (decision.fault().needs().client_timeout) return {};
  const Scope scope{.state = decision.exchange_state.get(),
                    .draw = decision.draw,
                    .now = now,
                    .elapsed = decision.elapsed};
  return decision.fault().Parameters(scope);
}

class Comparison {
 public:
  explicit Comparison(const Recorded& recorded)
      : recorded_(recorded),
        moments_(InOrder(recorded)),
        decider_(recorded.plan, recorded.run_index, ArmedAt(moments_), recorded.arm) {
    decider_.Continue(recorded.counts_before, recorded.injections_before);
    for (const v1::Injection& injection : recorded.decided) {
      if (injection.one_off()) {
        ++result_.one_off;
      } else if (injection.state() != v1::INJECTION_STATE_NEVER_REACHED) {
        unclaimed_[injection.exchange()].push_back(&injection);
      }
    }
  }

  Replayed Run() {
    const uint64_t whole = WholeUpTo();
    for (uint64_t i = 0; i < whole; ++i) Take(moments_[i]);
    if (whole < moments_.size()) {
      Differ(
          fmt::format("Step {} of the engine is not in the record, once and in its place: "
                      "something of the run was still open, removed or lost.",
                      whole + 1));
    } else {
      NameUnclaimed();
    }
    return std::move(result_);
  }

 private:
  // Steps are numbered from 1, without a gap.
  uint64_t WholeUpTo() const {
    uint64_t whole = 0;
    while (whole < moments_.size() && moments_[whole].number == whole + 1) ++whole;
    return whole;
  }

  void Take(const Moment& moment) {
    if (moment.begins != nullptr) return Begin(*moment.begins);
    if (moment.ends == nullptr) return Pass(*moment.alone);
    const v1::ExchangeInput& input = moment.ends->input();
    const auto own = own_.find(moment.ends);
    if (own != own_.end()) decider_.Finish(own->second, EndingOf(input, *recorded_.plan), At(input.end_nanos()));
  }

  void Pass(const v1::EngineStep& step) {
    switch (step.kind()) {
      case v1::ENGINE_STEP_KIND_PASS:
        decider_.Pass(At(step.nanos()));
        return;
      case v1::ENGINE_STEP_KIND_PASS_TO_END:
        decider_.PassToEnd(At(step.nanos()));
        return;
      case v1::ENGINE_STEP_KIND_DISARM:
        decider_.Disarm("disarmed");
        return;
      case v1::ENGINE_STEP_KIND_REARM:
        decider_.Rearm();
        return;
      case v1::ENGINE_STEP_KIND_UNSPECIFIED:
      case v1::ENGINE_STEP_KIND_ARM:
      case v1::EngineStepKind_INT_MIN_SENTINEL_DO_NOT_USE_:
      case v1::EngineStepKind_INT_MAX_SENTINEL_DO_NOT_USE_:
        return;
    }
  }

  void Begin(const v1::Exchange& exchange) {
    const std::string& address = exchange.address();
    const v1::ExchangeInput& input = exchange.input();
    const message::Request request;
    const message::Call call = CallOf(exchange);
    const SilentDialect dialect;
    const Arrival arrival{.request = request,
                          .call = call,
                          .dialect = dialect,
                          .route = exchange.route(),
                          .agent = exchange.agent(),
                          .canary = input.canary_used(),
                          .upstream = input.upstream()};
    std::optional<Reading> reading = ReadingOf(exchange, arrival, *recorded_.plan);
    if (!reading.has_value()) {
      return Differ(fmt::format("Exchange {} ({}) is of a target that the scenario does not have.",
                                exchange.sequence(), address));
    }
    const Ruling begun =
        decider_.Begin(arrival, IdentityOf(exchange), *reading, At(input.begin_nanos()));
    ++result_.exchanges;
    own_[&exchange] = begun.sequence;
    if (begun.sequence != exchange.sequence()) {
      Differ(fmt::format("Exchange {} ({}) is recorded as exchange {}.", begun.sequence, address,
                         exchange.sequence()));
    }
    for (const Decision& decision : begun.decisions) {
      if (decision.state != v1::INJECTION_STATE_UNSPECIFIED) Compare(exchange, decision);
    }
    for (const v1::Injection* extra : unclaimed_[exchange.sequence()])
      Differ(
          fmt::format("Exchange {} ({}): rule `{}` {} in the record; decided again, it does "
                      "nothing.",
                      exchange.sequence(), address, extra->rule(), WordFor(extra->state())));
    unclaimed_.erase(exchange.sequence());
  }

  void Compare(const v1::Exchange& exchange, const Decision& decision) {
    const std::string drawn = ParametersOf(decision, At(exchange.input().begin_nanos()));
    const auto where = [&] {
      return fmt::format("Exchange {} ({}): rule `{}`", exchange.sequence(), exchange.address(),
                         decision.rule->id);
    };
    std::vector<const v1::Injection*>& there = unclaimed_[exchange.sequence()];
    const auto found = std::find_if(there.begin(), there.end(), [&](const v1::Injection* one) {
      return one->rule() == decision.rule->id;
    });
    if (found == there.end()) {
      return Differ(fmt::format("{} {} when it is decided again; the record has nothing of it.",
                                where(), WordFor(decision.state)));
    }
    const v1::Injection& kept = **found;
    there.erase(found);
    const std::string addressed =
        fmt::format("{}!{}", exchange.address(), LegOf(decision.fault().stage()));
    const bool outranked = kept.outranked() && kept.state() == v1::INJECTION_STATE_MASKED;
    if (kept.fault() != decision.variant->fault_name) {
      Differ(fmt::format("{} injects `{}`; the record has `{}`.", where(),
                         decision.variant->fault_name, kept.fault()));
    } else if (kept.address() != addressed && kept.address() != exchange.address()) {
      Differ(fmt::format("{} acts on {}; the record has {}.", where(), addressed, kept.address()));
    } else if (kept.state() != decision.state && !(outranked && Acts(decision.state))) {
      Differ(fmt::format("{} {} when it is decided again; it {} in the record.", where(),
                         WordFor(decision.state), WordFor(kept.state())));
    } else if (!drawn.empty() && !kept.parameters().empty() && kept.parameters() != drawn) {
      Differ(fmt::format("{} draws {} when it is decided again; the record has {}.", where(), drawn,
                         kept.parameters()));
    } else if (kept.approximate() != decision.approximate) {
      Differ(fmt::format("{} is {} when it is decided again, and {} in the record.", where(),
                         decision.approximate ? "approximate" : "exact",
                         kept.approximate() ? "approximate" : "exact"));
    } else {
      ++result_.injections;
    }
  }

  void NameUnclaimed() {
    for (const auto& [exchange, injections] : unclaimed_) {
      for (const v1::Injection* injection : injections)
        Differ(
            fmt::format("Injection {} of rule `{}` is recorded on exchange {}, which is not in "
                        "the record.",
                        injection->id(), injection->rule(), exchange));
    }
  }

  void Differ(std::string sentence) {
    ++result_.difference_count;
    if (result_.differences.size() < Replayed::kMostDifferences)
      result_.differences.push_back(std::move(sentence));
  }

  const Recorded& recorded_;
  const std::vector<Moment> moments_;
  Decider decider_;
  // The decider's own numbers.
  absl::flat_hash_map<const v1::Exchange*, uint64_t> own_;
  // Recorded injections, by exchange, that no decision has been found for yet.
  std::map<uint64_t, std::vector<const v1::Injection*>> unclaimed_;
  Replayed result_;
};

}  // namespace

Replayed Replay(const Recorded& recorded) { return Comparison(recorded).Run(); }

}  // namespace murphy::engine
