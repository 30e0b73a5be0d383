// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/http.h"
#include "daemon/dialect/limits.h"
#include "daemon/dialect/plain_errors.h"

namespace murphy::dialect {

message::Response HttpDialect::Error(const message::ErrorSpec& error, const message::Call&,
                                     const Draw&) const {
  return PlainResponse(error);
}

std::vector<message::Header> HttpDialect::LimitHeaders(const message::ErrorSpec& limits) const {
  return PlainLimits(limits);
}

std::optional<message::Response> HttpDialect::Failure(const message::ToolError& error,
                                                      const message::Call& call) const {
  if (call.kind != v1::TARGET_KIND_TOOL) return std::nullopt;
  if (error.channel == message::ToolChannel::kJsonRpc) return std::nullopt;
  return HttpToolFailure(error);
}

}  // namespace murphy::dialect
