// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/plain_errors.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "daemon/dialect/limits.h"
#include "daemon/dialect/plain_error_table.h"
#include "daemon/dialect/text.h"
#include "faults/message/json_edit.h"

namespace murphy::dialect {
namespace {

using message::Call;
using message::ErrorSpec;
using message::Header;
using message::QuoteJson;
using message::Response;

constexpr std::string_view kStatelessEra = "2026-07-28";

const PlainErrorRow& FindRow(v1::ErrorKind kind) {
  const auto row =
      std::find_if(std::begin(kPlainErrors), std::end(kPlainErrors),
                   [kind](const PlainErrorRow& candidate) { return candidate.kind == kind; });
  return row != std::end(kPlainErrors) ? *row : kPlainErrors[0];
}

const ToolErrorRow& FindRow(v1::ToolErrorKind kind) {
  const auto row =
      std::find_if(std::begin(kToolErrors), std::end(kToolErrors),
                   [kind](const ToolErrorRow& candidate) { return candidate.kind == kind; });
  return row != std::end(kToolErrors) ? *row : kToolErrors[0];
}

std::string TextOf(const message::ToolError& error, const ToolErrorRow& row) {
  return error.message.value_or(std::string(row.message));
}

std::string PlainBody(std::string_view code, std::string_view text) {
  return Concat("{\"error\":{\"code\":", QuoteJson(code), ",\"message\":", QuoteJson(text), "}}");
}

std::string RpcBody(const Call& call, int code, std::string_view text) {
  return Concat("{\"jsonrpc\":\"2.0\",\"id\":", call.rpc_id.empty() ? "null" : call.rpc_id,
                ",\"error\":{\"code\":", code, ",\"message\":", QuoteJson(text), "}}");
}

Response JsonResponse(int status, std::string body) {
  Response response;
  response.status = status;
  response.headers = {{"content-type", "application/json"}};
  // RFC 9110 section 11.6.1 wants a challenge; RFC 6750 section 3.1 words it.
  if (status == 401) {
    response.headers.push_back({"www-authenticate", "Bearer error=\"invalid_token\""});
  }
  response.body = std::move(body);
  return response;
}

void AddLimits(const ErrorSpec& error, Response& response) {
  for (Header& header : PlainLimits(error)) response.headers.push_back(std::move(header));
  AddRetryAfter(error, response.headers);
}

}  // namespace

bool IsStatelessMcp(const Call& call) { return call.mcp_version >= kStatelessEra; }

Response PlainResponse(const ErrorSpec& error) {
  const PlainErrorRow& row = FindRow(error.kind);
  const std::string text = MessageOf(error, std::string(row.message));
  Response response = JsonResponse(row.status, PlainBody(row.code, text));
  AddLimits(error, response);
  return response;
}

std::string RpcError(const ErrorSpec& error, const Call& call) {
  const PlainErrorRow& row = FindRow(error.kind);
  return RpcBody(call, row.rpc_code, MessageOf(error, std::string(row.message)));
}

Response McpResponse(const ErrorSpec& error, const Call& call) {
  Response response = JsonResponse(FindRow(error.kind).status, RpcError(error, call));
  AddLimits(error, response);
  return response;
}

Response HttpToolFailure(const message::ToolError& error) {
  const ToolErrorRow& row = FindRow(error.kind);
  return JsonResponse(row.status, PlainBody(row.code, TextOf(error, row)));
}

Response McpToolFailure(const message::ToolError& error, const Call& call) {
  const ToolErrorRow& row = FindRow(error.kind);
  const std::string text = TextOf(error, row);
  if (error.channel == message::ToolChannel::kJsonRpc) {
    const bool legacy = row.kind == v1::TOOL_ERROR_KIND_NOT_FOUND && !IsStatelessMcp(call);
    return JsonResponse(200, RpcBody(call, legacy ? kLegacyNotFound : row.rpc_code, text));
  }
  return JsonResponse(
      200, Concat("{\"jsonrpc\":\"2.0\",\"id\":", call.rpc_id.empty() ? "null" : call.rpc_id,
                  ",\"result\":{", IsStatelessMcp(call) ? "\"resultType\":\"complete\"," : "",
                  "\"content\":[{\"type\":\"text\",\"text\":", QuoteJson(text),
                  "}],\"isError\":true}}"));
}

}  // namespace murphy::dialect
