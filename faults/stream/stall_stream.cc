// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json.hpp>

#include "faults/fault.h"
#include "faults/stream/position.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"
#include "proto/time.h"

namespace murphy {
namespace {

constexpr absl::Duration kKeepAliveEvery = absl::Seconds(5);
constexpr absl::Duration kLongest = absl::Hours(24);

class StallStream final : public Fault {
 public:
  explicit StallStream(const v1::StallStreamFault& spec)
      : position_(spec.position()),
        duration_(std::min(FromProto(spec.duration()), kLongest)),
        keep_alive_(spec.keep_alive()) {}

  Stage stage() const override { return Stage::kStream; }
  Needs needs() const override { return position_.needs(); }
  std::unique_ptr<ExchangeState> NewExchangeState() const override {
    return std::make_unique<StreamState>();
  }

  EventActions OnEvent(const EventInput& input, Scope& scope) const override {
    const std::optional<size_t> reached =
        position_.Reached(input, static_cast<StreamState&>(*scope.state));
    if (!reached) {
      return {};
    }
    if (duration_ <= absl::ZeroDuration()) {
      return NoOp("the stall lasts no time");
    }
    // A comment inside an event would break it.
    const size_t before = keep_alive_ ? 0 : *reached;
    EventActions actions;
    if (before > 0) {
      actions.list.push_back(action::Emit{{.raw = input.part.raw.substr(0, before)}});
    }
    Wait(actions.list);
    if (before > 0) {
      message::Part rest = input.part;
      rest.raw.erase(0, before);
      actions.list.push_back(action::Emit{std::move(rest)});
      actions.list.push_back(action::Drop{});
    }
    return actions;
  }

  EventActions OnEnd(Scope& scope) const override { return position_.AtEnd(scope); }

  std::string Parameters(const Scope&) const override {
    return boost::json::serialize(boost::json::object{{"position", position_.Describe()},
                                                      {"duration", DurationText(duration_)},
                                                      {"keep_alive", keep_alive_}});
  }

 private:
  void Wait(std::vector<EventAction>& list) const {
    absl::Duration left = duration_;
    for (; keep_alive_ && left > kKeepAliveEvery; left -= kKeepAliveEvery) {
      list.push_back(action::Delay{kKeepAliveEvery});
      list.push_back(action::Emit{{.raw = ": keep-alive\n\n"}});
    }
    list.push_back(action::Delay{left});
  }

  StreamPosition position_;
  absl::Duration duration_;
  bool keep_alive_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::StallStreamFault& fault) {
  return std::make_unique<StallStream>(fault);
}

}  // namespace murphy
