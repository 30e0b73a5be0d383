// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "faults/fault.h"
#include "faults/message/json_edit.h"
#include "faults/message/json_walk.h"
#include "murphy/v1/fault.pb.h"

namespace murphy {
namespace {

// Where requests carry what the model is told, in every dialect.
constexpr std::array<std::string_view, 6> kTold = {"/messages", "/input",  "/instructions",
                                                   "/system",   "/prompt", "/contents"};

bool IsTold(std::string_view pointer) {
  return std::any_of(kTold.begin(), kTold.end(), [pointer](std::string_view root) {
    return pointer == root || (pointer.starts_with(root) && pointer[root.size()] == '/');
  });
}

// Names, roles and ids are no text.
bool IsText(std::string_view pointer) {
  const std::string_view key = pointer.substr(pointer.rfind('/') + 1);
  return key != "role" && key != "type" && key != "id" && key != "name" && !key.ends_with("_id");
}

bool Replace(std::string& text, const std::string& find, const std::string& replacement) {
  bool found = false;
  for (size_t at = 0; (at = text.find(find, at)) != std::string::npos; at += replacement.size()) {
    text.replace(at, find.size(), replacement);
    found = true;
  }
  return found;
}

class ScramblePrompt final : public Fault {
 public:
  explicit ScramblePrompt(const v1::ScramblePromptFault& spec)
      : find_(spec.find()), replacement_(spec.replacement()) {}

  Stage stage() const override { return Stage::kPreCommit; }

  RequestActions OnRequest(const RequestInput& input, Scope&) const override {
    std::string body = input.request.body;
    std::optional<std::vector<message::JsonNode>> nodes = message::WalkJson(body);
    if (!nodes.has_value() || find_.empty()) return NoOp("the request holds no prompt");
    bool changed = false;
    // From the end, so that the places of the others stay.
    for (auto node = nodes->rbegin(); node != nodes->rend(); ++node) {
      if (node->kind != message::JsonKind::kString) continue;
      if (!IsTold(node->pointer) || !IsText(node->pointer)) continue;
      const size_t size = node->span.end - node->span.begin;
      auto text = message::UnquoteJson(std::string_view(body).substr(node->span.begin, size));
      if (!text.has_value() || !Replace(*text, find_, replacement_)) continue;
      body.replace(node->span.begin, size, message::QuoteJson(*text));
      changed = true;
    }
    if (!changed) return NoOp("the prompt does not hold this text");
    return {{action::ReplaceBody{std::move(body)}}, {}};
  }

  std::string Parameters(const Scope&) const override {
    return boost::json::serialize(
        boost::json::object{{"find", find_}, {"replacement", replacement_}});
  }

 private:
  std::string find_;
  std::string replacement_;
};

}  // namespace

std::unique_ptr<const Fault> MakeFault(const v1::ScramblePromptFault& fault) {
  return std::make_unique<ScramblePrompt>(fault);
}

}  // namespace murphy
