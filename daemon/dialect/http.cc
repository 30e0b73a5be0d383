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
#include "daemon/dialect/digest.h"
#include "daemon/dialect/json.h"
#include "daemon/dialect/known.h"
#include "daemon/dialect/limits.h"
#include "daemon/dialect/plain_errors.h"
#include "daemon/dialect/shape.h"
#include "daemon/dialect/telemetry.h"
#include "daemon/dialect/text.h"

namespace murphy::dialect {
namespace {

using boost::json::value;
using message::Answer;
using message::Call;
using message::Document;
using message::FindHeader;
using message::Part;
using message::Request;

constexpr size_t kMaxParameters = 256;

// Parameters of a query or form as a JSON object; a name that occurs twice holds a list.
std::optional<value> ParseParameters(std::string_view query) {
  const auto parsed = boost::urls::parse_query({query.data(), query.size()});
  if (!parsed || query.empty()) return std::nullopt;
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
  return value(std::move(object));
}

// Arguments of a call: JSON body, form, or query. nullopt when there are none.
std::optional<value> ReadArguments(const Request& request, std::optional<value> body, Call& call) {
  if (body) {
    call.arguments = request.body;
    return body;
  }
  const bool form = StartsIgnoringCase(FindHeader(request.headers, "content-type"),
                                       "application/x-www-form-urlencoded");
  std::optional<value> parameters =
      ParseParameters(form && !request.body.empty() ? request.body : request.query);
  if (!parameters) return std::nullopt;
  std::string text = boost::json::serialize(*parameters);
  // Percent-coding can hide bytes that are no UTF-8, and so no JSON.
  if (ParseJson(text)) call.arguments = std::move(text);
  return parameters;
}

class HttpDialect : public message::Dialect {
 public:
  explicit HttpDialect(v1::TargetKind kind) : kind_(kind) {}

  std::string_view name() const override { return "http"; }

  Call Describe(const Request& request, std::string_view route) const override {
    Call call;
    call.kind = kind_;
    call.provider = "http";
    call.unclassified = !request.body_complete;
    call.telemetry = IsTelemetry(request, route);
    call.stream = ContainsIgnoringCase(FindHeader(request.headers, "accept"), "text/event-stream");
    const std::string_view path = request.path;
    std::vector<std::string> segments =
        TemplateSegments(path.substr(std::min(request.prefix, path.size())));
    call.shape = Concat(request.method, " /", absl::StrJoin(segments, "/"));
    segments.insert(segments.begin(), std::string(route));
    call.name = absl::StrJoin(segments, ".");
    std::optional<value> body = ParseJson(request.body);
    call.digest = RequestDigest(request, body ? &*body : nullptr);
    if (const auto arguments = ReadArguments(request, std::move(body), call)) {
      Append(call.shape, " ", ArgumentShape(*arguments));
    }
    return call;
  }

  Answer Read(int status, const Document& document) const override {
    Answer answer;
    answer.failed = status >= 400;
    for (const Part& part : document.parts) answer.text += part.data;
    return answer;
  }

  std::vector<message::Field> Fields(const Document& document) const override {
    std::vector<message::Field> fields;
    for (size_t i = 0; i < document.parts.size(); ++i) {
      const std::string& data = document.parts[i].data;
      if (data.empty()) continue;
      message::Field field;
      field.kind = message::FieldKind::kResult;
      field.pieces = {{i, ""}};
      field.json = ParseJson(data).has_value();
      fields.push_back(std::move(field));
    }
    return fields;
  }

  message::Piece Classify(const Part& part) const override {
    if (part.data.empty()) return message::Piece::kOther;
    return part.data == "[DONE]" ? message::Piece::kEnd : message::Piece::kText;
  }

  bool StopForLength(Document&, double) const override { return false; }

  message::Response Error(const message::ErrorSpec& error, const Call&,
                          const Draw&) const override {
    return PlainResponse(error);
  }

  std::string ErrorEvents(const message::ErrorSpec&, const Call&, const std::vector<Part>&,
                          const Draw&) const override {
    return "";
  }

  std::vector<message::Header> LimitHeaders(const message::ErrorSpec& limits) const override {
    return PlainLimits(limits);
  }

  std::optional<message::Response> ToolFailure(const v1::ToolErrorFault& fault,
                                               const Call& call) const override {
    if (call.kind != v1::TARGET_KIND_TOOL) return std::nullopt;
    if (fault.channel() == v1::TOOL_ERROR_CHANNEL_JSON_RPC) return std::nullopt;
    return HttpToolFailure(fault);
  }

 private:
  v1::TargetKind kind_;
};

}  // namespace

const message::Dialect& HttpTool() {
  static const HttpDialect dialect(v1::TARGET_KIND_TOOL);
  return dialect;
}

const message::Dialect& HttpOther() {
  static const HttpDialect dialect(v1::TARGET_KIND_HTTP);
  return dialect;
}

}  // namespace murphy::dialect
