// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "faults/message/dialect.h"

namespace murphy::dialect {

// Whether a call is of the stateless era of MCP (revision 2026-07-28 and later).
bool IsStatelessMcp(const message::Call& call);

// An error of a service without a house style, as HTTP.
message::Response PlainResponse(const message::ErrorSpec& error);

// The same from an MCP server: an HTTP status with a JSON-RPC error in the body.
message::Response McpResponse(const message::ErrorSpec& error, const message::Call& call);

// A JSON-RPC error message.
std::string RpcError(const message::ErrorSpec& error, const message::Call& call);

// A tool's failure as HTTP, as an MCP result with `isError`, or as a JSON-RPC error.
message::Response HttpToolFailure(const message::ToolError& error);
message::Response McpToolFailure(const message::ToolError& error, const message::Call& call);

}  // namespace murphy::dialect
