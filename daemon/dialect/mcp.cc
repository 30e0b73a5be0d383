// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "daemon/dialect/digest.h"
#include "daemon/dialect/json.h"
#include "daemon/dialect/known.h"
#include "daemon/dialect/limits.h"
#include "daemon/dialect/pieces.h"
#include "daemon/dialect/plain_errors.h"
#include "daemon/dialect/shape.h"
#include "daemon/dialect/text.h"
#include "faults/message/json_edit.h"
#include "faults/message/sse.h"

namespace murphy::dialect {
namespace {

using boost::json::value;
using message::Answer;
using message::Call;
using message::Document;
using message::FieldKind;
using message::FindHeader;
using message::Part;
using message::Request;

constexpr std::string_view kVersionKey = "/params/_meta/io.modelcontextprotocol~1protocolVersion";

// A header value as it was meant: what is not plain ASCII travels as `=?base64?…?=` (revision
// 2026-07-28).
std::string DecodeHeader(std::string_view text) {
  constexpr std::string_view kBegin = "=?base64?";
  constexpr std::string_view kEnd = "?=";
  std::string plain;
  if (text.size() >= kBegin.size() + kEnd.size() && text.starts_with(kBegin) &&
      text.ends_with(kEnd) &&
      absl::Base64Unescape(
          Absl(text.substr(kBegin.size(), text.size() - kBegin.size() - kEnd.size())), &plain)) {
    return plain;
  }
  return std::string(text);
}

// JSON text of the value at a pointer; empty where there is none.
std::string RawAt(const std::string& json, std::string_view pointer) {
  const auto span = message::FindValue(json, pointer);
  return span ? json.substr(span->begin, span->end - span->begin) : "";
}

void NameCall(std::string_view method, std::string_view tool, std::string_view route, Call& call) {
  if (method == "tools/call") {
    call.kind = v1::TARGET_KIND_TOOL;
    call.name = Concat(route, ".", tool);
  } else {
    call.name = method;
  }
}

void DescribeMessage(const Request& request, const value& root, std::string_view route,
                     Call& call) {
  const std::string_view method = TextAt(root, "/method");
  call.rpc_id = RawAt(request.body, "/id");
  if (const std::string_view version = TextAt(root, kVersionKey); !version.empty()) {
    call.mcp_version = version;
  }
  if (method.empty()) {
    // The agent answers a request of the server's.
    call.name = "response";
    return;
  }
  NameCall(method, TextAt(root, "/params/name"), route, call);
  if (call.kind != v1::TARGET_KIND_TOOL) return;
  const value* arguments = At(root, "/params/arguments");
  call.arguments = arguments == nullptr ? "{}" : RawAt(request.body, "/params/arguments");
  call.shape = arguments == nullptr ? "{}" : ArgumentShape(*arguments);
}

// The values of a tool's result. Other results have no list called `content`.
void AddResult(const value& root, size_t part, Collector& values) {
  const auto& contents = ListAt(root, "/result/content");
  Fragment piece;
  piece.kind = FieldKind::kResult;
  piece.outer = part;
  for (size_t i = 0; i < contents.size(); ++i) {
    for (const std::string_view pointer : {"/text", "/resource/text"}) {
      const value* text = At(contents[i], pointer);
      if (text == nullptr || !text->is_string()) continue;
      piece.inner = i;
      piece.place = {part, Concat("/result/content/", i, pointer)};
      piece.text = TextAt(contents[i], pointer);
      values.Add(piece);
    }
  }
  const value* content = At(root, "/result/content");
  if (content == nullptr || !content->is_array() || !HasAt(root, "/result/structuredContent")) {
    return;
  }
  // Said once in `content` as text, and once for programs.
  piece.inner = contents.size();
  piece.place = {part, "/result/structuredContent"};
  piece.text = {};
  piece.json = true;
  values.Add(piece);
}

bool IsRpcAnswer(const value& root) { return HasAt(root, "/result") || HasAt(root, "/error"); }

class McpDialect : public message::Dialect {
 public:
  std::string_view name() const override { return "mcp"; }

  Call Describe(const Request& request, std::string_view route) const override {
    Call call;
    call.kind = v1::TARGET_KIND_MCP;
    call.provider = "mcp";
    call.mcp_version = FindHeader(request.headers, "mcp-protocol-version");
    call.unclassified = !request.body_complete;
    if (request.method != "POST") {
      call.name = request.method;
      call.stream = request.method == "GET";
      call.digest = RequestDigest(request, nullptr);
      return call;
    }
    const auto root = ParseJson(request.body);
    call.digest = RequestDigest(request, root ? &*root : nullptr);
    if (root && root->is_array()) {
      call.name = "batch";
    } else if (root && root->is_object()) {
      DescribeMessage(request, *root, route, call);
    } else {
      call.unclassified = true;
      NameCall(FindHeader(request.headers, "mcp-method"),
               DecodeHeader(FindHeader(request.headers, "mcp-name")), route, call);
    }
    return call;
  }

  Answer Read(int status, const Document& document) const override {
    Answer answer;
    answer.failed = status >= 400;
    answer.complete = answer.failed || !document.stream;
    Collector values;
    for (size_t i = 0; i < document.parts.size(); ++i) {
      const auto root = ParseJson(document.parts[i].data);
      if (!root || !IsRpcAnswer(*root)) continue;
      answer.complete = true;
      const value* failed = At(*root, "/result/isError");
      if (HasAt(*root, "/error") || (failed != nullptr && *failed == true)) answer.failed = true;
      AddResult(*root, i, values);
    }
    FillAnswer(values.Take(), answer);
    return answer;
  }

  std::vector<message::Field> Fields(const Document& document) const override {
    Collector values;
    for (size_t i = 0; i < document.parts.size(); ++i) {
      if (const auto root = ParseJson(document.parts[i].data)) AddResult(*root, i, values);
    }
    return FieldsOf(values.Take());
  }

  message::Piece Classify(const Part& part) const override {
    // A stream holds few messages, and only the top level tells an answer from a notification.
    const auto root = ParseJson(part.data);
    return root && IsRpcAnswer(*root) ? message::Piece::kEnd : message::Piece::kOther;
  }

  bool StopForLength(Document&, double) const override { return false; }

  message::Response Error(const message::ErrorSpec& error, const Call& call,
                          const Draw&) const override {
    return McpResponse(error, call);
  }

  std::string ErrorEvents(const message::ErrorSpec& error, const Call& call,
                          const std::vector<Part>&, const Draw&) const override {
    if (call.rpc_id.empty()) return "";
    return message::FormatEvent("message", RpcError(error, call));
  }

  std::vector<message::Header> LimitHeaders(const message::ErrorSpec& limits) const override {
    return PlainLimits(limits);
  }

  std::optional<message::Response> ToolFailure(const v1::ToolErrorFault& fault,
                                               const Call& call) const override {
    if (call.kind != v1::TARGET_KIND_TOOL) return std::nullopt;
    if (fault.channel() == v1::TOOL_ERROR_CHANNEL_HTTP) return HttpToolFailure(fault);
    return McpToolFailure(fault, call);
  }
};

}  // namespace

const message::Dialect& Mcp() {
  static const McpDialect dialect;
  return dialect;
}

}  // namespace murphy::dialect
