// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "faults/fault.h"
#include "faults/message/sse.h"
#include "faults/stream/position.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"

namespace murphy {
namespace {

class ErrorEvent final : public Fault {
 public:
  explicit ErrorEvent(const v1::ErrorEventFault& spec) : spec_(spec), position_(spec.position()) {}

  Stage stage() const override { return Stage::kStream; }
  Needs needs() const override {
    Needs needs = position_.needs();
    needs.sent = true;
    return needs;
  }
  std::unique_ptr<ExchangeState> NewExchangeState() const override {
    return std::make_unique<StreamState>();
  }

  EventActions OnEvent(const EventInput& input, Scope& scope) const override {
    // An error is an event of its own: a position inside an event means before it.
    if (!position_.Reached(input, static_cast<StreamState&>(*scope.state))) {
      return {};
    }
    message::ErrorSpec error{.kind = spec_.kind(), .wall = scope.now.wall};
    if (spec_.has_message()) {
      error.message = spec_.message();
    }
    const std::string events = input.dialect.ErrorEvents(error, input.call, input.sent, scope.draw);
    if (events.empty()) {
      return NoOp("this protocol has no error event inside a stream");
    }
    EventActions actions;
    for (message::Part& part : message::SseScanner().Feed(events))
      actions.list.push_back(action::Emit{std::move(part)});
    actions.list.push_back(action::EndStream{});
    return actions;
  }

  EventActions OnEnd(Scope& scope) const override { return position_.AtEnd(scope); }

  std::string Parameters(const Scope&) const override {
    return boost::json::serialize(
        boost::json::object{{"kind", EnumText(spec_.kind())}, {"position", position_.Describe()}});
  }

 private:
  v1::ErrorEventFault spec_;
  StreamPosition position_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::ErrorEventFault& fault) {
  return std::make_unique<ErrorEvent>(fault);
}

}  // namespace murphy
