// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedules/planner/cron.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

// Any text gives an expression whose planned times grow and match it, or a mistake inside the text.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using murphy::schedules::Cron;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Cron cron;
  if (const auto mistake = murphy::schedules::ParseCron(text, cron)) {
    if (mistake->column < 1 || mistake->column > size + 1 || mistake->message.empty()) std::abort();
    return 0;
  }
  if (cron.minutes.none() || cron.hours.none() || cron.days.none() || cron.months.none() ||
      cron.weekdays.none()) {
    std::abort();
  }
  const absl::TimeZone utc = absl::UTCTimeZone();
  absl::Time time = absl::FromUnixSeconds(1'774'000'000);
  for (int i = 0; i < 3; ++i) {
    const absl::Time next = murphy::schedules::NextPlanned(cron, utc, time);
    if (next <= time) std::abort();
    if (next == absl::InfiniteFuture()) break;
    const absl::CivilSecond local = absl::ToCivilSecond(next, utc);
    if (!cron.MatchesDay(absl::CivilDay(local)) || !cron.minutes[local.minute()]) std::abort();
    time = next;
  }
  return 0;
}
