// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/model_call.h"

#include "daemon/dialect/clients.h"
#include "daemon/dialect/digest.h"

namespace murphy::dialect {
namespace {

using message::JsonKind;
using message::JsonValue;

// Azure names the deployment, which stands for the model, in the path:
// `/openai/deployments/NAME/chat/completions`.
std::string_view DeploymentOf(std::string_view path) {
  constexpr std::string_view kFolder = "/deployments/";
  const size_t at = path.find(kFolder);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = path.substr(at + kFolder.size());
  return rest.substr(0, rest.find('/'));
}

}  // namespace

message::Call DescribeModelCall(const message::Request& request, std::string_view provider,
                                message::JsonTree& body) {
  message::Call call;
  call.kind = v1::TARGET_KIND_MODEL;
  call.provider = provider;
  call.client = ClientOf(request.headers);
  call.name = DeploymentOf(request.path);
  body.Parse(request.body);
  call.digest = RequestDigest(request, body.root());
  if (!body.root().Is(JsonKind::kObject)) body.Clear();
  call.unclassified = !request.body_complete || !body.root();
  if (const JsonValue model = body.root()["model"]; model.SaysSomething()) {
    call.name = model.Text();
  }
  call.stream = body.root()["stream"].True();
  return call;
}

void AppendText(JsonValue text, std::string& out) {
  if (text.SaysSomething()) {
    text.AppendTo(out);
    out += '\n';
  }
  if (!text.Is(JsonKind::kList)) return;
  for (JsonValue part = text.first(); part; part = part.next()) {
    part["text"].AppendTo(out);
    out += '\n';
  }
}

std::vector<std::string> ToolNames(JsonValue body) {
  std::vector<std::string> names;
  const JsonValue tools = body["tools"];
  if (!tools.Is(JsonKind::kList)) return names;
  for (JsonValue tool = tools.first(); tool; tool = tool.next()) {
    for (const JsonValue name :
         {tool["name"], tool["function"]["name"], tool["custom"]["name"], tool["type"]}) {
      if (!name.SaysSomething()) continue;
      names.push_back(name.Text());
      break;
    }
  }
  return names;
}

}  // namespace murphy::dialect
