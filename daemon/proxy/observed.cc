// SPDX-License-Identifier: Apache-2.0
#include "daemon/proxy/observed.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "daemon/dialect/dialects.h"
#include "daemon/engine/address.h"
#include "daemon/journal/journal.h"
#include "faults/catalog.h"

namespace murphy::proxy {
namespace {

constexpr size_t kMostHistoryBytes = 256 * 1024;

}  // namespace

ObservedExchange::ObservedExchange(Incoming& in)
    : in_(in), down_(in.down), run_(*in.run), call_(in.down, *in.route) {}

Task<bool> ObservedExchange::Run() {
  if (!co_await ReadRequest()) co_return false;
  Begin();
  Next next = co_await RequestLeg();
  if (next == Next::kGoOn) next = co_await Forward();
  Finish();
  co_return keep_alive_;
}

// The body is needed to know the model or the tool. False: the agent is gone, or has been refused.
Task<bool> ObservedExchange::ReadRequest() {
  if (in_.head.expects_continue && in_.head.minor_version == 1) {
    answered_continue_ = true;
    if (!co_await down_.Write("HTTP/1.1 100 Continue\r\n\r\n")) {
      down_.Close();
      co_return false;
    }
  }
  const Buffered buffered = co_await BufferBody(in_, down_.worker.limits.max_held_bytes);
  if (buffered == Buffered::kBroken) {
    co_await Refuse(down_, 400, v1::ORIGIN_DOWNSTREAM,
                    "The chunked coding of the request is broken.");
    co_return false;
  }
  if (buffered == Buffered::kGone) {
    down_.Close();
    co_return false;
  }
  std::string payload;
  if (in_.head.framing == Framing::kChunked) {
    BodyFraming(in_.head.framing, 0).Consume(in_.body(), &payload, SIZE_MAX);
  } else {
    payload = std::string(in_.body());
  }
  Classify(payload, buffered == Buffered::kComplete);
  co_return true;
}

void ObservedExchange::Classify(std::string_view body, bool complete) {
  request_.method = std::string(in_.head.method);
  const std::string_view rest = in_.target.rest;
  const size_t mark = rest.find('?');
  request_.path = in_.route->prefix + std::string(rest.substr(0, mark));
  request_.prefix = in_.route->prefix.size();
  if (request_.path.empty()) request_.path = "/";
  if (mark != std::string_view::npos) request_.query = std::string(rest.substr(mark + 1));
  for (const HeaderLine& line : in_.head.lines) {
    request_.headers.push_back({std::string(line.name), std::string(line.value)});
  }
  std::optional<std::string> decoded;
  if (complete) {
    decoded = dialect::Decode(message::FindHeader(request_.headers, "content-encoding"), body,
                              down_.worker.limits.max_held_bytes);
  }
  request_.body_complete = decoded.has_value();
  request_.body = std::move(decoded).value_or("");
  dialect_ = &dialect::Recognise(request_, in_.route->provider);
  asked_ = dialect_->Describe(request_, in_.route->name);
  if (!request_.body_complete) asked_.unclassified = true;
}

void ObservedExchange::Begin() {
  const std::string agent = engine::AgentOf(request_);
  // A canary in a tool's arguments has been acted upon.
  if (asked_.kind == v1::TARGET_KIND_TOOL) {
    for (const std::string& canary :
         run_.CanariesIn(request_.path + "?" + request_.query + "\n" + request_.body)) {
      record_.add_canaries_seen(canary);
    }
  }
  begun_ = run_.Begin({.request = request_,
                       .call = asked_,
                       .dialect = *dialect_,
                       .route = in_.route->name,
                       .agent = agent,
                       .canary = !record_.canaries_seen().empty(),
                       .upstream = in_.route->host});
  record_.set_sequence(begun_.sequence);
  SetTime(absl::Now() - absl::FromChrono(Clock::now() - in_.arrived), record_.mutable_begin_time());
  record_.set_address(begun_.address);
  for (const std::string& target : begun_.targets) record_.add_targets(target);
  record_.set_kind(asked_.kind);
  record_.set_name(asked_.name);
  record_.set_provider(asked_.provider);
  record_.set_route(in_.route->name);
  record_.set_method(request_.method);
  record_.set_path(journal::Redact(request_.path));
  record_.set_stream(asked_.stream);
  record_.set_attempt(begun_.attempt);
  record_.set_attempt_layer(begun_.layer);
  record_.set_operation(begun_.operation);
  record_.set_repeat(begun_.repeat);
  record_.set_fallback_of(begun_.fallback_of);
  record_.set_revision(begun_.revision);
  record_.set_revision_of(begun_.revision_of);
  record_.set_idempotency_digest(begun_.idempotency_digest);
  record_.set_unclassified(asked_.unclassified);
  record_.set_agent(agent);
  record_.set_request_bytes(in_.framing.payload_bytes());
  record_.set_origin(v1::ORIGIN_UPSTREAM);
  injections_.resize(begun_.decisions.size());
  for (size_t i = 0; i < injections_.size(); ++i) {
    engine::Decision& decision = begun_.decisions[i];
    LiveInjection& live = injections_[i];
    live.decision = &decision;
    v1::Injection& record = live.record;
    record.set_id(decision.injection);
    record.set_exchange(begun_.sequence);
    record.set_rule(decision.rule->id);
    record.set_fault(decision.rule->fault_name);
    record.set_target(decision.rule->spec.target());
    record.set_address(begun_.address + "!" +
                       std::string(engine::LegOf(decision.rule->fault->stage())));
    record.set_state(decision.state);
    record.set_detail(decision.detail);
    record.set_approximate(decision.approximate);
    record.set_one_off(decision.one_off);
    record.set_outranked(decision.outranked);
    record.set_parameters("{}");
    if (decision.state == v1::INJECTION_STATE_UNSPECIFIED) continue;
    SetTime(absl::Now(), record.mutable_fire_time());
    NoteParameters(live);
    // What cannot be recorded must not act.
    const bool acts = engine::Acts(decision.state) && !decision.shadow;
    live.open = run_.Record(record) && acts;
    if (!live.open && acts) decision.state = v1::INJECTION_STATE_EXPIRED;
  }
}

void ObservedExchange::SettleRest() {
  for (LiveInjection& live : injections_) {
    if (live.decision->shadow && live.decision->gate != nullptr) {
      const bool met = live.decision->gate->state() == engine::Gate::State::kOpen;
      Settle(live, met ? v1::INJECTION_STATE_WOULD_FIRE : v1::INJECTION_STATE_EXPIRED,
             met ? "" : "its group was not complete while the call was in flight");
    }
    if (!live.open) continue;
    if (live.acted) {
      Settle(live, v1::INJECTION_STATE_DELIVERED);
    } else if (!ended_by_.empty()) {
      Settle(live, v1::INJECTION_STATE_MASKED, "`" + ended_by_ + "` ended the exchange first");
    } else if (down_.agent_left()) {
      Settle(live, v1::INJECTION_STATE_EXPIRED, "the agent left first");
    } else {
      Settle(live, v1::INJECTION_STATE_NO_OP,
             record_.failure().empty() ? "it found nothing to change in this exchange"
                                       : "the exchange failed by itself first");
    }
  }
}

void ObservedExchange::Conclude(v1::EndState end) {
  record_.set_end(end);
  if (concluded_) return;
  concluded_ = true;
  ending_.end = end;
  const std::string_view type = message::FindHeader(head_.headers, "content-type");
  const auto decoded = dialect::Decode(message::FindHeader(head_.headers, "content-encoding"),
                                       upstream_payload_, down_.worker.limits.max_held_bytes);
  auto document =
      std::make_shared<message::Document>(dialect::MakeDocument(type, decoded.value_or("")));
  const message::Answer answer = dialect_->Read(head_.status, *document);
  const bool upstream_answered = record_.upstream_status() != 0;
  const std::string_view seen_type = sent_type_.empty() ? type : std::string_view(sent_type_);
  const message::Answer seen = sent_differs_
                                   ? dialect_->Read(static_cast<int>(record_.status()),
                                                    dialect::MakeDocument(seen_type, sent_payload_))
                                   : answer;
  v1::Usage& usage = *record_.mutable_usage();
  if (answer.input_tokens.has_value() || answer.output_tokens.has_value()) {
    usage.set_input_tokens(answer.input_tokens.value_or(0));
    usage.set_output_tokens(answer.output_tokens.value_or(0));
  } else if (asked_.kind == v1::TARGET_KIND_MODEL && upstream_answered && !answer.failed) {
    usage.set_estimated(true);
    usage.set_input_tokens(asked_.estimated_tokens);
    usage.set_output_tokens(answer.text.size() / 4);
  }
  ending_.status = record_.status();
  NoteAmounts();
  ending_.tokens = usage.input_tokens() + usage.output_tokens();
  if (const auto cost =
          down_.worker.runs.prices().Cost(asked_.name, usage.input_tokens(), usage.output_tokens());
      cost.has_value() && ending_.tokens > 0) {
    record_.set_cost(*cost);
    ending_.cost = *cost;
  }
  ending_.failed = record_.end() != v1::END_STATE_COMPLETE || record_.status() >= 400 ||
                   seen.failed || !seen.complete;
  record_.set_failed(ending_.failed);
  if (asked_.kind == v1::TARGET_KIND_MODEL) {
    std::string said = seen.text;
    for (const message::ToolCall& tool : seen.tool_calls) said += "\n" + tool.arguments;
    for (const std::string& canary : run_.CanariesIn(said)) record_.add_canaries_seen(canary);
    ending_.canary = !record_.canaries_seen().empty();
  }
  if (upstream_answered && !answer.failed && head_.status < 300 && decoded.has_value() &&
      decoded->size() <= kMostHistoryBytes) {
    ending_.answer = std::move(document);
  }
  run_.Conclude(begun_.sequence, ending_);
}

// What the agent has once it has seen the end, which it has not yet.
void ObservedExchange::NoteAmounts() {
  ending_.bytes = std::max<uint64_t>(sent_bytes_, sent_payload_.size());
  if (!answering_) return;
  const bool spliced = sent_payload_.empty() && !sent_differs_;
  if (spliced) ending_.bytes = std::max(ending_.bytes, call_.framing().payload_bytes());
  if (!IsEventStream()) return;
  ending_.events = std::max(sent_events_, CountEvents(spliced ? upstream_payload_ : sent_payload_));
}

void ObservedExchange::Finish() {
  SettleRest();
  if (record_.end() == v1::END_STATE_UNSPECIFIED) {
    record_.set_end(down_.agent_left() ? v1::END_STATE_AGENT_LEFT : v1::END_STATE_NO_ANSWER);
  }
  Conclude(record_.end());
  if (record_.end() != v1::END_STATE_COMPLETE) record_.set_failed(true);
  SetDuration(absl::FromChrono(Clock::now() - in_.arrived), record_.mutable_duration());
  record_.set_response_bytes(sent_bytes_);
  record_.set_events(sent_events_);
  run_.End(std::move(record_), ending_);
}

Task<bool> Observe(Incoming& in) {
  ObservedExchange exchange(in);
  co_return co_await exchange.Run();
}

}  // namespace murphy::proxy
