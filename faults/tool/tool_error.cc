// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "faults/fault.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"

namespace murphy {
namespace {

class ToolError final : public Fault {
 public:
  explicit ToolError(const v1::ToolErrorFault& spec) : spec_(spec) {}

  Stage stage() const override { return Stage::kPreCommit; }
  bool terminal() const override { return true; }

  RequestActions OnRequest(const RequestInput& input, Scope&) const override {
    std::optional<message::Response> response = input.dialect.ToolFailure(spec_, input.call);
    if (!response) {
      return NoOp(
          "this exchange is not a tool call, or its protocol cannot say the failure this way");
    }
    return {{action::Respond{*std::move(response)}}, {}};
  }

  std::string Parameters(const Scope&) const override {
    return boost::json::serialize(boost::json::object{{"kind", EnumText(spec_.kind())},
                                                      {"channel", EnumText(spec_.channel())}});
  }

 private:
  v1::ToolErrorFault spec_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::ToolErrorFault& fault) {
  return std::make_unique<ToolError>(fault);
}

}  // namespace murphy
