// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/openai_errors.h"

#include <algorithm>
#include <iterator>

#include "daemon/dialect/limits.h"
#include "daemon/dialect/openai_error_table.h"
#include "daemon/dialect/text.h"
#include "faults/message/json_edit.h"

namespace murphy::dialect {
namespace {

using message::Call;
using message::ErrorSpec;
using message::Header;
using message::QuoteJson;

// What an account of the lowest paid tier has.
constexpr uint64_t kUsualRequests = 500;
constexpr uint64_t kUsualTokens = 30'000;
constexpr uint64_t kWindow = 128'000;
// One account for all errors: an agent would wonder at a new one each time.
constexpr std::string_view kOrganization = "org-vT3mQ8xLbN5rKcWzJ4hYp2Gd";
constexpr std::string_view kProject = "proj_Hq7RkV2nXwBfT9sLmZ4cJ8yD";

bool ByTokens(const ErrorSpec& error) {
  if (!error.tokens) return false;
  return !error.requests || error.requests->remaining > 0;
}

const OpenAiErrorRow& FindRow(OpenAiApi api, const ErrorSpec& error) {
  if (error.kind == v1::ERROR_KIND_RATE_LIMITED) {
    return ByTokens(error) ? kOpenAiTokenLimit : kOpenAiRequestLimit;
  }
  const auto row = std::find_if(
      std::begin(kOpenAiErrors), std::end(kOpenAiErrors), [&](const OpenAiErrorRow& candidate) {
        return candidate.kind == error.kind &&
               (api == OpenAiApi::kChat ? candidate.chat : candidate.responses);
      });
  return row != std::end(kOpenAiErrors) ? *row : *std::prev(std::end(kOpenAiErrors));
}

// `sk-proj-` and stars, the last four characters shown.
std::string MaskedKey(const Draw& draw) {
  return Concat("sk-proj-", std::string(36, '*'), draw.Text("key", 4, kAlphanumerics));
}

std::string FillMessage(std::string_view text, const ErrorSpec& error, const Call& call,
                        const Draw& draw) {
  const bool by_tokens = ByTokens(error);
  const uint64_t requested = std::max<uint64_t>(by_tokens ? call.estimated_tokens : 1, 1);
  message::LimitState state{by_tokens ? kUsualTokens : kUsualRequests, 0, {}};
  if (by_tokens) {
    state = *error.tokens;
  } else if (error.requests) {
    state = *error.requests;
  }
  const uint64_t used = state.limit - std::min(state.limit, state.remaining);
  // A window of a minute refills evenly.
  const absl::Duration refill = absl::Minutes(1) * static_cast<double>(requested) /
                                static_cast<double>(std::max<uint64_t>(state.limit, 1));
  const bool silent = error.retry_after_form == v1::RETRY_AFTER_FORM_ABSENT;
  const uint64_t tokens =
      std::max(call.estimated_tokens, kWindow + 1 + draw.Below(4096, "context"));
  return Fill(text, {{" Please try again in {wait}.",
                      silent ? ""
                             : Concat(" Please try again in ",
                                      GoDuration(error.retry_after.value_or(refill)), ".")},
                     {"{model}", call.name},
                     {"{organization}", kOrganization},
                     {"{limit}", Concat(state.limit)},
                     {"{used}", Concat(used)},
                     {"{requested}", Concat(requested)},
                     {"{window}", Concat(kWindow)},
                     {"{tokens}", Concat(tokens)},
                     {"{hex}", OpenAiRequestId(draw).substr(4)},
                     {"{request_id}", OpenAiRequestId(draw)},
                     {"{key}", MaskedKey(draw)}});
}

// The gateway indents by four and ends the line; the application indents by two and does not.
std::string Layout(const OpenAiError& error, bool gateway) {
  const std::string indent(gateway ? 4 : 2, ' ');
  return Concat("{\n", indent, "\"error\": {\n",                                   //
                indent, indent, "\"message\": ", QuoteJson(error.message), ",\n",  //
                indent, indent, "\"type\": ", QuoteJson(error.type), ",\n",        //
                indent, indent, "\"param\": ", QuoteOrNull(error.param), ",\n",    //
                indent, indent, "\"code\": ", QuoteOrNull(error.code), "\n",       //
                indent, "}\n}", gateway ? "\n" : "");
}

}  // namespace

std::string OpenAiRequestId(const Draw& draw) {
  return Concat("req_", draw.Text("request-id", 32, kHexDigits));
}

std::string QuoteOrNull(std::string_view text) { return text.empty() ? "null" : QuoteJson(text); }

OpenAiError MakeOpenAiError(OpenAiApi api, const ErrorSpec& error, const Call& call,
                            const Draw& draw) {
  const OpenAiErrorRow& row = FindRow(api, error);
  return {row.status,
          row.type,
          row.code,
          row.param,
          MessageOf(error, FillMessage(row.message, error, call, draw)),
          row.gateway && api == OpenAiApi::kChat};
}

message::Response OpenAiResponse(OpenAiApi api, const ErrorSpec& error, const Call& call,
                                 const Draw& draw) {
  const OpenAiError made = MakeOpenAiError(api, error, call, draw);
  message::Response response;
  response.status = made.status;
  std::vector<Header>& headers = response.headers;
  headers.push_back(
      {"content-type", made.gateway ? "application/json; charset=utf-8" : "application/json"});
  if (!made.gateway) {
    headers.push_back({"openai-organization", std::string(kOrganization)});
    headers.push_back({"openai-processing-ms", Concat(12 + draw.Below(400, "processing"))});
    headers.push_back({"openai-project", std::string(kProject)});
    headers.push_back({"openai-version", "2020-10-01"});
  }
  // The Responses API shows its limits on successes only.
  if (api == OpenAiApi::kChat) {
    for (Header& header : OpenAiLimits(error)) headers.push_back(std::move(header));
  } else if (made.status == 401) {
    headers.push_back({"www-authenticate", "Bearer realm=\"OpenAI API\""});
  }
  headers.push_back({"x-request-id", OpenAiRequestId(draw)});
  AddRetryAfter(error, headers);
  response.body = Layout(made, made.gateway);
  return response;
}

}  // namespace murphy::dialect
