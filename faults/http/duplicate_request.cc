// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json.hpp>

#include "faults/fault.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"
#include "proto/time.h"

namespace murphy {
namespace {

class DuplicateRequest final : public Fault {
 public:
  explicit DuplicateRequest(const v1::DuplicateRequestFault& spec)
      : copies_{.copies = std::max(2u, spec.copies()),
                .gap = FromProto(spec.gap()),
                .answer = std::clamp(spec.answer(), 1u, std::max(2u, spec.copies()))} {}

  Stage stage() const override { return Stage::kPreCommit; }

  RequestActions OnRequest(const RequestInput& input, Scope&) const override {
    if (!input.request.body_complete) {
      return NoOp("the request was too large to hold, so it cannot be sent again");
    }
    return {{copies_}, {}};
  }

  std::string Parameters(const Scope&) const override {
    return boost::json::serialize(boost::json::object{{"copies", copies_.copies},
                                                      {"gap", DurationText(copies_.gap)},
                                                      {"answer", copies_.answer}});
  }

 private:
  action::ForwardCopies copies_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::DuplicateRequestFault& fault) {
  return std::make_unique<DuplicateRequest>(fault);
}

}  // namespace murphy
