// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "faults/fault.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"

namespace murphy {
namespace {

using message::Field;

// Bytes of a text that a share keeps: at least one is lost, and no character is cut in two.
size_t KeptBytes(std::string_view text, double fraction) {
  const auto share = static_cast<size_t>(static_cast<double>(text.size()) * fraction);
  return message::CharacterStart(text, std::min(share, text.size() - 1));
}

// Where each choice of an answer stops: its texts, taken together, are cut at a share.
std::vector<message::Stop> StopsAt(const message::Document& document,
                                   const std::vector<Field>& fields, double fraction) {
  std::map<uint64_t, std::string> texts;
  for (const Field& field : fields) {
    if (field.kind == message::FieldKind::kText) {
      texts[field.slot.choice] += message::ReadField(document, field);
    }
  }
  std::vector<message::Stop> stops;
  for (const auto& [choice, text] : texts) {
    size_t keep = text.empty() ? 0 : KeptBytes(text, fraction);
    for (const Field& field : fields) {
      if (field.kind != message::FieldKind::kText || field.slot.choice != choice) {
        continue;
      }
      const size_t size = message::ReadField(document, field).size();
      if (keep < size) {
        stops.push_back({field, keep});
        break;
      }
      keep -= size;
    }
  }
  return stops;
}

class LengthStop final : public Fault {
 public:
  explicit LengthStop(const v1::LengthStopFault& spec) : fraction_(spec.fraction()) {}

  Stage stage() const override { return Stage::kBody; }
  Needs needs() const override { return {.held_answer = true}; }

  AnswerActions OnResponse(const ResponseInput& input, Scope&) const override {
    if (input.document == nullptr) {
      return NoOp(kNotHeld);
    }
    message::Document document = *input.document;
    const std::vector<message::Stop> stops =
        StopsAt(document, input.dialect.Fields(document), fraction_);
    if (stops.empty() || !input.dialect.EndEarly(document, stops, message::FinishReason::kLength)) {
      return NoOp("the answer holds no text that a length limit could stop");
    }
    return {{action::ReplaceDocument{std::move(document)}}, {}};
  }

  std::string Parameters(const Scope&) const override {
    return boost::json::serialize(boost::json::object{{"fraction", fraction_}});
  }

 private:
  double fraction_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::LengthStopFault& fault) {
  return std::make_unique<LengthStop>(fault);
}

}  // namespace murphy
