// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "daemon/dialect/dialects.h"
#include "daemon/dialect/json.h"
#include "daemon/dialect/known.h"
#include "daemon/dialect/text.h"

namespace murphy::dialect {
namespace {

using message::Dialect;
using message::FindHeader;
using message::Request;

// The model dialect of a path, or null. Only POST asks a model for something; other methods manage
// what is stored.
const Dialect* ByModelPath(const Request& request) {
  if (request.method != "POST") return nullptr;
  std::string_view path = request.path;
  if (path.ends_with("/")) path.remove_suffix(1);
  for (const std::string_view ending : {"/completions", "/embeddings"}) {
    if (path.ends_with(ending)) return &OpenAiChat();
  }
  if (path.ends_with("/responses")) return &OpenAiResponses();
  if (path.ends_with("/messages")) return &AnthropicMessages();
  return nullptr;
}

bool HasMcpHeader(const Request& request) {
  for (const std::string_view name : {"mcp-protocol-version", "mcp-session-id", "mcp-method"}) {
    if (!FindHeader(request.headers, name).empty()) return true;
  }
  return false;
}

// A JSON-RPC message, or a batch of them.
bool IsJsonRpc(const Request& request) {
  return request.method == "POST" && ScanText(request.body, "jsonrpc") == "2.0";
}

// A path alone does not make a model call where the route does not say what is behind it: tools
// have `/messages` too.
bool LooksLikeModelCall(const Request& request) {
  if (!FindHeader(request.headers, "anthropic-version").empty()) return true;
  // Azure's clients leave `model` out: the path names the deployment.
  if (request.path.find("/deployments/") != std::string::npos) return true;
  return !request.body_complete || ScanText(request.body, "model").has_value();
}

const Dialect& ByRequest(const Request& request) {
  if (HasMcpHeader(request) || IsJsonRpc(request)) return Mcp();
  const Dialect* model = ByModelPath(request);
  return model != nullptr && LooksLikeModelCall(request) ? *model : HttpTool();
}

}  // namespace

bool AcceptsEvents(const Request& request) {
  return ContainsIgnoringCase(FindHeader(request.headers, "accept"), "text/event-stream");
}

const Dialect& Recognise(const Request& request, std::string_view provider) {
  if (provider == "http") return HttpTool();
  if (provider == "openai" || provider == "anthropic") {
    const Dialect* model = ByModelPath(request);
    return model != nullptr ? *model : HttpOther();
  }
  if (provider == "mcp") {
    const bool mcp = HasMcpHeader(request) || IsJsonRpc(request) || AcceptsEvents(request);
    return mcp ? Mcp() : HttpOther();
  }
  return ByRequest(request);
}

}  // namespace murphy::dialect
