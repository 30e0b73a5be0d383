// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/model_call.h"

#include "daemon/dialect/digest.h"
#include "daemon/dialect/json.h"
#include "daemon/dialect/text.h"

namespace murphy::dialect {

message::Call DescribeModelCall(const message::Request& request, std::string_view provider) {
  message::Call call;
  call.kind = v1::TARGET_KIND_MODEL;
  call.provider = provider;
  call.unclassified = !request.body_complete;
  return call;
}

std::optional<boost::json::value> ParseModelBody(const message::Request& request,
                                                 message::Call& call) {
  auto body = ParseJson(request.body);
  call.digest = RequestDigest(request, body ? &*body : nullptr);
  if (!body || !body->is_object()) {
    call.unclassified = true;
    return std::nullopt;
  }
  call.name = TextAt(*body, "/model");
  const boost::json::value* stream = At(*body, "/stream");
  call.stream = stream != nullptr && stream->is_bool() && stream->get_bool();
  return body;
}

void AppendText(const boost::json::value& root, std::string_view pointer, std::string& out) {
  if (const std::string_view text = TextAt(root, pointer); !text.empty()) {
    Append(out, text, "\n");
  }
  for (const boost::json::value& part : ListAt(root, pointer)) {
    Append(out, TextAt(part, "/text"), "\n");
  }
}

std::vector<std::string> ToolNames(const boost::json::value& body) {
  std::vector<std::string> names;
  for (const boost::json::value& tool : ListAt(body, "/tools")) {
    for (const std::string_view pointer : {"/name", "/function/name", "/custom/name", "/type"}) {
      const std::string_view name = TextAt(tool, pointer);
      if (name.empty()) continue;
      names.emplace_back(name);
      break;
    }
  }
  return names;
}

}  // namespace murphy::dialect
