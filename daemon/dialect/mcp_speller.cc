// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/limits.h"
#include "daemon/dialect/mcp.h"
#include "daemon/dialect/plain_errors.h"
#include "faults/message/sse.h"

namespace murphy::dialect {

message::Response McpDialect::Error(const message::ErrorSpec& error, const message::Call& call,
                                    const Draw&) const {
  return McpResponse(error, call);
}

std::string McpDialect::ErrorEvents(const message::ErrorSpec& error, const message::Call& call,
                                    const std::vector<message::Part>&, const Draw&) const {
  if (call.rpc_id.empty()) return "";
  return message::FormatEvent("message", RpcError(error, call));
}

std::vector<message::Header> McpDialect::LimitHeaders(const message::ErrorSpec& limits) const {
  return PlainLimits(limits);
}

std::optional<message::Response> McpDialect::Failure(const message::ToolError& error,
                                                     const message::Call& call) const {
  if (call.kind != v1::TARGET_KIND_TOOL) return std::nullopt;
  if (error.channel == message::ToolChannel::kHttp) return HttpToolFailure(error);
  return McpToolFailure(error, call);
}

}  // namespace murphy::dialect
