// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "faults/fault.h"
#include "faults/message/json_walk.h"
#include "faults/tool/lie.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"

namespace murphy {
namespace {

using message::Document;
using message::Field;
using message::JsonNode;

// Longest value that the journal keeps whole.
constexpr size_t kMaxShown = 256;

struct Told : ExchangeState {
  std::optional<Lie> lie;
  // Empty where the value is in prose.
  std::string pointer;
  bool prose = false;
};

std::string_view Literal(std::string_view text, message::Span span) {
  return text.substr(span.begin, span.end - span.begin);
}

// Every number in `text` that is `before`, and stands alone, replaced.
std::string ReplaceNumbers(std::string text, const std::string& before, const std::string& after) {
  size_t from = 0;
  while (const std::optional<message::Span> span = FindNumber(text, from)) {
    from = span->end;
    if (!before.empty() && Literal(text, *span) == before) {
      text.replace(span->begin, before.size(), after);
      from = span->begin + after.size();
    }
  }
  return text;
}

class WrongValue final : public Fault {
 public:
  explicit WrongValue(const v1::WrongValueFault& spec)
      : kind_(spec.kind()), pointer_(spec.pointer()), chosen_(spec.has_pointer()) {}

  Stage stage() const override { return Stage::kBody; }
  Needs needs() const override { return {.held_answer = true}; }
  std::unique_ptr<ExchangeState> NewExchangeState() const override {
    return std::make_unique<Told>();
  }

  AnswerActions OnResponse(const ResponseInput& input, Scope& scope) const override {
    if (input.document == nullptr) {
      return NoOp(kNotHeld);
    }
    if (input.dialect.Read(input.head.status, *input.document).failed) {
      return NoOp("the tool failed by itself, so there is no value to change");
    }
    std::vector<Field> fields = input.dialect.Fields(*input.document);
    std::erase_if(fields,
                  [](const Field& field) { return field.kind != message::FieldKind::kResult; });
    auto& told = static_cast<Told&>(*scope.state);
    if (!Choose(*input.document, fields, scope.draw, told)) {
      return NoOp(chosen_ ? absl::StrCat("the result has no value at ", pointer_, " that `",
                                         EnumText(kind_), "` can change")
                          : absl::StrCat("the result has no value that `", EnumText(kind_),
                                         "` can change"));
    }
    Document document = *input.document;
    bool changed = false;
    for (const Field& field : fields) {
      changed |=
          message::WriteField(document, field, Retold(message::ReadField(document, field), told));
    }
    if (!changed) return NoOp("the value could not be replaced where it is");
    return {{action::ReplaceDocument{std::move(document)}}, {}};
  }

  std::string Parameters(const Scope& scope) const override {
    boost::json::object parameters{{"kind", EnumText(kind_)}};
    const auto* told = static_cast<const Told*>(scope.state);
    if (told != nullptr && told->lie) {
      parameters["pointer"] = told->pointer;
      parameters["before"] = told->lie->before.substr(0, kMaxShown);
      parameters["after"] = told->lie->after.substr(0, kMaxShown);
    } else if (chosen_) {
      parameters["pointer"] = pointer_;
    }
    return boost::json::serialize(parameters);
  }

 private:
  // Structured values first: prose beside them repeats them.
  bool Choose(const Document& document, const std::vector<Field>& fields, const Draw& draw,
              Told& told) const {
    for (const Field& field : fields) {
      if (ChooseInJson(message::ReadField(document, field), draw, told)) {
        return true;
      }
    }
    for (const Field& field : fields) {
      if (!chosen_ && ChooseInProse(message::ReadField(document, field), draw, told)) {
        return true;
      }
    }
    return false;
  }

  bool ChooseInJson(const std::string& value, const Draw& draw, Told& told) const {
    for (const JsonNode& node : message::WalkJson(value).value_or(std::vector<JsonNode>())) {
      if (!chosen_ || node.pointer == pointer_) {
        told.lie = LieAbout(kind_, node.kind, Literal(value, node.span), draw);
        told.pointer = node.pointer;
      }
      if (told.lie) {
        return true;
      }
    }
    return false;
  }

  bool ChooseInProse(const std::string& value, const Draw& draw, Told& told) const {
    const std::optional<message::Span> span = FindNumber(value);
    if (!span || message::IsJson(value)) {
      return false;
    }
    const std::string before(Literal(value, *span));
    const std::optional<std::string> after = LieAboutNumber(kind_, before, draw);
    if (!after) {
      return false;
    }
    told.lie = Lie{before, *after, before, *after};
    told.pointer.clear();
    told.prose = true;
    return true;
  }

  // A result is often stated twice, as text and as structure: both tell the same lie.
  static std::string Retold(std::string value, const Told& told) {
    if (!message::IsJson(value)) {
      return ReplaceNumbers(std::move(value), told.lie->number_before, told.lie->number_after);
    }
    const std::optional<message::Span> span = message::FindValue(value, told.pointer);
    if (!told.prose && span && Literal(value, *span) == told.lie->before) {
      message::ReplaceValue(value, told.pointer, told.lie->after);
    }
    return value;
  }

  v1::WrongValueKind kind_;
  std::string pointer_;
  bool chosen_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::WrongValueFault& fault) {
  return std::make_unique<WrongValue>(fault);
}

}  // namespace murphy
