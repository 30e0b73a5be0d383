// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "faults/fault.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"

namespace murphy {
namespace {

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
    if (!input.dialect.StopForLength(document, fraction_)) {
      return NoOp("the answer holds no text that a length limit could stop");
    }
    if (message::Bytes(document) == message::Bytes(*input.document)) {
      return NoOp("the answer had already stopped for its length at this point");
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
