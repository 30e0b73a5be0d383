// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_dialect.h"

#include "absl/strings/str_cat.h"
#include "faults/message/json_edit.h"
#include "faults/message/json_walk.h"
#include "faults/message/sse.h"
#include "faults/values.h"

namespace murphy::test {
namespace {

using message::Document;
using message::Field;
using message::FieldKind;
using message::FindValue;
using message::Part;

std::string StringAt(const Part& part, std::string_view pointer) {
  const auto span = FindValue(part.data, pointer);
  return span ? message::UnquoteJson(part.data.substr(span->begin, span->end - span->begin))
                    .value_or("")
              : "";
}

bool HoldsString(const Part& part, std::string_view pointer) {
  const auto span = FindValue(part.data, pointer);
  return span && part.data[span->begin] == '"';
}

// The field that is spread over all parts which have `pointer`.
void AddSpread(const Document& document, std::string_view pointer, Field field,
               std::vector<Field>& fields) {
  for (size_t i = 0; i < document.parts.size(); ++i) {
    if (HoldsString(document.parts[i], pointer)) {
      field.pieces.push_back({i, std::string(pointer)});
    } else if (FindValue(document.parts[i].data, pointer)) {
      field.pieces = {{i, std::string(pointer)}};
      field.json = true;
    }
  }
  if (!field.pieces.empty()) {
    fields.push_back(std::move(field));
  }
}

class FakeAnswer : public message::AnswerReader {
 public:
  explicit FakeAnswer(int status) { answer_.failed = status >= 400; }

  void Take(std::string_view event, std::string_view data) override {
    const Part part{.event = std::string(event), .data = std::string(data)};
    answer_.failed |= FindValue(data, "/error").has_value();
    answer_.text += StringAt(part, "/text");
    over_ |= FindValue(data, "/end").has_value();
  }
  void TakeTail(std::string_view) override { answer_.whole = false; }
  bool over() const override { return over_; }
  message::Answer Finish(bool whole) override {
    answer_.whole &= whole;
    return answer_;
  }

 private:
  message::Answer answer_;
  bool over_ = false;
};

std::string Limit(std::string_view name, const message::LimitState& limit) {
  return absl::StrCat(std::string(name), " ", limit.remaining, "/", limit.limit, " reset ",
                      DurationText(limit.reset));
}

}  // namespace

message::Call FakeDialect::Describe(const message::Request& request, std::string_view route) const {
  return {.provider = "fake", .name = absl::StrCat(std::string(route), request.path)};
}

std::unique_ptr<message::AnswerReader> FakeDialect::NewAnswer(int status, bool,
                                                              const message::Call&) const {
  return std::make_unique<FakeAnswer>(status);
}

std::vector<Field> FakeDialect::Fields(const Document& document) const {
  std::vector<Field> fields;
  Field arguments{.kind = FieldKind::kArguments};
  for (const Part& part : document.parts) {
    arguments.tool += StringAt(part, "/tool");
  }
  AddSpread(document, "/text", {.kind = FieldKind::kText}, fields);
  AddSpread(document, "/args", arguments, fields);
  AddSpread(document, "/result", {.kind = FieldKind::kResult}, fields);
  AddSpread(document, "/structured", {.kind = FieldKind::kResult}, fields);
  if (fields.empty() && !document.stream && !document.parts.empty()) {
    const bool json = message::IsJson(document.parts[0].data);
    fields.push_back({.kind = FieldKind::kResult, .pieces = {{0, ""}}, .json = json});
  }
  return fields;
}

message::Piece FakeDialect::Classify(const Part& part) const {
  return FindValue(part.data, "/end")       ? message::Piece::kEnd
         : FindValue(part.data, "/tool")    ? message::Piece::kToolCall
         : !StringAt(part, "/args").empty() ? message::Piece::kArguments
         : !StringAt(part, "/text").empty() ? message::Piece::kText
                                            : message::Piece::kOther;
}

bool FakeDialect::EndEarly(Document& document, const std::vector<message::Stop>& stops,
                           message::FinishReason) const {
  bool changed = false;
  for (const message::Stop& stop : stops) {
    const std::string text = message::ReadField(document, stop.field);
    changed |= message::WriteField(document, stop.field, text.substr(0, stop.keep));
  }
  return changed;
}

message::Response FakeDialect::Error(const message::ErrorSpec& error, const message::Call& call,
                                     const Draw&) const {
  if (!speaks) {
    return {};
  }
  message::Response response{.status = 400 + static_cast<int>(error.kind)};
  response.body = absl::StrCat(EnumText(error.kind), " for ", call.name,
                               error.message ? ": " + *error.message : "");
  if (error.retry_after) {
    response.headers.push_back({"retry-after", DurationText(*error.retry_after)});
  }
  for (message::Header& header : LimitHeaders(error)) {
    response.headers.push_back(std::move(header));
  }
  return response;
}

std::string FakeDialect::ErrorEvents(const message::ErrorSpec& error, const message::Call&,
                                     const std::vector<Part>& sent, const Draw&) const {
  return speaks ? message::FormatEvent(
                      "error",
                      absl::StrCat("{\"error\":\"", error.message.value_or(EnumText(error.kind)),
                                   "\",\"after\":", sent.size(), "}"))
                : "";
}

std::vector<message::Header> FakeDialect::LimitHeaders(const message::ErrorSpec& limits) const {
  std::vector<message::Header> headers;
  if (limits.requests) {
    headers.push_back({"limit", Limit("requests", *limits.requests)});
  }
  if (limits.tokens) {
    headers.push_back({"limit", Limit("tokens", *limits.tokens)});
  }
  return headers;
}

std::optional<message::Response> FakeDialect::Failure(const message::ToolError& error,
                                                      const message::Call& call) const {
  if (!speaks) {
    return std::nullopt;
  }
  constexpr std::string_view kChannels[] = {"native", "json_rpc", "http"};
  return message::Response{
      .body = absl::StrCat(call.name, " failed: ", EnumText(error.kind), " by ",
                           std::string(kChannels[static_cast<size_t>(error.channel)]),
                           error.message ? ": " + *error.message : "")};
}

}  // namespace murphy::test
