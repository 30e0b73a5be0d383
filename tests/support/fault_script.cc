// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fault_script.h"

#include <google/protobuf/text_format.h>

#include <stdexcept>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "faults/catalog.h"
#include "faults/message/sse.h"
#include "faults/values.h"

namespace murphy::test {
namespace {

std::string Show(const message::Response& response) {
  std::string text = absl::StrCat("Respond ", response.status);
  for (const message::Header& header : response.headers) {
    absl::StrAppend(&text, " [", header.name, ": ", header.value, "]");
  }
  return absl::StrCat(text, " ", response.body);
}

std::string Show(const action::EditHead& edit) {
  std::string text = "EditHead";
  for (const std::string& name : edit.remove) absl::StrAppend(&text, " [-", name, "]");
  for (const message::Header& header : edit.set) {
    absl::StrAppend(&text, " [", header.name, ": ", header.value, "]");
  }
  return text;
}

std::string_view Show(action::CutBody::End end) {
  switch (end) {
    case action::CutBody::End::kHonest:
      return "honest";
    case action::CutBody::End::kLying:
      return "lying";
    case action::CutBody::End::kReset:
      return "reset";
  }
  return "";
}

struct Shown {
  std::string operator()(const action::Delay& a) const {
    return "Delay " + DurationText(a.duration);
  }
  std::string operator()(const action::Respond& a) const { return Show(a.response); }
  std::string operator()(const action::Reset&) const { return "Reset"; }
  std::string operator()(const action::Close&) const { return "Close"; }
  std::string operator()(const action::Hang& a) const {
    return a.duration ? "Hang " + DurationText(*a.duration) : "Hang";
  }
  std::string operator()(const action::ForwardCopies& a) const {
    return absl::StrCat("ForwardCopies ", a.copies, " gap ", DurationText(a.gap), " answer ",
                        a.answer);
  }
  std::string operator()(const action::DiscardAnswer&) const { return "DiscardAnswer"; }
  std::string operator()(const action::ReplaceDocument& a) const {
    return "ReplaceDocument " + absl::CEscape(message::Bytes(a.document));
  }
  std::string operator()(const action::EditHead& a) const { return Show(a); }
  std::string operator()(const action::ReplaceBody& a) const {
    return "ReplaceBody " + absl::CEscape(a.body);
  }
  std::string operator()(const action::CutBody& a) const {
    return absl::StrCat("CutBody ", a.keep, " ", std::string(Show(a.end)));
  }
  std::string operator()(const action::Emit& a) const {
    return "Emit " + absl::CEscape(a.part.raw);
  }
  std::string operator()(const action::Drop&) const { return "Drop"; }
  std::string operator()(const action::EndStream&) const { return "EndStream"; }
};

template <typename Action>
Transcript Show(const ActionsOf<Action>& actions) {
  Transcript transcript;
  for (const Action& action : actions.list) {
    transcript.push_back(std::visit(Shown(), action));
  }
  if (!actions.no_op.empty()) {
    transcript.push_back("no_op: " + actions.no_op);
  }
  return transcript;
}

message::Document Plain(const std::string& body) {
  return {.stream = false, .parts = {message::Part{.raw = body, .data = body}}};
}

// What the daemon does with the actions of one event. False: the answer is over.
bool Perform(const EventActions& actions, const message::Part& part, Played& played) {
  bool dropped = false;
  for (const EventAction& action : actions.list) {
    if (const auto* emit = std::get_if<action::Emit>(&action)) {
      played.bytes += emit->part.raw;
    }
    dropped |= std::holds_alternative<action::Drop>(action);
    if (std::holds_alternative<action::EndStream>(action) ||
        std::holds_alternative<action::Reset>(action)) {
      return false;
    }
  }
  if (!dropped) {
    played.bytes += part.raw;
  }
  return true;
}

template <typename Action>
void Note(const ActionsOf<Action>& actions, Played& played) {
  for (std::string& line : Show(actions)) {
    played.actions.push_back(std::move(line));
  }
  if (played.no_op.empty()) {
    played.no_op = actions.no_op;
  }
}

uint32_t EventsIn(const std::vector<message::Part>& parts) {
  uint32_t events = 0;
  for (const message::Part& part : parts) events += part.data.empty() ? 0 : 1;
  return events;
}

}  // namespace

FaultScript::FaultScript(std::string_view fault, uint64_t seed) : seed_(seed) {
  v1::Fault message;
  if (!google::protobuf::TextFormat::ParseFromString(std::string(fault), &message)) {
    throw std::invalid_argument(std::string(fault));
  }
  fault_ = MakeFault(message);
  rule_state_ = fault_->NewRuleState();
  call.name = "route.tool";
  NextExchange();
}

void FaultScript::NextExchange() {
  exchange_state_ = fault_->NewExchangeState();
  draw_ = std::make_unique<Draw>(seed_, 0, "rule", absl::StrCat("address#", ++exchanges_));
}

Scope FaultScript::MakeScope() const {
  return {.state = exchange_state_.get(),
          .draw = *draw_,
          .now = {.run = now, .wall = absl::FromUnixSeconds(1'800'000'000) + now},
          .client_timeout = client_timeout,
          .elapsed = elapsed};
}

Admission FaultScript::Admit() {
  Scope scope = MakeScope();
  return fault_->Admit({request, call, dialect, agent}, rule_state_.get(), scope);
}

Transcript FaultScript::Request() {
  Scope scope = MakeScope();
  return Show(fault_->OnRequest({request, call, dialect, agent}, scope));
}

void FaultScript::Settle(Admission admission, uint64_t tokens) {
  fault_->Settle({call, tokens, admission, agent}, rule_state_.get(), {.run = now, .wall = {}});
}

Played FaultScript::Answer(std::string body, int status) { return Play(Plain(body), status); }

Played FaultScript::Stream(const std::vector<std::string>& events) {
  message::Document document{.stream = true};
  for (const std::string& event : events) {
    document.parts.push_back(message::ParseEvent(event));
  }
  return Play(std::move(document), 200);
}

Played FaultScript::Play(message::Document document, int status) {
  Played played;
  Scope scope = MakeScope();
  std::vector<std::shared_ptr<const message::Document>> earlier;
  for (const std::string& body : history) {
    earlier.push_back(std::make_shared<message::Document>(Plain(body)));
  }
  const message::AnswerHead head{.status = status};
  const bool held = fault_->needs().held_answer && !too_large;
  const AnswerActions first =
      fault_->OnResponse({call, dialect, head, held ? &document : nullptr, earlier}, scope);
  Note(first, played);
  for (const AnswerAction& action : first.list) {
    if (const auto* replace = std::get_if<action::ReplaceDocument>(&action)) {
      document = replace->document;
    }
  }
  std::vector<message::Part> sent;
  bool open = true;
  for (const message::Part& part : document.parts) {
    EventActions actions;
    if (document.stream && fault_->needs().events) {
      const uint32_t total = EventsIn(document.parts);
      actions =
          fault_->OnEvent({call, dialect, part, EventsIn(sent),
                           played.bytes.size(), sent, held ? std::optional(total) : std::nullopt},
                          scope);
      Note(actions, played);
    }
    open = open && Perform(actions, part, played);
    if (!open) {
      break;
    }
    sent.push_back(part);
  }
  Note(fault_->OnEnd(scope), played);
  return played;
}

std::string FaultScript::Parameters() const { return fault_->Parameters(MakeScope()); }

std::string Event(std::string_view data) { return message::FormatEvent("", data); }

}  // namespace murphy::test
