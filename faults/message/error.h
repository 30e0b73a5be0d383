// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "murphy/v1/fault.pb.h"

namespace murphy::message {

// State of a limit, for headers that count down.
struct LimitState {
  uint64_t limit = 0;
  uint64_t remaining = 0;
  absl::Duration reset;
};

// An error that a provider is to state.
struct ErrorSpec {
  v1::ErrorKind kind = v1::ERROR_KIND_SERVER_ERROR;
  // Instead of the provider's own text.
  std::optional<std::string> message;
  // The delay that is stated, and how. `kBody` puts it into the text only.
  std::optional<absl::Duration> retry_after;
  v1::RetryAfterForm retry_after_form = v1::RETRY_AFTER_FORM_SECONDS;
  std::optional<LimitState> requests;
  std::optional<LimitState> tokens;
  // The answer that states it is a stream: some providers leave limits out there.
  bool streamed = false;
  // Wall-clock time, for date headers.
  absl::Time wall;
};

// How a tool's failure reaches its caller.
enum class ToolChannel {
  kNative,   // as the protocol lets a tool fail: a result that says so, or an HTTP status
  kJsonRpc,  // a JSON-RPC error, which client code sees and a model does not
  kHttp,     // an HTTP status, whatever the protocol
};

// A failure that a tool is to state.
struct ToolError {
  v1::ToolErrorKind kind = v1::TOOL_ERROR_KIND_INTERNAL;
  // Instead of the usual text.
  std::optional<std::string> message;
  ToolChannel channel = ToolChannel::kNative;
};

}  // namespace murphy::message
