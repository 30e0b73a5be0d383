// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/commands/events.h"

#include "fmt/format.h"
#include "tools/murphy/duration.h"
#include "tools/murphy/render/text.h"
#include "tools/murphy/report/report.h"

namespace murphy::cli {
namespace {

std::string StatusText(const v1::Exchange& exchange) {
  const std::string status =
      exchange.status() == 0 ? "no answer" : std::to_string(exchange.status());
  return exchange.upstream_status() == exchange.status() || exchange.upstream_status() == 0
             ? status
             : fmt::format("{} (upstream {})", status, exchange.upstream_status());
}

Tone ToneOf(const v1::Exchange& exchange) {
  if (exchange.origin() == v1::ORIGIN_INJECTED || exchange.altered_by_size() > 0)
    return Tone::kWarning;
  return exchange.failed() || !exchange.failure().empty() ? Tone::kBad : Tone::kPlain;
}

// Who made the answer, what altered it on its way, and whose faults there were besides those of its
// own run.
std::string Makers(const v1::Exchange& exchange) {
  std::string words = AsWords(NameOf(exchange.origin()));
  const char* before = ", altered by ";
  for (const std::string& fault : exchange.altered_by()) {
    words += before + fault;
    before = ", ";
  }
  for (const std::string& run : exchange.injected_by()) words += fmt::format("; faults of {}", run);
  return words;
}

std::string Tokens(const v1::Usage& usage) {
  const uint64_t tokens = usage.input_tokens() + usage.output_tokens();
  return tokens == 0 ? "" : fmt::format("{}{}", usage.estimated() ? "~" : "", ShowCount(tokens));
}

std::string Place(const v1::Injection& injection) {
  return injection.address().empty() ? injection.target() : injection.address();
}

std::string Tail(const v1::Injection& injection) {
  std::string words = AsWords(NameOf(injection.recovery()));
  if (!injection.detail().empty()) words += (words.empty() ? "" : ": ") + injection.detail();
  return words;
}

}  // namespace

std::string EventLine(const v1::Event& event, bool color) {
  Columns line;
  switch (event.kind_case()) {
    case v1::Event::kRun: {
      const v1::Run& run = event.run();
      line.Row({{run.id(), Tone::kFaint},
                {"run", Tone::kStrong},
                {AsWords(NameOf(run.state()))},
                {run.has_outcome() ? OutcomeWord(run.outcome()) : run.disarm_reason()}});
      break;
    }
    case v1::Event::kExchange: {
      const v1::Exchange& exchange = event.exchange();
      line.Row({{exchange.run(), Tone::kFaint},
                {"exchange", Tone::kStrong},
                {fmt::format("{} {}", exchange.method(), Shorten(exchange.path(), 60))},
                {exchange.name()},
                {StatusText(exchange), ToneOf(exchange)},
                {ShowDuration(FromProto(exchange.duration()))}});
      break;
    }
    case v1::Event::kInjection: {
      const v1::Injection& injection = event.injection();
      line.Row({{injection.run(), Tone::kFaint},
                {"injection", Tone::kStrong},
                {injection.fault(), Tone::kWarning},
                {AsWords(NameOf(injection.state()))},
                {Place(injection)},
                {Tail(injection)}});
      break;
    }
    case v1::Event::kSynced:
    case v1::Event::kStep:
    case v1::Event::KIND_NOT_SET:
      return {};
  }
  std::string text = line.Render(color);
  text.pop_back();
  return text;
}

Columns ExchangeTable(const std::vector<v1::Exchange>& exchanges) {
  Columns table;
  table.Head({"#", "address", "call", "status", "origin", "time", "tokens", "failure"});
  for (const v1::Exchange& exchange : exchanges) {
    table.Row({{std::to_string(exchange.sequence()), Tone::kFaint},
               {Shorten(exchange.address(), 60)},
               {fmt::format("{} {}", exchange.method(), Shorten(exchange.path(), 50))},
               {StatusText(exchange), ToneOf(exchange)},
               {Makers(exchange)},
               {ShowDuration(FromProto(exchange.duration()))},
               {Tokens(exchange.usage())},
               {Shorten(exchange.failure(), 80), Tone::kBad}});
  }
  return table;
}

Columns InjectionTable(const std::vector<v1::Injection>& injections) {
  Columns table;
  table.Head(
      {"#", "rule", "fault", "address", "state", "recovery", "attempts", "time", "parameters"});
  for (const v1::Injection& injection : injections) {
    const Milliseconds time = FromProto(injection.recovery_time());
    table.Row(
        {{std::to_string(injection.id()), Tone::kFaint},
         {injection.rule()},
         {injection.fault(), Tone::kStrong},
         {Shorten(Place(injection), 60)},
         {AsWords(NameOf(injection.state()))},
         {Tail(injection)},
         {injection.recovery_attempts() > 0 ? std::to_string(injection.recovery_attempts()) : ""},
         {time.count() > 0 ? ShowDuration(time) : ""},
         {Shorten(injection.parameters(), 60), Tone::kFaint}});
  }
  return table;
}

Columns RunTable(const std::vector<v1::Run>& runs) {
  Columns table;
  table.Head({"id", "experiment", "index", "seed", "state", "begin", "outcome"});
  for (const v1::Run& run : runs) {
    table.Row({{run.id(), Tone::kStrong},
               {run.experiment()},
               {std::to_string(run.index())},
               {std::to_string(run.seed())},
               {AsWords(NameOf(run.state()))},
               {ShowTime(run.begin_time())},
               {run.has_outcome() ? OutcomeWord(run.outcome()) : run.disarm_reason()}});
  }
  return table;
}

}  // namespace murphy::cli
