// SPDX-License-Identifier: Apache-2.0
#include "daemon/exchange/record.h"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "absl/strings/numbers.h"
#include "daemon/dialect/clients.h"
#include "daemon/engine/address.h"
#include "proto/time.h"

namespace murphy::exchange {
namespace {

constexpr uint64_t kBytesOfToken = 4;

void DescribeRequest(Life& life) {
  v1::Exchange& record = life.record;
  record.set_kind(life.call.kind);
  record.set_name(life.call.name);
  record.set_provider(life.call.provider);
  record.set_route(life.subject.route);
  record.set_method(life.subject.request.method);
  record.set_path(life.subject.request.path);
  record.set_stream(life.call.stream);
  record.set_unclassified(life.call.unclassified);
  record.set_client(life.call.client);
  record.set_resumed(!life.subject.request.headers.Find("last-event-id").empty());
  record.set_origin(v1::ORIGIN_UPSTREAM);
  *record.mutable_begin_time() = ToProto(life.subject.arrived.wall);
}

void DescribeIdentity(Life& life) {
  v1::Exchange& record = life.record;
  const engine::Begun& begun = life.begun;
  record.set_sequence(begun.sequence);
  record.set_address(begun.address);
  for (const std::string& target : begun.targets) record.add_targets(target);
  record.set_attempt(begun.attempt);
  const bool repeated = begun.layer == v1::ATTEMPT_LAYER_APPLICATION;
  record.set_attempt_layer(repeated && dialect::RepeatsUnmarked(life.call.client)
                               ? v1::ATTEMPT_LAYER_FRAMEWORK
                               : begun.layer);
  record.set_operation(begun.operation);
  record.set_repeat(begun.repeat);
  record.set_fallback_of(begun.fallback_of);
  record.set_revision(begun.revision);
  record.set_revision_of(begun.revision_of);
  record.set_idempotency_digest(begun.idempotency_digest);
  record.set_request_digest(begun.request_digest);
}

// What a model's answer cost: as the provider says, else estimated from what it said.
void NoteCost(Life& life, const message::Answer& answer) {
  v1::Usage& usage = *life.record.mutable_usage();
  if (answer.input_tokens.has_value() || answer.output_tokens.has_value()) {
    usage.set_input_tokens(answer.input_tokens.value_or(0));
    usage.set_output_tokens(answer.output_tokens.value_or(0));
    // A stream that was cut has told what it began with: Anthropic's begins with one token.
    if (!answer.complete && usage.output_tokens() < answer.said_bytes / kBytesOfToken) {
      usage.set_estimated(true);
      usage.set_output_tokens(answer.said_bytes / kBytesOfToken);
    }
  } else if (life.call.kind == v1::TARGET_KIND_MODEL && life.record.upstream_status() != 0 &&
             !answer.failed && answer.whole) {
    usage.set_estimated(true);
    usage.set_input_tokens(life.call.estimated_tokens);
    usage.set_output_tokens(answer.said_bytes / kBytesOfToken);
  }
  life.ending.tokens = usage.input_tokens() + usage.output_tokens();
  if (life.ending.tokens == 0) return;
  const auto cost = life.subject.book->Cost(life.call.name, usage.input_tokens(),
                                            usage.output_tokens());
  if (!cost.has_value()) return;
  life.record.set_cost(*cost);
  life.ending.cost = *cost;
}

// A body is parsed only where somebody looks into it.
void NoteUpstreamBody(Life& life, const message::Answer& answer) {
  if (life.ending.upstream == nullptr || !life.upstream.has_value()) return;
  life.ending.upstream->finish = answer.finish;
  const auto document = life.begun.reads_answer ? life.upstream->Document() : nullptr;
  if (document == nullptr || document->stream || document->parts.size() != 1) return;
  boost::json::error_code error;
  boost::json::value value = boost::json::parse(document->parts.front().data, error);
  if (!error) life.ending.upstream->body = std::move(value);
}

// A model's answer that repeats a planted instruction.
void NoteCanaries(Life& life, const message::Answer& seen) {
  if (life.call.kind != v1::TARGET_KIND_MODEL) return;
  std::string said = seen.text;
  for (const message::ToolCall& tool : seen.tool_calls) said += "\n" + tool.arguments;
  for (const std::string& canary : life.subject.book->CanariesIn(said))
    life.record.add_canaries_seen(canary);
  life.ending.canary = !life.record.canaries_seen().empty();
}

}  // namespace

std::optional<absl::Duration> StatedDelay(const message::Headers& headers, absl::Time now) {
  double number = 0;
  const std::string_view millis = headers.Find("retry-after-ms");
  if (absl::SimpleAtod({millis.data(), millis.size()}, &number) && number >= 0)
    return absl::Milliseconds(number);
  const std::string_view after = headers.Find("retry-after");
  if (absl::SimpleAtod({after.data(), after.size()}, &number) && number >= 0)
    return absl::Seconds(number);
  absl::Time date;
  std::string unused;
  if (!after.empty() &&
      absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", {after.data(), after.size()}, &date, &unused)) {
    return std::max(date - now, absl::ZeroDuration());
  }
  return std::nullopt;
}

void NoteStatedDelay(Life& life, const message::Headers& headers) {
  if (const auto delay = StatedDelay(headers, life.talk.now().wall))
    *life.record.mutable_stated_delay() = ToProto(*delay);
}

void NoteUpstreamHead(Life& life) {
  if (!life.begun.waits_for_answer) return;
  life.ending.upstream = std::make_shared<scenario::UpstreamAnswer>();
  life.ending.upstream->status = static_cast<uint32_t>(life.head.status);
  life.ending.upstream->headers = life.head.headers;
}

void Begin(Life& life) {
  const message::Request& request = life.subject.request;
  Book& book = *life.subject.book;
  const std::string agent = engine::AgentOf(request);
  // A canary in a tool's arguments has been acted upon.
  if (life.call.kind == v1::TARGET_KIND_TOOL) {
    for (const std::string_view text : {std::string_view(request.path),
                                        std::string_view(request.query),
                                        std::string_view(request.body)}) {
      for (const std::string& canary : book.CanariesIn(text)) life.record.add_canaries_seen(canary);
    }
  }
  life.begun = book.Begin({.request = request,
                           .call = life.call,
                           .dialect = *life.dialect,
                           .route = life.subject.route,
                           .agent = agent,
                           .canary = !life.record.canaries_seen().empty(),
                           .upstream = life.subject.host,
                           .presence = life.subject.presence});
  DescribeRequest(life);
  DescribeIdentity(life);
  life.record.set_agent(agent);
  life.injections.Begin(life.begun);
}

void Conclude(Life& life, v1::EndState end) {
  life.record.set_end(end);
  if (life.concluded) return;
  life.concluded = true;
  engine::Ending& ending = life.ending;
  ending.end = end;
  ending.status = life.record.status();
  const message::Answer answer =
      life.upstream.has_value() ? life.upstream->Read() : message::Answer{.complete = false};
  const message::Answer seen = life.sent.has_value() ? life.sent->Read() : answer;
  const Observer* got = life.sent.has_value()       ? &*life.sent
                        : life.upstream.has_value() ? &*life.upstream
                                                    : nullptr;
  if (got != nullptr) {
    ending.bytes = got->bytes();
    ending.events = got->events();
  }
  NoteUpstreamBody(life, answer);
  NoteCost(life, answer);
  life.record.set_upstream_failed(life.upstream.has_value() && answer.failed);
  ending.failed =
      end != v1::END_STATE_COMPLETE || ending.status >= 400 || seen.failed || !seen.complete;
  life.record.set_failed(ending.failed);
  NoteCanaries(life, seen);
  const bool served = life.upstream.has_value() && !answer.failed && life.head.status < 300;
  if (served && life.begun.keeps_answer) ending.answer = life.upstream->Document();
  ending.no_ops = life.injections.NoOps(life.ended_by, life.agent_left);
  life.subject.book->Conclude(life.begun.sequence, ending);
}

Next AgentGone(Life& life) {
  if (!life.answering) life.record.set_status(0);
  life.agent_left = true;
  // One that had the end of its answer has lost nothing by leaving then.
  if (!life.concluded || life.record.end() != v1::END_STATE_COMPLETE)
    life.record.set_end(v1::END_STATE_AGENT_LEFT);
  return Next::kEnded;
}

void Finish(Life& life) {
  v1::Exchange& record = life.record;
  life.injections.SettleRest(life.ended_by, life.agent_left, !record.failure().empty());
  if (record.end() == v1::END_STATE_UNSPECIFIED)
    record.set_end(life.agent_left ? v1::END_STATE_AGENT_LEFT : v1::END_STATE_NO_ANSWER);
  Conclude(life, record.end());
  if (record.end() != v1::END_STATE_COMPLETE) record.set_failed(true);
  *record.mutable_duration() = ToProto(life.talk.now().run - life.subject.arrived.run);
  for (std::string& fault : life.injections.Altered()) record.add_altered_by(std::move(fault));
  record.set_response_bytes(life.ending.bytes);
  record.set_events(life.ending.events);
  life.subject.book->End(std::move(record), life.ending);
}

}  // namespace murphy::exchange
