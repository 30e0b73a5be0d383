// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "murphy/v1/fault.pb.h"

namespace murphy::dialect {

// Errors of services without a house style: HTTP status, JSON-RPC code, a word for programs, a
// sentence for people.
struct PlainErrorRow {
  v1::ErrorKind kind;
  int status;
  int rpc_code;
  std::string_view code;
  std::string_view message;
};

inline constexpr PlainErrorRow kPlainErrors[] = {
    {v1::ERROR_KIND_SERVER_ERROR, 500, -32603, "internal_error", "Internal server error"},
    {v1::ERROR_KIND_RATE_LIMITED, 429, -32000, "rate_limited", "Rate limit exceeded"},
    {v1::ERROR_KIND_QUOTA_EXHAUSTED, 402, -32000, "quota_exhausted", "Quota exhausted"},
    {v1::ERROR_KIND_OVERLOADED, 503, -32000, "overloaded", "Server is overloaded"},
    {v1::ERROR_KIND_UNAUTHENTICATED, 401, -32000, "unauthorized", "Invalid credentials"},
    {v1::ERROR_KIND_KEY_EXPIRED, 401, -32000, "token_expired", "The access token expired"},
    {v1::ERROR_KIND_FORBIDDEN, 403, -32000, "forbidden", "Permission denied"},
    {v1::ERROR_KIND_MODEL_NOT_FOUND, 404, -32601, "not_found", "Not found"},
    {v1::ERROR_KIND_CONTEXT_TOO_LONG, 400, -32602, "too_long", "Input is too long"},
    {v1::ERROR_KIND_CONTENT_FILTERED, 400, -32602, "rejected", "Content rejected by policy"},
    {v1::ERROR_KIND_TOO_LARGE, 413, -32600, "payload_too_large", "Request body too large"},
    {v1::ERROR_KIND_INVALID_REQUEST, 400, -32602, "invalid_request", "Invalid request"},
    {v1::ERROR_KIND_CONFLICT, 409, -32000, "conflict", "Conflict with the current state"},
    {v1::ERROR_KIND_TIMEOUT, 504, -32001, "timeout", "Request timed out"},
    {v1::ERROR_KIND_UNAVAILABLE, 503, -32000, "unavailable", "Service unavailable"},
};

// The same for the failures of a tool.
struct ToolErrorRow {
  v1::ToolErrorKind kind;
  int status;
  int rpc_code;
  std::string_view code;
  std::string_view message;
};

inline constexpr ToolErrorRow kToolErrors[] = {
    {v1::TOOL_ERROR_KIND_INTERNAL, 500, -32603, "internal_error", "Internal error"},
    {v1::TOOL_ERROR_KIND_TIMEOUT, 504, -32001, "timeout", "The operation timed out"},
    {v1::TOOL_ERROR_KIND_NOT_FOUND, 404, -32602, "not_found", "Resource not found"},
    {v1::TOOL_ERROR_KIND_AUTH, 401, -32000, "unauthorized", "Invalid or expired credentials"},
    {v1::TOOL_ERROR_KIND_VALIDATION, 422, -32602, "validation_error", "Invalid arguments"},
    {v1::TOOL_ERROR_KIND_RATE, 429, -32000, "rate_limited", "Rate limit exceeded"},
};

// `-32002`: resource not found, up to revision 2025-11-25; later -32602.
inline constexpr int kLegacyNotFound = -32002;

}  // namespace murphy::dialect
