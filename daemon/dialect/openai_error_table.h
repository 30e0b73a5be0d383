// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "murphy/v1/fault.pb.h"

namespace murphy::dialect {

// OpenAI's errors as data. Placeholders: {model}, {organization}, {limit}, {used}, {requested},
// {wait}, {window}, {tokens}, {request_id}, {hex}, {key}. `chat` and `responses` say which API a
// row is for; the first row that fits holds.
struct OpenAiErrorRow {
  v1::ErrorKind kind;
  bool chat;
  bool responses;
  int status;
  bool gateway;
  std::string_view type;
  std::string_view code;
  std::string_view param;
  std::string_view message;
};

// Which limit a refusal names.
inline constexpr OpenAiErrorRow kOpenAiRequestLimit = {
    v1::ERROR_KIND_RATE_LIMITED,
    true,
    true,
    429,
    true,
    "requests",
    "rate_limit_exceeded",
    "",
    "Rate limit reached for {model} in organization {organization} on requests per min (RPM): "
    "Limit {limit}, Used {used}, Requested 1. Please try again in {wait}. Visit "
    "https://platform.openai.com/account/rate-limits to learn more."};

inline constexpr OpenAiErrorRow kOpenAiTokenLimit = {
    v1::ERROR_KIND_RATE_LIMITED,
    true,
    true,
    429,
    true,
    "tokens",
    "rate_limit_exceeded",
    "",
    "Rate limit reached for {model} in organization {organization} on tokens per min (TPM): "
    "Limit {limit}, Used {used}, Requested {requested}. Please try again in {wait}. Visit "
    "https://platform.openai.com/account/rate-limits to learn more."};

inline constexpr OpenAiErrorRow kOpenAiErrors[] = {
    {v1::ERROR_KIND_QUOTA_EXHAUSTED, true, true, 429, true, "insufficient_quota",
     "insufficient_quota", "",
     "You exceeded your current quota, please check your plan and billing details. For more "
     "information on this error, read the docs: "
     "https://platform.openai.com/docs/guides/error-codes/api-errors."},
    {v1::ERROR_KIND_OVERLOADED, true, true, 503, false, "service_unavailable_error",
     "server_is_overloaded", "", "Our servers are currently overloaded. Please try again later."},
    {v1::ERROR_KIND_UNAUTHENTICATED, true, true, 401, true, "invalid_request_error",
     "invalid_api_key", "",
     "Incorrect API key provided: {key}. You can find your API key at "
     "https://platform.openai.com/account/api-keys."},
    // A revoked or expired key is answered like a wrong one.
    {v1::ERROR_KIND_KEY_EXPIRED, true, true, 401, true, "invalid_request_error", "invalid_api_key",
     "",
     "Incorrect API key provided: {key}. You can find your API key at "
     "https://platform.openai.com/account/api-keys."},
    {v1::ERROR_KIND_FORBIDDEN, true, true, 403, true, "request_forbidden",
     "unsupported_country_region_territory", "", "Country, region, or territory not supported"},
    {v1::ERROR_KIND_MODEL_NOT_FOUND, false, true, 400, false, "invalid_request_error",
     "model_not_found", "model", "The requested model '{model}' does not exist."},
    {v1::ERROR_KIND_MODEL_NOT_FOUND, true, false, 404, true, "invalid_request_error",
     "model_not_found", "", "The model `{model}` does not exist or you do not have access to it."},
    {v1::ERROR_KIND_CONTEXT_TOO_LONG, false, true, 400, false, "invalid_request_error",
     "context_length_exceeded", "input",
     "Your input exceeds the context window of this model. Please adjust your input and try "
     "again."},
    {v1::ERROR_KIND_CONTEXT_TOO_LONG, true, false, 400, false, "invalid_request_error",
     "context_length_exceeded", "messages",
     "This model's maximum context length is {window} tokens. However, your messages resulted in "
     "{tokens} tokens. Please reduce the length of the messages."},
    {v1::ERROR_KIND_CONTENT_FILTERED, true, true, 400, false, "invalid_request_error",
     "invalid_prompt", "",
     "Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please "
     "try again with a different prompt: "
     "https://platform.openai.com/docs/guides/reasoning#advice-on-prompting"},
    // No recording is known of the next row.
    {v1::ERROR_KIND_TOO_LARGE, true, true, 413, true, "invalid_request_error", "", "",
     "Request body too large."},
    {v1::ERROR_KIND_INVALID_REQUEST, true, true, 400, false, "invalid_request_error",
     "unsupported_parameter", "temperature",
     "Unsupported parameter: 'temperature' is not supported with this model."},
    // No recording is known of the next two rows.
    {v1::ERROR_KIND_CONFLICT, true, true, 409, false, "invalid_request_error",
     "conversation_locked", "",
     "Another process is currently operating on this conversation. Please retry in a few "
     "seconds."},
    {v1::ERROR_KIND_TIMEOUT, true, true, 408, false, "server_error", "", "", "Request timed out."},
    {v1::ERROR_KIND_UNAVAILABLE, true, true, 503, false, "server_error", "", "",
     "That model is currently overloaded with other requests. You can retry your request, or "
     "contact us through our help center at help.openai.com if the error persists. (Please include "
     "the request ID {hex} in your message.)"},
    {v1::ERROR_KIND_SERVER_ERROR, false, true, 500, false, "server_error", "server_error", "",
     "An error occurred while processing your request. You can retry your request, or contact us "
     "through our help center at help.openai.com if the error persists. Please include the request "
     "ID {request_id} in your message."},
    {v1::ERROR_KIND_SERVER_ERROR, true, false, 500, false, "server_error", "", "",
     "The server had an error while processing your request. Sorry about that!"},
};

}  // namespace murphy::dialect
