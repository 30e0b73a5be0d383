// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/anthropic_errors.h"

#include <algorithm>
#include <iterator>

#include "daemon/dialect/anthropic_error_table.h"
#include "daemon/dialect/limits.h"
#include "daemon/dialect/text.h"
#include "faults/message/json_edit.h"

namespace murphy::dialect {
namespace {

using message::Call;
using message::ErrorSpec;
using message::QuoteJson;

constexpr uint64_t kUsualInputTokens = 30'000;
constexpr uint64_t kWindow = 200'000;
// One account for all errors.
constexpr std::string_view kOrganization = "6f1c2b9e-84d7-4a53-9c0f-2e7b5d18a3c4";

const AnthropicErrorRow& FindRow(v1::ErrorKind kind) {
  const auto row =
      std::find_if(std::begin(kAnthropicErrors), std::end(kAnthropicErrors),
                   [kind](const AnthropicErrorRow& candidate) { return candidate.kind == kind; });
  return row != std::end(kAnthropicErrors) ? *row : kAnthropicErrors[0];
}

std::string WithThousands(uint64_t number) {
  std::string text = Concat(number);
  for (size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string FillMessage(std::string_view text, const ErrorSpec& error, const Call& call,
                        const Draw& draw) {
  const bool by_requests = error.requests && (!error.tokens || error.requests->remaining == 0);
  uint64_t limit = kUsualInputTokens;
  if (by_requests) {
    limit = error.requests->limit;
  } else if (error.tokens) {
    limit = error.tokens->limit;
  }
  const uint64_t tokens =
      std::max(call.estimated_tokens, kWindow + 1 + draw.Below(8192, "context"));
  return Fill(text, {{"{model}", call.name},
                     {"{organization}", kOrganization},
                     {"{limit}", WithThousands(limit)},
                     {"{unit}", by_requests ? "requests" : "input tokens"},
                     {"{tokens}", Concat(tokens)}});
}

std::string ErrorObject(const AnthropicErrorRow& row, const ErrorSpec& error, const Call& call,
                        const Draw& draw) {
  return Concat("{\"type\":", QuoteJson(row.type), ",\"message\":",
                QuoteJson(MessageOf(error, FillMessage(row.message, error, call, draw))), "}");
}

}  // namespace

message::Response AnthropicResponse(const ErrorSpec& error, const Call& call, const Draw& draw) {
  const AnthropicErrorRow& row = FindRow(error.kind);
  // Ids are base 58 and begin with a version and a time stamp.
  const std::string request_id = Concat("req_011C", draw.Text("request-id", 20, kBase58));
  const std::string object = ErrorObject(row, error, call, draw);
  message::Response response;
  response.status = row.status;
  response.headers = {{"content-type", "application/json"}};
  if (row.status == 529) response.headers.push_back({"cache-control", "no-store, no-cache"});
  for (message::Header& header : AnthropicLimits(error)) {
    response.headers.push_back(std::move(header));
  }
  AddRetryAfter(error, response.headers);
  if (row.should_retry != ShouldRetry::kUnsaid) {
    response.headers.push_back(
        {"x-should-retry", row.should_retry == ShouldRetry::kYes ? "true" : "false"});
  }
  switch (row.source) {
    case AnthropicSource::kApi:
      response.headers.push_back({"request-id", request_id});
      response.headers.push_back({"anthropic-organization-id", std::string(kOrganization)});
      response.body =
          Concat("{\"type\":\"error\",\"error\":", object, ",\"request_id\":\"", request_id, "\"}");
      break;
    case AnthropicSource::kEdge:
      response.body = Concat("{\"error\":", object, "}");
      break;
  }
  return response;
}

std::string AnthropicErrorData(const ErrorSpec& error, const Call& call, const Draw& draw) {
  return Concat(
      "{\"type\":\"error\",\"error\":", ErrorObject(FindRow(error.kind), error, call, draw), "}");
}

}  // namespace murphy::dialect
