// SPDX-License-Identifier: Apache-2.0
// What it costs a worker that a run observes an exchange: Begin, Conclude and End, in CPU time of
// its thread. What the journal's queue takes of it is measured beside it (`append_us`).
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <google/protobuf/text_format.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/runs/runs.h"
#include "tests/support/fake_dialect.h"

namespace murphy::runs {
namespace {

double Microseconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

std::shared_ptr<const scenario::Plan> PlanOf(const std::string& rules) {
  v1::Scenario spec;
  std::vector<scenario::Mistake> mistakes;
  const std::string text =
      "schema: 'murphy.scenario/v1' name: 'bench' guard { max_injections: 4000000 } " + rules;
  if (!google::protobuf::TextFormat::ParseFromString(text, &spec)) return nullptr;
  return scenario::Plan::Compile(spec, 1, mistakes);
}

// A journal on a file of its own.
struct Place {
  Place() {
    std::string pattern = std::filesystem::temp_directory_path() / "murphy-observe-XXXXXX";
    directory = mkdtemp(pattern.data());
    journal = *journal::Journal::Open(directory / "journal.db", {.queue = 1 << 22});
    runs = std::make_unique<Runs>(*journal, RouteTable(), std::vector<v1::Run>());
  }
  ~Place() {
    runs.reset();
    journal.reset();
    std::filesystem::remove_all(directory);
  }
  std::filesystem::path directory;
  std::unique_ptr<journal::Journal> journal;
  std::unique_ptr<Runs> runs;
};

v1::Exchange RecordOf(const engine::Begun& begun) {
  v1::Exchange exchange;
  exchange.set_sequence(begun.sequence);
  exchange.set_address(begun.address);
  return exchange;
}

void Observe(benchmark::State& state, const std::string& rules) {
  const auto plan = PlanOf(rules);
  if (plan == nullptr) return state.SkipWithError("the plan has mistakes");
  Place place;
  const auto run = *place.runs->Start({.id = "r", .experiment = "e", .plan = plan});
  const test::FakeDialect dialect;
  const std::string note(980, 'x');
  double decided = 0, ended = 0, appended = 0;
  int n = 0;
  for (auto unused : state) {
    (void)unused;
    const std::string arguments = fmt::format(R"({{"amount":{},"note":"{}"}})", ++n, note);
    const message::Request request{.method = "POST", .path = "/pay", .body = arguments};
    const message::Call call{.kind = v1::TARGET_KIND_TOOL,
                             .provider = "http",
                             .name = "shop.pay",
                             .shape = "{amount:int,note:str}",
                             .digest = fmt::format("{:064}", n),
                             .arguments = arguments};
    const double begin = Microseconds();
    const engine::Begun begun = run->Begin(
        {.request = request, .call = call, .dialect = dialect, .route = "shop", .agent = "a"});
    run->Conclude(begun.sequence, {.status = 200, .tokens = 10});
    const double concluded = Microseconds();
    run->End(RecordOf(begun), {.status = 200, .tokens = 10});
    const double end = Microseconds();
    v1::Event event;
    *event.mutable_exchange() = RecordOf(begun);
    place.journal->Append(std::move(event));
    appended += Microseconds() - end;
    decided += concluded - begin;
    ended += end - concluded;
    state.SetIterationTime((end - begin) / 1e6);
  }
  state.counters["begin_conclude_us"] = decided / n;
  state.counters["end_us"] = ended / n;
  state.counters["append_us"] = appended / n;
}

void Register(const char* name, const std::string& rules, int exchanges) {
  benchmark::RegisterBenchmark(name, [rules](benchmark::State& state) { Observe(state, rules); })
      ->UseManualTime()
      ->Iterations(exchanges);
}

}  // namespace
}  // namespace murphy::runs

int main(int argc, char** argv) {
  using murphy::runs::Register;
  const std::string one =
      "target { key: 't' value { name: 'elsewhere' } } rule { target: 't' fault { reset {} } } ";
  std::string thousand;
  for (int i = 0; i < 1000; ++i) {
    thousand += fmt::format(
        "target {{ key: 't{0}' value {{ name: 'elsewhere-{0}' }} }} "
        "rule {{ target: 't{0}' fault {{ reset {{}} }} }} ",
        i);
  }
  Register("one_rule", one, 100'000);
  Register("thousand_rules", thousand, 100'000);
  Register("a_million", one, 1'000'000);
  Register("a_million_injected", "rule { fault { latency { fixed {} } } } ", 1'000'000);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
