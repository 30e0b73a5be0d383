// SPDX-License-Identifier: Apache-2.0
// What a record costs as a journal grows, and what reading it costs then:
//   growth FOLDER EXCHANGES
// Appends exchanges of one run, then injections that fire and are delivered, and reads them page by
// page. CPU is of this whole process: who appends, and the journal's writer.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "daemon/journal/journal.h"

namespace murphy::journal {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint64_t kSteps = 10;
// Below the journal's queue, so that nothing is refused.
constexpr uint64_t kBurst = 2'000;

double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double Seconds(Clock::time_point since) {
  return std::chrono::duration<double>(Clock::now() - since).count();
}

v1::Event AnExchange(uint64_t number) {
  v1::Event event;
  v1::Exchange& exchange = *event.mutable_exchange();
  exchange.set_sequence(number);
  exchange.set_run("20261128-101500-growth");
  exchange.mutable_begin_time()->set_seconds(1'795'000'000);
  exchange.mutable_duration()->set_nanos(1'234'567);
  exchange.mutable_first_byte()->set_nanos(1'034'567);
  exchange.set_address("agent/model:gpt-4o-mini/{messages:[{content:str,role:str}]}#" +
                       std::to_string(number) + "~0@1");
  exchange.add_targets("primary");
  exchange.set_kind(v1::TARGET_KIND_MODEL);
  exchange.set_name("gpt-4o-mini");
  exchange.set_provider("openai");
  exchange.set_route("openai");
  exchange.set_method("POST");
  exchange.set_path("/v1/chat/completions");
  exchange.set_attempt(1);
  exchange.set_status(200);
  exchange.set_upstream_status(200);
  exchange.set_origin(v1::ORIGIN_UPSTREAM);
  exchange.set_end(v1::END_STATE_COMPLETE);
  exchange.mutable_usage()->set_input_tokens(120);
  exchange.mutable_usage()->set_output_tokens(45);
  exchange.set_request_bytes(1024);
  exchange.set_response_bytes(1024);
  exchange.set_upstream_requests(1);
  exchange.set_agent("agent");
  exchange.set_operation(number);
  exchange.mutable_input()->set_begin_step(2 * number);
  exchange.mutable_input()->set_begin_nanos(1'000'000 * static_cast<int64_t>(number));
  exchange.mutable_input()->set_end_step(2 * number + 1);
  exchange.mutable_input()->set_end_nanos(1'000'000 * static_cast<int64_t>(number) + 1);
  exchange.mutable_input()->set_status(200);
  return event;
}

v1::Event AnInjection(uint64_t number, bool delivered) {
  v1::Event event;
  v1::Injection& injection = *event.mutable_injection();
  injection.set_id(number);
  injection.set_run("20261128-101500-growth");
  injection.set_exchange(number);
  injection.set_rule("refuse");
  injection.set_fault("status");
  injection.set_target("primary");
  injection.set_address("agent/model:gpt-4o-mini/{messages:[]}#1~0@1!request");
  injection.set_parameters(R"({"code":503})");
  injection.set_state(delivered ? v1::INJECTION_STATE_DELIVERED : v1::INJECTION_STATE_FIRED);
  injection.mutable_fire_time()->set_seconds(1'795'000'000);
  if (!delivered) return event;
  injection.set_digest_after(std::string(64, 'a'));
  injection.mutable_deliver_time()->set_seconds(1'795'000'000);
  return event;
}

void Append(Journal& journal, v1::Event event) {
  while (!journal.Append(event)) std::this_thread::yield();
}

// CPU microseconds an exchange, for each tenth of them.
void Grow(Journal& journal, uint64_t exchanges) {
  const uint64_t step = exchanges / kSteps;
  std::printf("appending, CPU us an exchange:");
  for (uint64_t number = 0; number < step * kSteps;) {
    const double before = CpuSeconds();
    for (uint64_t i = 0; i < step; ++i) {
      Append(journal, AnExchange(++number));
      if (number % kBurst == 0) journal.Flush().IgnoreError();
    }
    journal.Flush().IgnoreError();
    std::printf(" %.1f", 1e6 * (CpuSeconds() - before) / static_cast<double>(step));
    std::fflush(stdout);
  }
  std::printf("\n");
}

void Inject(Journal& journal, uint64_t injections) {
  const double before = CpuSeconds();
  for (uint64_t number = 1; number <= injections; ++number) {
    Append(journal, AnInjection(number, false));
    Append(journal, AnInjection(number, true));
    if (number % kBurst == 0) journal.Flush().IgnoreError();
  }
  journal.Flush().IgnoreError();
  std::printf("an injection that fires and is delivered: %.1f us of CPU\n",
              1e6 * (CpuSeconds() - before) / static_cast<double>(injections));
}

void Read(Journal& journal) {
  constexpr size_t kPage = 1000;
  const std::string run = "20261128-101500-growth";
  auto began = Clock::now();
  auto page = journal.Exchanges(run, 0, kPage);
  std::printf("first page: %.1f ms\n", 1e3 * Seconds(began));
  began = Clock::now();
  uint64_t read = 0;
  for (uint64_t last = 0; page.ok() && !page->empty(); page = journal.Exchanges(run, last, kPage)) {
    read += page->size();
    last = page->back().sequence();
    // The pages of the old query took longer and longer: nobody waits for all of them.
    if (Seconds(began) > 60) break;
  }
  const double seconds = Seconds(began);
  std::printf("page by page: %llu exchanges in %.1f s, %.0f a second\n",
              static_cast<unsigned long long>(read), seconds, static_cast<double>(read) / seconds);
  began = Clock::now();
  const auto injections = journal.Injections(run);
  std::printf("injections: %zu in %.0f ms\n", injections.ok() ? injections->size() : 0,
              1e3 * Seconds(began));
}

}  // namespace
}  // namespace murphy::journal

int main(int argc, char** argv) {
  using murphy::journal::Journal;
  if (argc != 3) return 2;
  const std::string path = std::string(argv[1]) + "/growth.db";
  const uint64_t exchanges = std::strtoull(argv[2], nullptr, 10);
  auto journal = Journal::Open(path, {});
  if (!journal.ok()) {
    std::fprintf(stderr, "%s\n", std::string(journal.status().message()).c_str());
    return 1;
  }
  murphy::journal::Grow(**journal, exchanges);
  const double bytes = static_cast<double>(std::filesystem::file_size(path));
  std::printf("bytes an exchange: %.0f\n", bytes / static_cast<double>(exchanges));
  murphy::journal::Inject(**journal, exchanges / 10);
  murphy::journal::Read(**journal);
  return 0;
}
