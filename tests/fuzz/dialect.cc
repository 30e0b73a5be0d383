// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/dialects.h"
#include "faults/message/json_walk.h"

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

// Half of the first text, and nothing behind it.
std::vector<message::Stop> Half(const message::Document& document,
                                const std::vector<message::Field>& fields) {
  for (const message::Field& field : fields) {
    const std::string text = message::ReadField(document, field);
    if (field.kind != message::FieldKind::kText || text.empty()) continue;
    return {{field, message::CharacterStart(text, text.size() / 2)}};
  }
  return {};
}

void ReadAnswer(const message::Dialect& dialect, std::string_view type, std::string_view body) {
  message::Document document = dialect::MakeDocument(type, body);
  Require(message::Bytes(document) == body);
  const message::Answer before = dialect.Read(200, document);
  Require(before.text.size() <= message::kMostKept && before.whole);
  for (const auto& part : document.parts) (void)dialect.Classify(part);
  const std::vector<message::Field> fields = dialect.Fields(document);
  for (const auto& field : fields) {
    message::Document edited = document;
    (void)message::WriteField(edited, field, "\"€\"");
  }
  (void)dialect.ErrorEvents({}, {}, document.parts, Draw(1, 0, "rule", "address"));
  const std::string untouched = message::Bytes(document);
  if (dialect.EndEarly(document, Half(document, fields), message::FinishReason::kLength)) {
    Require(dialect.Read(200, document).text.size() <= before.text.size());
  } else {
    Require(message::Bytes(document) == untouched);
  }
  const auto cut = dialect.NewAnswer(200, false, {});
  cut->TakeTail(body);
  const message::Answer tail = cut->Finish(true);
  Require(!tail.whole && tail.complete && tail.text.empty());
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
  Require(call.digest.size() == 16);
  Require(call.arguments.empty() || message::IsJson(call.arguments));
  Require(call.rpc_id.empty() || message::IsJson(call.rpc_id));
  const auto failure = dialect.Failure({}, call);
  Require(!failure || message::IsJson(failure->body));
  ReadAnswer(dialect, "application/json", input);
  ReadAnswer(dialect, "text/event-stream", input);
  return 0;
}
