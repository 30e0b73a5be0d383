// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "murphy/v1/fault.pb.h"

namespace murphy::dialect {

// `x-should-retry`, which the SDKs obey.
enum class ShouldRetry { kUnsaid, kYes, kNo };

// Who answers: the API, or the edge in front of it, which leaves out the envelope's type and the
// request id.
enum class AnthropicSource { kApi, kEdge };

// Anthropic's errors as data. Placeholders: {model}, {organization}, {limit}, {unit}, {tokens}.
struct AnthropicErrorRow {
  v1::ErrorKind kind;
  int status;
  std::string_view type;
  ShouldRetry should_retry;
  AnthropicSource source;
  std::string_view message;
};

inline constexpr AnthropicErrorRow kAnthropicErrors[] = {
    {v1::ERROR_KIND_SERVER_ERROR, 500, "api_error", ShouldRetry::kUnsaid, AnthropicSource::kApi,
     "Internal server error"},
    {v1::ERROR_KIND_RATE_LIMITED, 429, "rate_limit_error", ShouldRetry::kYes, AnthropicSource::kApi,
     "This request would exceed your organization's rate limit of {limit} {unit} per minute (org: "
     "{organization}, model: {model}). For details, refer to: "
     "https://docs.claude.com/en/api/rate-limits. You can see the response headers for current "
     "usage. Please reduce the prompt length or the maximum tokens requested, or try again later. "
     "You may also contact sales at https://claude.com/contact-sales to discuss your options for a "
     "rate limit increase."},
    {v1::ERROR_KIND_QUOTA_EXHAUSTED, 400, "invalid_request_error", ShouldRetry::kNo,
     AnthropicSource::kApi,
     "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to "
     "upgrade or purchase credits."},
    {v1::ERROR_KIND_OVERLOADED, 529, "overloaded_error", ShouldRetry::kYes, AnthropicSource::kApi,
     "Overloaded"},
    {v1::ERROR_KIND_UNAUTHENTICATED, 401, "authentication_error", ShouldRetry::kNo,
     AnthropicSource::kApi, "invalid x-api-key"},
    {v1::ERROR_KIND_KEY_EXPIRED, 401, "authentication_error", ShouldRetry::kNo,
     AnthropicSource::kApi,
     "OAuth token has expired. Please obtain a new token or refresh your existing token."},
    {v1::ERROR_KIND_FORBIDDEN, 403, "forbidden", ShouldRetry::kUnsaid, AnthropicSource::kEdge,
     "Request not allowed"},
    {v1::ERROR_KIND_MODEL_NOT_FOUND, 404, "not_found_error", ShouldRetry::kUnsaid,
     AnthropicSource::kApi, "model: {model}"},
    {v1::ERROR_KIND_CONTEXT_TOO_LONG, 400, "invalid_request_error", ShouldRetry::kNo,
     AnthropicSource::kApi, "prompt is too long: {tokens} tokens > 200000 maximum"},
    {v1::ERROR_KIND_CONTENT_FILTERED, 400, "invalid_request_error", ShouldRetry::kNo,
     AnthropicSource::kApi, "Output blocked by content filtering policy"},
    {v1::ERROR_KIND_TOO_LARGE, 413, "request_too_large", ShouldRetry::kUnsaid,
     AnthropicSource::kEdge, "Request exceeds the maximum size"},
    {v1::ERROR_KIND_INVALID_REQUEST, 400, "invalid_request_error", ShouldRetry::kNo,
     AnthropicSource::kApi, "messages.0: Input does not match the expected shape."},
    // No recording is known of the next three rows.
    {v1::ERROR_KIND_CONFLICT, 409, "conflict_error", ShouldRetry::kUnsaid, AnthropicSource::kApi,
     "Conflict"},
    {v1::ERROR_KIND_TIMEOUT, 504, "timeout_error", ShouldRetry::kUnsaid, AnthropicSource::kApi,
     "Request timed out"},
    {v1::ERROR_KIND_UNAVAILABLE, 503, "api_error", ShouldRetry::kUnsaid, AnthropicSource::kApi,
     "Service temporarily unavailable"},
};

}  // namespace murphy::dialect
