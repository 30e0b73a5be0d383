// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_join.h"
#include "boost/json/object.hpp"
#include "boost/json/serialize.hpp"
#include "boost/url/params_encoded_view.hpp"
#include "boost/url/parse_query.hpp"
#include "daemon/dialect/clients.h"
#include "daemon/dialect/dialects.h"
#include "daemon/dialect/digest.h"
#include "daemon/dialect/http.h"
#include "daemon/dialect/known.h"
#include "daemon/dialect/said.h"
#include "daemon/dialect/shape.h"
#include "daemon/dialect/telemetry.h"
#include "daemon/dialect/text.h"
#include "faults/message/json_walk.h"

namespace murphy::dialect {
namespace {

using message::Call;
using message::FindHeader;
using message::JsonTree;
using message::Part;
using message::Request;

constexpr size_t kMaxParameters = 256;

// Parameters of a query or form as a JSON object; a name that occurs twice holds a list. Empty when
// there are none.
std::string ParametersOf(std::string_view query) {
  const auto parsed = boost::urls::parse_query({query.data(), query.size()});
  if (!parsed || query.empty()) return {};
  boost::urls::encoding_opts options;
  options.space_as_plus = true;
  boost::json::object object;
  size_t count = 0;
  for (const auto parameter : *parsed) {
    if (++count > kMaxParameters) break;
    const std::string text = parameter.value.decode(options);
    const auto [member, added] = object.emplace(parameter.key.decode(options), text);
    if (added) continue;
    if (!member->value().is_array()) member->value() = boost::json::array{member->value()};
    member->value().get_array().emplace_back(text);
  }
  return boost::json::serialize(object);
}

// Arguments of a call that has no JSON body: a form, or the query.
std::string OtherArguments(const Request& request) {
  const bool form = StartsIgnoringCase(FindHeader(request.headers, "content-type"),
                                       "application/x-www-form-urlencoded");
  return ParametersOf(form && !request.body.empty() ? request.body : request.query);
}

// A status judges the answer; whether it is whole, its framing says.
class HttpAnswer : public message::AnswerReader {
 public:
  HttpAnswer(int status, bool stream) : stream_(stream) { answer_.failed = status >= 400; }

  void Take(std::string_view, std::string_view data) override {
    said_.AddText(data);
    over_ = over_ || !stream_ || data == "[DONE]";
  }
  void TakeTail(std::string_view) override { answer_.whole = false; }
  bool over() const override { return over_; }
  message::Answer Finish(bool whole) override {
    answer_.whole = answer_.whole && whole;
    said_.MoveTo(answer_);
    return std::move(answer_);
  }

 private:
  const bool stream_;
  bool over_ = false;
  message::Answer answer_;
  Said said_;
};

}  // namespace

Call HttpDialect::Describe(const Request& request, std::string_view route) const {
  Call call;
  call.kind = kind_;
  call.provider = "http";
  call.client = ClientOf(request.headers);
  call.unclassified = !request.body_complete;
  call.telemetry = IsTelemetry(request, route);
  call.stream = AcceptsEvents(request);
  const std::string_view path = request.path;
  std::vector<std::string> segments =
      TemplateSegments(path.substr(std::min(request.prefix, path.size())));
  call.shape = Concat(request.method, " /", absl::StrJoin(segments, "/"));
  call.name = route;
  for (const std::string& segment : segments) Append(call.name, ".", segment);
  JsonTree tree(request.body);
  call.digest = RequestDigest(request, tree.root());
  if (tree.root()) {
    call.arguments = request.body;
    Append(call.shape, " ", ArgumentShape(tree.root()));
    return call;
  }
  std::string parameters = OtherArguments(request);
  if (parameters.empty()) return call;
  // Percent-coding can hide bytes that are no UTF-8, and so no JSON.
  if (tree.Parse(parameters)) {
    Append(call.shape, " ", ArgumentShape(tree.root()));
    call.arguments = std::move(parameters);
  }
  return call;
}

std::unique_ptr<message::AnswerReader> HttpDialect::NewAnswer(int status, bool stream,
                                                              const Call&) const {
  return std::make_unique<HttpAnswer>(status, stream);
}

std::vector<message::Field> HttpDialect::Fields(const message::Document& document) const {
  std::vector<message::Field> fields;
  for (size_t i = 0; i < document.parts.size(); ++i) {
    const std::string& data = document.parts[i].data;
    if (data.empty()) continue;
    message::Field field;
    field.kind = message::FieldKind::kResult;
    field.slot.item = i;
    field.pieces = {{i, ""}};
    field.json = message::IsJson(data);
    fields.push_back(std::move(field));
  }
  return fields;
}

message::Piece HttpDialect::Classify(const Part& part) const {
  if (part.data.empty()) return message::Piece::kOther;
  return part.data == "[DONE]" ? message::Piece::kEnd : message::Piece::kText;
}

const message::Dialect& HttpTool() {
  static const HttpDialect dialect(v1::TARGET_KIND_TOOL);
  return dialect;
}

const message::Dialect& HttpOther() {
  static const HttpDialect dialect(v1::TARGET_KIND_HTTP);
  return dialect;
}

}  // namespace murphy::dialect
