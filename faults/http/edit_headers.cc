// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json.hpp>

#include "faults/fault.h"
#include "faults/values.h"
#include "murphy/v1/fault.pb.h"

namespace murphy {
namespace {

action::EditHead EditOf(const v1::EditHeadersFault& spec) {
  action::EditHead edit;
  for (const auto& [name, value] : spec.set())
    edit.set.push_back(message::CleanHeader(name, value));
  std::erase_if(edit.set, [](const message::Header& header) { return header.name.empty(); });
  // A protobuf map has no order of its own.
  std::sort(edit.set.begin(), edit.set.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  edit.remove.assign(spec.remove().begin(), spec.remove().end());
  return edit;
}

class EditHeaders final : public Fault {
 public:
  explicit EditHeaders(const v1::EditHeadersFault& spec)
      : edit_(EditOf(spec)), point_(spec.at()), on_request_(point_ == v1::HEADER_POINT_REQUEST) {}

  Stage stage() const override { return on_request_ ? Stage::kPreCommit : Stage::kBody; }

  RequestActions OnRequest(const RequestInput&, Scope&) const override {
    if (!on_request_) return {};
    return Edit<RequestAction>();
  }

  AnswerActions OnResponse(const ResponseInput&, Scope&) const override {
    if (on_request_) return {};
    return Edit<AnswerAction>();
  }

  std::string Parameters(const Scope&) const override {
    boost::json::object set;
    for (const message::Header& header : edit_.set) set[header.name] = header.value;
    return boost::json::serialize(
        boost::json::object{{"at", EnumText(point_)},
                            {"set", std::move(set)},
                            {"remove", boost::json::array(edit_.remove.begin(), edit_.remove.end())}});
  }

 private:
  template <typename Action>
  ActionsOf<Action> Edit() const {
    if (edit_.set.empty() && edit_.remove.empty()) return NoOp("no header is named");
    return {{edit_}, {}};
  }

  action::EditHead edit_;
  v1::HeaderPoint point_;
  bool on_request_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::EditHeadersFault& fault) {
  return std::make_unique<EditHeaders>(fault);
}

}  // namespace murphy
