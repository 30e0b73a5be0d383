// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "faults/fault.h"
#include "faults/message/json_edit.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"

namespace murphy {
namespace {

// An earlier answer under the id of the present call. Requests and notifications of the server's
// own keep theirs.
void Readdress(message::Document& document, const std::string& id) {
  for (message::Part& part : document.parts) {
    std::string data = part.data;
    if (!message::FindValue(data, "/method") && message::ReplaceValue(data, "/id", id) &&
        data != part.data) {
      message::SetData(part, std::move(data));
    }
  }
}

class StaleResult final : public Fault {
 public:
  explicit StaleResult(const v1::StaleResultFault& spec) : age_(std::max(1u, spec.age())) {}

  Stage stage() const override { return Stage::kBody; }
  Needs needs() const override { return {.held_answer = true, .history = true}; }

  AnswerActions OnResponse(const ResponseInput& input, Scope&) const override {
    if (input.document == nullptr) {
      return NoOp(kNotHeld);
    }
    if (input.dialect.Read(input.head.status, *input.document).failed) {
      return NoOp("the tool failed by itself, and an earlier success would hide it");
    }
    if (input.history.size() < age_) {
      return NoOp(
          absl::StrCat("there are only ", input.history.size(), " earlier results of this tool"));
    }
    message::Document document = *input.history[age_ - 1];
    if (document.stream != input.document->stream) {
      return NoOp("the earlier result came in another framing");
    }
    if (!input.call.rpc_id.empty()) {
      Readdress(document, input.call.rpc_id);
    }
    if (message::Bytes(document) == message::Bytes(*input.document)) {
      return NoOp("the earlier result is the same as the present one");
    }
    return {{action::ReplaceDocument{std::move(document)}}, {}};
  }

  std::string Parameters(const Scope&) const override {
    return boost::json::serialize(boost::json::object{{"age", age_}});
  }

 private:
  uint32_t age_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::StaleResultFault& fault) {
  return std::make_unique<StaleResult>(fault);
}

}  // namespace murphy
