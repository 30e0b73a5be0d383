// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "daemon/dialect/clients.h"
#include "daemon/dialect/digest.h"
#include "daemon/dialect/fields.h"
#include "daemon/dialect/json_answer.h"
#include "daemon/dialect/known.h"
#include "daemon/dialect/mcp.h"
#include "daemon/dialect/shape.h"
#include "daemon/dialect/text.h"

namespace murphy::dialect {
namespace {

using message::Call;
using message::FieldKind;
using message::FindHeader;
using message::JsonKind;
using message::JsonValue;
using message::Piece;

constexpr std::string_view kVersionKey = "io.modelcontextprotocol/protocolVersion";

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

void NameCall(std::string_view method, std::string_view tool, std::string_view route, Call& call) {
  if (method == "tools/call") {
    call.kind = v1::TARGET_KIND_TOOL;
    call.name = Concat(route, ".", tool);
  } else {
    call.name = method;
  }
}

void DescribeMessage(JsonValue root, std::string_view route, Call& call) {
  const JsonValue params = root["params"];
  call.rpc_id = root["id"].literal();
  if (const JsonValue version = params["_meta"][kVersionKey]; version.SaysSomething()) {
    call.mcp_version = version.Text();
  }
  if (!root["method"].SaysSomething()) {
    // The agent answers a request of the server's.
    call.name = "response";
    return;
  }
  NameCall(root["method"].Text(), params["name"].Text(), route, call);
  if (call.kind != v1::TARGET_KIND_TOOL) return;
  const JsonValue arguments = params["arguments"];
  call.arguments = arguments ? arguments.literal() : "{}";
  call.shape = ArgumentShape(arguments);
}

bool IsRpcAnswer(JsonValue root) { return root["result"].given() || root["error"].given(); }

// The values of a tool's result. Other results have no list called `content`.
class McpFinder : public Finder {
 public:
  void Find(JsonValue root, Findings& findings) override {
    const JsonValue result = root["result"];
    const JsonValue contents = result["content"];
    // Each message is a result of its own.
    message::Slot slot{.item = messages_++};
    if (!contents.Is(JsonKind::kList)) return;
    for (JsonValue content = contents.first(); content; content = content.next(), ++slot.part) {
      for (const JsonValue text : {content["text"], content["resource"]["text"]}) {
        if (!text.Is(JsonKind::kString)) continue;
        findings.Add({.kind = FieldKind::kResult, .slot = slot, .value = text});
      }
    }
    if (const JsonValue structured = result["structuredContent"]; structured.given()) {
      // Said once in `content` as text, and once for programs.
      findings.Add({.kind = FieldKind::kResult, .slot = slot, .value = structured, .json = true});
    }
  }

 private:
  uint64_t messages_ = 0;
};

// A result for people and models: what is there for programs says the same again.
class Texts : public Findings {
 public:
  explicit Texts(Said& said) : said_(said) {}

  void Add(const Fragment& piece) override {
    if (!piece.json) said_.Add(piece);
  }

 private:
  Said& said_;
};

class McpAnswer : public JsonAnswer {
 public:
  McpAnswer(int status, bool stream, const Call& call)
      : JsonAnswer(status, stream),
        expects_(call.name != "GET" && call.name != "DELETE" && call.name != "response"),
        batch_(call.name == "batch"),
        id_(call.rpc_id) {}

 private:
  void TakeJson(JsonValue root) override {
    if (root.Is(JsonKind::kList)) {
      for (JsonValue one = root.first(); one; one = one.next()) TakeMessage(one);
    } else {
      TakeMessage(root);
    }
  }

  void TakeMessage(JsonValue message) {
    if (!IsRpcAnswer(message) || !IsOurs(message["id"])) return;
    answered_ = true;
    // A batch is not over with the first answer, and nobody knows how many are to come.
    over_ = over_ || !batch_;
    if (message["error"].given() || message["result"]["isError"].True()) answer_.failed = true;
    Texts texts(said_);
    finder_.Find(message, texts);
  }

  // An error about a message that could not be read has the id null.
  bool IsOurs(JsonValue id) const {
    return id_.empty() || !id.given() || id.literal() == id_ ||
           (id.Is(JsonKind::kString) && message::JsonTree(id_).root().Says(id.Text()));
  }

  // A stream that was opened to listen owes nothing. A plain body that is no response is a failure
  // for a client that waits for one; an acknowledgement is empty.
  bool Ended() const override {
    if (!expects_ || answered_) return true;
    return !stream() && id_.empty();
  }

  const bool expects_;
  const bool batch_;
  // Empty: unknown, or a batch's.
  const std::string id_;
  bool answered_ = false;
  McpFinder finder_;
};

}  // namespace

Call McpDialect::Describe(const message::Request& request, std::string_view route) const {
  Call call;
  call.kind = v1::TARGET_KIND_MCP;
  call.provider = "mcp";
  call.client = ClientOf(request.headers);
  call.mcp_version = FindHeader(request.headers, "mcp-protocol-version");
  call.unclassified = !request.body_complete;
  message::JsonTree tree;
  if (request.method != "POST") {
    call.name = request.method;
    call.stream = request.method == "GET";
    call.digest = RequestDigest(request, tree.root());
    return call;
  }
  tree.Parse(request.body);
  const JsonValue root = tree.root();
  call.digest = RequestDigest(request, root);
  if (root.Is(JsonKind::kList)) {
    call.name = "batch";
  } else if (root.Is(JsonKind::kObject)) {
    DescribeMessage(root, route, call);
  } else {
    call.unclassified = true;
    NameCall(FindHeader(request.headers, "mcp-method"),
             DecodeHeader(FindHeader(request.headers, "mcp-name")), route, call);
  }
  return call;
}

std::unique_ptr<message::AnswerReader> McpDialect::NewAnswer(int status, bool stream,
                                                             const Call& call) const {
  return std::make_unique<McpAnswer>(status, stream, call);
}

std::vector<message::Field> McpDialect::Fields(const message::Document& document) const {
  McpFinder finder;
  return FieldsOf(document, finder);
}

Piece McpDialect::Classify(const message::Part& part) const {
  const message::JsonTree tree(part.data);
  return IsRpcAnswer(tree.root()) ? Piece::kEnd : Piece::kOther;
}

const message::Dialect& Mcp() {
  static const McpDialect dialect;
  return dialect;
}

}  // namespace murphy::dialect
