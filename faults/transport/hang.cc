// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "faults/fault.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"
#include "proto/time.h"

namespace murphy {
namespace {

class HangRequest final : public Fault {
 public:
  explicit HangRequest(const v1::HangFault& spec) {
    if (spec.has_duration()) {
      duration_ = FromProto(spec.duration());
    }
  }

  Stage stage() const override { return Stage::kPreCommit; }
  bool terminal() const override { return true; }

  RequestActions OnRequest(const RequestInput&, Scope&) const override {
    return {{action::Hang{duration_}}, {}};
  }

  std::string Parameters(const Scope&) const override {
    boost::json::object parameters;
    if (duration_) {
      parameters["duration"] = DurationText(*duration_);
    }
    return boost::json::serialize(parameters);
  }

 private:
  std::optional<absl::Duration> duration_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::HangFault& fault) {
  return std::make_unique<HangRequest>(fault);
}

}  // namespace murphy
