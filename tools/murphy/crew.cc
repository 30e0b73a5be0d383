// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/crew.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace murphy::cli {
namespace {

struct Crew {
  const uint32_t jobs;
  const std::function<bool()>& more;
  const std::function<void(uint32_t)>& job;

  std::mutex mutex;
  uint32_t next = 0;
  std::exception_ptr failure;

  void Work() {
    while (true) {
      uint32_t mine = 0;
      {
        const std::lock_guard lock(mutex);
        if (failure || next == jobs || !more()) return;
        mine = next++;
      }
      try {
        job(mine);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
      }
    }
  }
};

}  // namespace

void DoTogether(uint32_t jobs, uint32_t hands, const std::function<bool()>& more,
                const std::function<void(uint32_t)>& job) {
  Crew crew{.jobs = jobs, .more = more, .job = job};
  {
    std::vector<std::jthread> others;
    for (uint32_t i = 1; i < std::min(hands, jobs); ++i)
      others.emplace_back([&crew] { crew.Work(); });
    crew.Work();
  }
  if (crew.failure) std::rethrow_exception(crew.failure);
}

}  // namespace murphy::cli
