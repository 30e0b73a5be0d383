// SPDX-License-Identifier: Apache-2.0
// What it costs to decide: an exchange begins under a thousand rules, each of which wants to know.
// `p50_us` and `p99_us` are of single exchanges.
#include <benchmark/benchmark.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/engine/decider.h"
#include "fmt/format.h"
#include "tests/support/fake_dialect.h"

namespace murphy::engine {
namespace {

using scenario::Mistake;
using scenario::Plan;

constexpr int kRules = 1'000;
constexpr int kExchanges = 4'000;

// A plan of rules that differ in a number.
std::shared_ptr<const Plan> PlanOf(const std::function<std::string(int)>& rule) {
  std::string text = "schema: 'murphy.scenario/v1' name: 'bench' guard { max_injections: 1000000 }";
  for (int i = 0; i < kRules; ++i) text += rule(i);
  v1::Scenario scenario;
  std::vector<Mistake> mistakes;
  if (!google::protobuf::TextFormat::ParseFromString(text, &scenario)) return nullptr;
  return Plan::Compile(scenario, 1, mistakes);
}

// 1 KiB of arguments, each time others.
std::string Arguments(int n) {
  return fmt::format(R"({{"amount":{},"currency":"EUR","note":"{}"}})", n, std::string(980, 'x'));
}

void Decide(benchmark::State& state, const std::function<std::string(int)>& rule) {
  const std::shared_ptr<const Plan> plan = PlanOf(rule);
  if (plan == nullptr) return state.SkipWithError("the plan has mistakes");
  const test::FakeDialect dialect;
  Recogniser recogniser;
  Decider decider(plan, 0);
  std::vector<double> microseconds;
  int n = 0;
  for (auto unused : state) {
    (void)unused;
    const std::string arguments = Arguments(++n);
    const message::Request request{.method = "POST", .path = "/pay", .body = arguments};
    const message::Call call{.kind = v1::TARGET_KIND_TOOL,
                             .provider = "http",
                             .name = "shop.pay",
                             .shape = "{amount:int,currency:str,note:str}",
                             .digest = std::to_string(n),
                             .arguments = arguments};
    const Now now{.run = absl::Milliseconds(n), .wall = absl::UnixEpoch()};
    const auto begin = std::chrono::steady_clock::now();
    const Arrival arrival{
        .request = request, .call = call, .dialect = dialect, .route = "shop", .agent = "a"};
    Reading reading(*plan, arrival);
    reading.LookIntoContent();
    const Marks marks = MarksOf(request, call, {&reading, 1});
    const Identity identity = recogniser.Begin({.request = request,
                                                .call = call,
                                                .marks = marks,
                                                .agent = arrival.agent,
                                                .sequence = static_cast<uint64_t>(n),
                                                .at = now.run},
                                               {&reading, 1});
    const Ruling ruling = decider.Begin(arrival, identity, reading, now);
    const Ending ending{.failed = n % 2 == 0, .status = 200, .tokens = 10};
    recogniser.End(identity.operation, static_cast<uint64_t>(n), ResultOf(ending));
    decider.Finish(ruling.sequence, ending, now);
    const std::chrono::duration<double, std::micro> spent =
        std::chrono::steady_clock::now() - begin;
    state.SetIterationTime(spent.count() / 1e6);
    microseconds.push_back(spent.count());
  }
  std::sort(microseconds.begin(), microseconds.end());
  state.counters["p50_us"] = microseconds[microseconds.size() / 2];
  state.counters["p99_us"] = microseconds[microseconds.size() * 99 / 100];
}

void Register(const char* name, const char* when) {
  const auto rule = [when](int i) {
    return fmt::format("rule {{ when {{ {} }} fault {{ latency {{ fixed {{}} }} }} }} ",
                       fmt::format(fmt::runtime(when), fmt::arg("n", i)));
  };
  benchmark::RegisterBenchmark(name, [rule](benchmark::State& state) { Decide(state, rule); })
      ->UseManualTime()
      ->Iterations(kExchanges);
}

}  // namespace
}  // namespace murphy::engine

int main(int argc, char** argv) {
  using murphy::engine::Register;
  benchmark::RegisterBenchmark("no_rules",
                               [](benchmark::State& state) {
                                 murphy::engine::Decide(state, [](int) { return std::string(); });
                               })
      ->UseManualTime()
      ->Iterations(murphy::engine::kExchanges);
  Register("probability", "probability: 0.000001");
  Register("counters", "every: 1000000");
  Register("on_response", "on {{ response: RESPONSE_CLASS_FAILURE times: {n}1 }} nth: 1000000");
  Register("on_recovery", "on {{ recovery: RECOVERY_KIND_RETRY times: {n}1 }}");
  Register("where_pointer", "where {{ pointer: '/amount' equals: 'no {n}' }}");
  Register("where_matches", "where {{ matches: 'never-{n}' }}");
  Register("combination",
           "any {{ nth: 100000{n} }} any {{ probability: 0.000001 }} none {{ first: 9 }}");
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
