// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "faults/fault.h"
#include "faults/message/json_walk.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"

namespace murphy {
namespace {

struct Malformed : ExchangeState {
  std::string tool;
};

std::string CutInHalf(std::string_view arguments) {
  size_t keep = std::max<size_t>(1, arguments.size() / 2);
  while (keep < arguments.size() && (static_cast<unsigned char>(arguments[keep]) & 0xC0) == 0x80) {
    ++keep;
  }
  return std::string(arguments.substr(0, keep));
}

std::string AddComma(std::string arguments) {
  const size_t end = arguments.find_last_of("}]");
  return end == std::string::npos ? arguments : arguments.insert(end, ",");
}

std::string UnquoteKeys(std::string arguments) {
  std::vector<message::Span> keys = message::FindKeys(arguments);
  std::sort(keys.begin(), keys.end(),
            [](const auto& a, const auto& b) { return a.begin > b.begin; });
  for (const message::Span& key : keys) {
    arguments.erase(key.end - 1, 1).erase(key.begin, 1);
  }
  return arguments;
}

std::string Malform(v1::Malformation how, std::string arguments, std::string_view tool) {
  if (how == v1::MALFORMATION_TRAILING_COMMA) {
    return AddComma(std::move(arguments));
  }
  if (how == v1::MALFORMATION_UNQUOTED) {
    return UnquoteKeys(std::move(arguments));
  }
  if (how == v1::MALFORMATION_PROSE) {
    return absl::StrCat("Sure! I will call ", std::string(tool.empty() ? "the tool" : tool),
                        " with the values you gave me.");
  }
  return CutInHalf(arguments);
}

class MalformedToolCall final : public Fault {
 public:
  explicit MalformedToolCall(const v1::MalformedToolCallFault& spec) : how_(spec.how()) {}

  Stage stage() const override { return Stage::kBody; }
  Needs needs() const override { return {.held_answer = true}; }
  std::unique_ptr<ExchangeState> NewExchangeState() const override {
    return std::make_unique<Malformed>();
  }

  AnswerActions OnResponse(const ResponseInput& input, Scope& scope) const override {
    if (input.document == nullptr) {
      return NoOp(kNotHeld);
    }
    const std::vector<message::Field> fields = input.dialect.Fields(*input.document);
    const auto call = std::find_if(fields.begin(), fields.end(), [](const message::Field& field) {
      return field.kind == message::FieldKind::kArguments;
    });
    if (call == fields.end()) {
      return NoOp("the answer asks for no tool");
    }
    if (call->json) {
      return NoOp(
          "the arguments travel as a JSON object here: malformed ones would break the whole "
          "answer");
    }
    message::Document document = *input.document;
    const std::string malformed = Malform(how_, message::ReadField(document, *call), call->tool);
    if (malformed.empty() || message::IsJson(malformed) ||
        !message::WriteField(document, *call, malformed)) {
      return NoOp("these arguments cannot be malformed this way");
    }
    if (auto* state = static_cast<Malformed*>(scope.state)) {
      state->tool = call->tool;
    }
    return {{action::ReplaceDocument{std::move(document)}}, {}};
  }

  std::string Parameters(const Scope& scope) const override {
    boost::json::object parameters{{"how", EnumText(how_)}};
    const auto* state = static_cast<const Malformed*>(scope.state);
    if (state != nullptr && !state->tool.empty()) {
      parameters["tool"] = state->tool;
    }
    return boost::json::serialize(parameters);
  }

 private:
  v1::Malformation how_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::MalformedToolCallFault& fault) {
  return std::make_unique<MalformedToolCall>(fault);
}

}  // namespace murphy
