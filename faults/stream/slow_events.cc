// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json.hpp>

#include "faults/fault.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"
#include "proto/time.h"

namespace murphy {
namespace {

struct Paced : ExchangeState {
  bool began = false;
  bool delayed = false;
  // When the next event may go out, for a rate.
  absl::Duration next;
};

class SlowEvents final : public Fault {
 public:
  explicit SlowEvents(const v1::SlowEventsFault& spec) : spec_(spec) {}

  Stage stage() const override { return Stage::kStream; }
  Needs needs() const override { return {.events = true}; }
  std::unique_ptr<ExchangeState> NewExchangeState() const override {
    return std::make_unique<Paced>();
  }

  EventActions OnEvent(const EventInput& input, Scope& scope) const override {
    auto& paced = static_cast<Paced&>(*scope.state);
    const double vary = 1 + spec_.jitter() * (2 * scope.draw.Unit("jitter", input.events) - 1);
    absl::Duration wait;
    if (spec_.pace_case() == v1::SlowEventsFault::kEventsPerSecond) {
      const absl::Duration now = scope.now.run;
      // What arrives slowly by itself is not slowed further; the first event goes out as it comes.
      wait = paced.began ? std::max(absl::ZeroDuration(), paced.next - now) : absl::ZeroDuration();
      paced.next = now + wait + Microseconds(vary / std::max(spec_.events_per_second(), 1e-3));
    } else {
      wait = Microseconds(vary * absl::ToDoubleSeconds(FromProto(spec_.delay())));
    }
    paced.began = true;
    if (wait <= absl::ZeroDuration()) {
      return {};
    }
    paced.delayed = true;
    return {{action::Delay{wait}}, {}};
  }

  EventActions OnEnd(Scope& scope) const override {
    const auto& paced = static_cast<const Paced&>(*scope.state);
    if (paced.delayed) {
      return {};
    }
    return NoOp(paced.began ? "no event had to wait: the stream was not faster than the pace"
                            : "the answer was not a stream of events");
  }

  std::string Parameters(const Scope&) const override {
    boost::json::object parameters{{"jitter", spec_.jitter()}};
    if (spec_.pace_case() == v1::SlowEventsFault::kEventsPerSecond) {
      parameters["events_per_second"] = spec_.events_per_second();
    } else {
      parameters["delay"] = DurationText(FromProto(spec_.delay()));
    }
    return boost::json::serialize(parameters);
  }

 private:
  static absl::Duration Microseconds(double seconds) {
    return absl::Microseconds(static_cast<int64_t>(seconds * 1e6));
  }

  v1::SlowEventsFault spec_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::SlowEventsFault& fault) {
  return std::make_unique<SlowEvents>(fault);
}

}  // namespace murphy
