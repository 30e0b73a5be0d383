// SPDX-License-Identifier: Apache-2.0
#include "daemon/scenario/where.h"

#include <boost/json.hpp>

#include "daemon/scenario/whose.h"

namespace murphy::scenario {
namespace {

std::optional<Glob> Compiled(bool present, const std::string& pattern) {
  return present ? std::optional<Glob>(pattern) : std::nullopt;
}

bool IsTool(v1::TargetKind kind) {
  return kind == v1::TARGET_KIND_TOOL || kind == v1::TARGET_KIND_HTTP;
}

bool HasHeader(const message::Request& request, std::string_view name, std::string_view& value) {
  value = message::FindHeader(request.headers, name);
  // A header that is there may be empty: its view has an address.
  return value.data() != nullptr;
}

}  // namespace

Where::Where(const v1::Where& spec)
    : spec_(spec),
      model_(Compiled(spec.has_model(), spec.model())),
      tool_(Compiled(spec.has_tool(), spec.tool())),
      agent_(Compiled(spec.has_agent(), spec.agent())),
      session_(Compiled(spec.has_session(), spec.session())),
      wanted_(spec) {}

bool Where::FitsNames(const Said& said) const {
  const message::Call& call = said.call;
  if (model_.has_value() && (call.kind != v1::TARGET_KIND_MODEL || !model_->Matches(call.name)))
    return false;
  if (tool_.has_value() && (!IsTool(call.kind) || !tool_->Matches(call.name))) return false;
  if (agent_.has_value() && !agent_->Matches(said.agent)) return false;
  if (session_.has_value()) {
    const std::string_view session = SessionOf(said.request);
    if (session.empty() || !session_->Matches(session)) return false;
  }
  return true;
}

bool Where::SelectsAttempt(uint32_t attempt) const {
  return spec_.attempts_size() != 2 ||
         (spec_.attempts(0) <= attempt && attempt <= spec_.attempts(1));
}

bool Where::Matches(Content& content) const {
  if (!FitsNames(content.said())) return false;
  std::string_view header;
  if (spec_.has_header() && !HasHeader(content.said().request, spec_.header(), header))
    return false;
  if (spec_.has_pointer()) {
    const Value* value = content.At(spec_.pointer());
    if (value == nullptr) return false;
    // With a header beside it, neither has more to say than that it is there.
    return spec_.has_header() || wanted_.Is(value->text, value->number);
  }
  if (spec_.has_header()) return wanted_.Is(header);
  return !wanted_.matches() || (content.MayContain(number_) && wanted_.Is(content.Text()));
}

void Wheres::Prepare() {
  std::vector<std::string> of_text;
  for (Where& where : list) {
    if (!where.of_text()) continue;
    where.set_number(static_cast<uint32_t>(of_text.size()));
    of_text.push_back(where.expression());
  }
  prefilter = std::make_unique<const Prefilter>(of_text);
}

struct Content::Parsed {
  std::optional<boost::json::value> value;
};

Content::Content(const Wheres& wheres, const std::vector<uint32_t>& held)
    : wheres_(&wheres), known_(wheres.list.size(), Known::kFails) {
  for (const uint32_t where : held) {
    if (where < known_.size()) known_[where] = Known::kHolds;
  }
}

std::vector<uint32_t> Content::Held() const {
  std::vector<uint32_t> held;
  for (uint32_t i = 0; i < known_.size(); ++i) {
    if (known_[i] == Known::kHolds && wheres_->list[i].SelectsAttempt(attempt_)) held.push_back(i);
  }
  return held;
}

void Content::Look(uint32_t where) {
  if (known_.empty()) known_.assign(wheres_->list.size(), Known::kNo);
  Known& known = known_[where];
  if (known == Known::kNo)
    known = wheres_->list[where].Matches(*this) ? Known::kHolds : Known::kFails;
}

bool Content::Matches(uint32_t where) {
  Look(where);
  return known_[where] == Known::kHolds && wheres_->list[where].SelectsAttempt(attempt_);
}

std::string_view Content::Text() const {
  const message::Call& call = said_->call;
  const bool of_tool = IsTool(call.kind) && !call.arguments.empty();
  return std::string_view(of_tool ? call.arguments : said_->request.body).substr(0, kMostRead);
}

bool Content::MayContain(uint32_t number) {
  if (!candidates_.has_value()) candidates_ = wheres_->prefilter->Candidates(Text());
  return candidates_->empty() || (*candidates_)[number];
}

const Content::Parsed& Content::Document() {
  if (parsed_ != nullptr) return *parsed_;
  auto parsed = std::make_shared<Parsed>();
  const std::string_view text = Text();
  if (text.size() < kMostRead) {
    boost::json::error_code error;
    parsed->value = boost::json::parse({text.data(), text.size()}, error);
    if (error) parsed->value.reset();
  }
  parsed_ = std::move(parsed);
  return *parsed_;
}

const Value* Content::At(const std::string& pointer) {
  const auto [entry, fresh] = values_.try_emplace(pointer);
  std::optional<Value>& value = entry->second;
  const Parsed& document = Document();
  if (fresh && document.value.has_value()) value = ValueAt(*document.value, pointer);
  return value.has_value() ? &*value : nullptr;
}

}  // namespace murphy::scenario
