// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "faults/fault.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"

namespace murphy {
namespace {

class ResetConnection final : public Fault {
 public:
  explicit ResetConnection(const v1::ResetFault& spec)
      : point_(spec.point()), bytes_(spec.bytes()) {}

  Stage stage() const override {
    return point_ == v1::RESET_POINT_REQUEST ? Stage::kPreCommit : Stage::kPostCommit;
  }
  bool terminal() const override { return true; }

  RequestActions OnRequest(const RequestInput&, Scope&) const override {
    return point_ == v1::RESET_POINT_REQUEST ? RequestActions{{action::Reset{}}, {}}
                                             : RequestActions();
  }

  AnswerActions OnResponse(const ResponseInput&, Scope&) const override {
    if (point_ == v1::RESET_POINT_RESPONSE) {
      return {{action::DiscardAnswer{}, action::Reset{}}, {}};
    }
    if (point_ != v1::RESET_POINT_BODY) return {};
    return {{action::CutBody{.keep = bytes_, .end = action::CutBody::End::kReset}}, {}};
  }

  std::string Parameters(const Scope&) const override {
    boost::json::object parameters{{"point", EnumText(point_)}};
    if (point_ == v1::RESET_POINT_BODY) {
      parameters["bytes"] = bytes_;
    }
    return boost::json::serialize(parameters);
  }

 private:
  v1::ResetPoint point_;
  uint64_t bytes_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::ResetFault& fault) {
  return std::make_unique<ResetConnection>(fault);
}

}  // namespace murphy
