// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "faults/fault.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"

namespace murphy {
namespace {

message::ToolChannel ChannelOf(v1::ToolErrorChannel channel) {
  return channel == v1::TOOL_ERROR_CHANNEL_JSON_RPC ? message::ToolChannel::kJsonRpc
         : channel == v1::TOOL_ERROR_CHANNEL_HTTP   ? message::ToolChannel::kHttp
                                                    : message::ToolChannel::kNative;
}

class ToolError final : public Fault {
 public:
  explicit ToolError(const v1::ToolErrorFault& spec) : spec_(spec) {}

  Stage stage() const override { return Stage::kPreCommit; }
  bool terminal() const override { return true; }

  RequestActions OnRequest(const RequestInput& input, Scope&) const override {
    message::ToolError error{.kind = spec_.kind(), .channel = ChannelOf(spec_.channel())};
    if (spec_.has_message()) {
      error.message = spec_.message();
    }
    std::optional<message::Response> response = input.dialect.Failure(error, input.call);
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
