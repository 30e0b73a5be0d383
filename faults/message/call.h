// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "murphy/v1/scenario.pb.h"

namespace murphy::message {

// What a request asks for, whatever its dialect.
struct Call {
  v1::TargetKind kind = v1::TARGET_KIND_HTTP;
  // `openai`, `anthropic`, `mcp`, `http`.
  std::string provider;
  // Model as it is asked for; tool as `ROUTE.TOOL`; MCP method; HTTP `ROUTE.PATH.SEGMENTS`.
  std::string name;
  bool stream = false;
  // Sorted argument paths with JSON types, or method and templated path: never values.
  std::string shape;
  // Of method, path and body, JSON-RPC `id` and `_meta` left out; no headers. Equal for retries,
  // and for bodies that differ in nothing but their spelling.
  std::string digest;
  // SDK or framework that sent it, such as `openai-python` or `ai-sdk`; empty when unknown.
  std::string client;
  // The JSON-RPC id as it is written, quotes included; empty where there is none.
  std::string rpc_id;
  // Protocol revision that an MCP request names, such as `2026-07-28`; empty otherwise.
  std::string mcp_version;
  // Arguments of a tool call as JSON text; empty otherwise.
  std::string arguments;
  // Tokens of the request, estimated from its length.
  uint64_t estimated_tokens = 0;
  // Traces, metrics and logs of the agent's own: never a target.
  bool telemetry = false;
  // The body could not be read; only the head is known.
  bool unclassified = false;
};

}  // namespace murphy::message
