// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "faults/fault.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"

namespace murphy {
namespace {

struct Cut : ExchangeState {
  std::optional<uint64_t> kept;
  uint64_t size = 0;
};

class TruncateBody final : public Fault {
 public:
  explicit TruncateBody(const v1::TruncateBodyFault& spec) : spec_(spec) {}

  Stage stage() const override { return Stage::kBody; }
  Needs needs() const override { return {.held_answer = true}; }
  std::unique_ptr<ExchangeState> NewExchangeState() const override {
    return std::make_unique<Cut>();
  }

  AnswerActions OnResponse(const ResponseInput& input, Scope& scope) const override {
    if (input.document == nullptr) {
      return NoOp(kNotHeld);
    }
    uint64_t size = 0;
    for (const message::Part& part : input.document->parts) {
      size += part.raw.size();
    }
    const uint64_t keep = spec_.place_case() == v1::TruncateBodyFault::kBytes
                              ? spec_.bytes()
                              : static_cast<uint64_t>(static_cast<double>(size) * spec_.fraction());
    if (keep >= size) {
      return NoOp(absl::StrCat("the body has only ", size, " bytes"));
    }
    if (auto* cut = static_cast<Cut*>(scope.state)) {
      cut->kept = keep;
      cut->size = size;
    }
    const bool lies = spec_.how() == v1::TRUNCATE_MODE_DIRTY;
    return {{action::CutBody{.keep = keep,
                             .end = lies ? action::CutBody::End::kLying
                                         : action::CutBody::End::kHonest}},
            {}};
  }

  std::string Parameters(const Scope& scope) const override {
    boost::json::object parameters{{"how", EnumText(spec_.how())}};
    if (spec_.place_case() == v1::TruncateBodyFault::kBytes) {
      parameters["bytes"] = spec_.bytes();
    } else {
      parameters["fraction"] = spec_.fraction();
    }
    const auto* cut = static_cast<const Cut*>(scope.state);
    if (cut != nullptr && cut->kept) {
      parameters["kept"] = *cut->kept;
      parameters["of"] = cut->size;
    }
    return boost::json::serialize(parameters);
  }

 private:
  v1::TruncateBodyFault spec_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::TruncateBodyFault& fault) {
  return std::make_unique<TruncateBody>(fault);
}

}  // namespace murphy
