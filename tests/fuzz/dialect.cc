// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "daemon/dialect/dialects.h"
#include "daemon/dialect/json.h"

namespace {

using namespace murphy;

void Require(bool held) {
  if (!held) std::abort();
}

// Cuts the first line off.
std::string_view TakeLine(std::string_view& text) {
  const size_t newline = text.find('\n');
  const std::string_view line = text.substr(0, newline);
  text = newline == std::string_view::npos ? std::string_view() : text.substr(newline + 1);
  return line;
}

void ReadAnswer(const message::Dialect& dialect, std::string_view type, std::string_view body) {
  message::Document document = dialect::MakeDocument(type, body);
  Require(message::Bytes(document) == body);
  const message::Answer before = dialect.Read(200, document);
  for (const auto& part : document.parts) (void)dialect.Classify(part);
  for (const auto& field : dialect.Fields(document)) {
    message::Document edited = document;
    (void)message::WriteField(edited, field, "\"€\"");
  }
  (void)dialect.ErrorEvents({}, {}, document.parts, Draw(1, 0, "rule", "address"));
  const std::string untouched = message::Bytes(document);
  if (dialect.StopForLength(document, 0.5)) {
    Require(dialect.Read(200, document).text.size() <= before.text.size());
  } else {
    Require(message::Bytes(document) == untouched);
  }
}

}  // namespace

// Input: a provider, a method and a path on a line each, then a body: read as a request, as a plain
// answer and as a stream.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const std::string_view provider = TakeLine(input);
  message::Request request;
  request.method = TakeLine(input);
  std::string_view target = TakeLine(input);
  const size_t query = target.find('?');
  request.path = target.substr(0, query);
  if (query != std::string_view::npos) request.query = target.substr(query + 1);
  request.body = input;
  const message::Dialect& dialect = dialect::Recognise(request, provider);
  const message::Call call = dialect.Describe(request, "route");
  Require(call.digest.size() == 64);
  Require(call.arguments.empty() || dialect::ParseJson(call.arguments).has_value());
  Require(call.rpc_id.empty() || dialect::ParseJson(call.rpc_id).has_value());
  const auto failure = dialect.ToolFailure({}, call);
  Require(!failure || dialect::ParseJson(failure->body).has_value());
  ReadAnswer(dialect, "application/json", input);
  ReadAnswer(dialect, "text/event-stream", input);
  return 0;
}
