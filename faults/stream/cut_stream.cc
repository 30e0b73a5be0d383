// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "faults/fault.h"
#include "faults/stream/position.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"

namespace murphy {
namespace {

class CutStream final : public Fault {
 public:
  explicit CutStream(const v1::CutStreamFault& spec)
      : how_(spec.how()), position_(spec.position()) {}

  Stage stage() const override { return Stage::kStream; }
  Needs needs() const override { return position_.needs(); }
  std::unique_ptr<ExchangeState> NewExchangeState() const override {
    return std::make_unique<StreamState>();
  }

  EventActions OnEvent(const EventInput& input, Scope& scope) const override {
    std::optional<size_t> keep = position_.Reached(input, static_cast<StreamState&>(*scope.state));
    if (!keep) {
      return {};
    }
    if (how_ == v1::CUT_MODE_HALF_EVENT && *keep == 0) {
      keep = input.part.raw.size() / 2;
    }
    EventActions actions;
    if (*keep > 0) {
      actions.list.push_back(action::Emit{{.raw = input.part.raw.substr(0, *keep)}});
    }
    if (how_ == v1::CUT_MODE_RESET) {
      actions.list.push_back(action::Reset{});
    } else {
      actions.list.push_back(action::EndStream{});
    }
    return actions;
  }

  EventActions OnEnd(Scope& scope) const override { return position_.AtEnd(scope); }

  std::string Parameters(const Scope&) const override {
    return boost::json::serialize(
        boost::json::object{{"position", position_.Describe()}, {"how", EnumText(how_)}});
  }

 private:
  v1::CutMode how_;
  StreamPosition position_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::CutStreamFault& fault) {
  return std::make_unique<CutStream>(fault);
}

}  // namespace murphy
