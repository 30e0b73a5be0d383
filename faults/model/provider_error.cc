// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "faults/fault.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"
#include "proto/time.h"

namespace murphy {
namespace {

class ProviderError final : public Fault {
 public:
  explicit ProviderError(const v1::ProviderErrorFault& spec) : spec_(spec) {}

  Stage stage() const override { return Stage::kPreCommit; }
  bool terminal() const override { return true; }

  RequestActions OnRequest(const RequestInput& input, Scope& scope) const override {
    message::ErrorSpec error{.kind = spec_.kind(), .wall = scope.now.wall};
    if (spec_.has_message()) {
      error.message = spec_.message();
    }
    if (spec_.has_retry_after()) {
      error.retry_after = FromProto(spec_.retry_after());
    }
    message::Response response = input.dialect.Error(error, input.call, scope.draw);
    if (response == message::Response()) {
      return NoOp("this protocol has no such error");
    }
    return {{action::Respond{std::move(response)}}, {}};
  }

  std::string Parameters(const Scope&) const override {
    boost::json::object parameters{{"kind", EnumText(spec_.kind())}};
    if (spec_.has_retry_after()) {
      parameters["retry_after"] = DurationText(FromProto(spec_.retry_after()));
    }
    return boost::json::serialize(parameters);
  }

 private:
  v1::ProviderErrorFault spec_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::ProviderErrorFault& fault) {
  return std::make_unique<ProviderError>(fault);
}

}  // namespace murphy
