// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/openai_errors.h"
#include "daemon/dialect/openai_responses.h"
#include "daemon/dialect/text.h"
#include "faults/message/json_edit.h"
#include "faults/message/json_tree.h"
#include "faults/message/sse.h"

namespace murphy::dialect {
namespace {

using message::Part;
using message::QuoteJson;

// Number of the next event.
uint64_t NextNumber(const std::vector<Part>& sent) {
  for (auto part = sent.rbegin(); part != sent.rend(); ++part) {
    const auto number = message::JsonTree(part->data).root()["sequence_number"].Count();
    if (number) return *number + 1;
  }
  return 0;
}

// The response object as an earlier event had it, if one is left.
std::string SentResponse(const std::vector<Part>& sent) {
  for (auto part = sent.rbegin(); part != sent.rend(); ++part) {
    const message::JsonTree tree(part->data);
    const message::JsonValue response = tree.root()["response"];
    if (response["id"].given()) return std::string(response.literal());
  }
  return "";
}

std::string NewResponse(const message::ErrorSpec& error, const message::Call& call,
                        const Draw& draw) {
  return Concat(
      "{\"id\":\"resp_", draw.Text("response-id", 50, kHexDigits),
      "\",\"object\":\"response\",\"created_at\":", absl::ToUnixSeconds(error.wall),
      ",\"status\":\"in_progress\",\"background\":false,\"error\":null,\"incomplete_details\":null,"
      "\"instructions\":null,\"max_output_tokens\":null,\"model\":",
      QuoteJson(call.name),
      ",\"output\":[],\"parallel_tool_calls\":true,\"previous_response_id\":null,\"store\":true,"
      "\"temperature\":1.0,\"text\":{\"format\":{\"type\":\"text\"}},\"tool_choice\":\"auto\","
      "\"tools\":[],\"top_p\":1.0,\"truncation\":\"disabled\",\"usage\":null,\"user\":null,"
      "\"metadata\":{}}");
}

}  // namespace

std::string ResponseErrorEvents(const message::ErrorSpec& error, const message::Call& call,
                                const std::vector<Part>& sent, const Draw& draw) {
  const OpenAiError made = MakeOpenAiError(OpenAiApi::kResponses, error, call, draw);
  const std::string_view code = made.code.empty() ? made.type : made.code;
  const uint64_t number = NextNumber(sent);
  std::string response = SentResponse(sent);
  if (response.empty()) response = NewResponse(error, call, draw);
  message::ReplaceValue(response, "/status", "\"failed\"");
  message::ReplaceValue(
      response, "/error",
      Concat("{\"code\":", QuoteJson(code), ",\"message\":", QuoteJson(made.message), "}"));
  const std::string first = Concat(
      "{\"type\":\"error\",\"sequence_number\":", number,
      ",\"error\":{\"type\":", QuoteJson(made.type), ",\"code\":", QuoteJson(code),
      ",\"message\":", QuoteJson(made.message), ",\"param\":", QuoteOrNull(made.param), "}}");
  const std::string second =
      Concat("{\"type\":\"response.failed\",\"sequence_number\":", number + 1,
             ",\"response\":", response, "}");
  return message::FormatEvent("error", first) + message::FormatEvent("response.failed", second);
}

bool ComesInsideStream(v1::ErrorKind kind) {
  return kind == v1::ERROR_KIND_QUOTA_EXHAUSTED || kind == v1::ERROR_KIND_CONTEXT_TOO_LONG ||
         kind == v1::ERROR_KIND_OVERLOADED;
}

message::Response StreamedError(const message::ErrorSpec& error, const message::Call& call,
                                const Draw& draw) {
  const std::string fresh = NewResponse(error, call, draw);
  std::vector<Part> sent;
  std::string body;
  for (const std::string_view type : {"response.created", "response.in_progress"}) {
    const std::string data = Concat("{\"type\":\"", type, "\",\"sequence_number\":", sent.size(),
                                    ",\"response\":", fresh, "}");
    sent.push_back(message::ParseEvent(message::FormatEvent(type, data)));
    body += sent.back().raw;
  }
  return {.headers = {{"Content-Type", "text/event-stream; charset=utf-8"},
                      {"x-request-id", "req_" + draw.Text("request-id", 32, kHexDigits)}},
          .body = body + ResponseErrorEvents(error, call, sent, draw)};
}

}  // namespace murphy::dialect
