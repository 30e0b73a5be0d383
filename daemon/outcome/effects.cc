// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/effects.h"

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>

#include "daemon/outcome/restarts.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"

namespace murphy::outcome {
namespace {

// Some of it may have reached the upstream.
bool PassedOn(const v1::Exchange& exchange) {
  if (exchange.upstream_requests() > 0) return true;
  if (exchange.origin() != v1::ORIGIN_UPSTREAM) return false;
  const bool left = exchange.end() == v1::END_STATE_AGENT_LEFT;
  return left || exchange.failure_cause() == v1::FAILURE_CAUSE_BROKEN;
}

// A server that failed may have acted before it did, and one that sends the agent elsewhere to look
// has often acted (RFC 9110 section 15.4.4); these say that they have not begun.
bool SaysNotBegun(uint32_t status) {
  const bool elsewhere = status >= 300 && status <= 303;
  return (status < 500 && !elsewhere) || status == 501 || status == 503 || status == 505 ||
         status == 529;
}

// What an operation has done, and what it was meant to do.
struct Deed {
  uint32_t took = 0;
  uint32_t unknown = 0;
  uint32_t intents = 0;
  // Of those, as many may be the same as another: nothing tells them apart.
  uint32_t perhaps = 0;
  std::vector<uint64_t> operations;
  std::vector<uint64_t> acted;
  std::vector<uint64_t> doubtful;
};

class Reading {
 public:
  Reading(const History& history, const Counts& counts)
      : history_(history), counts_(counts), restarted_(Restarted(history)) {
    for (const size_t position : history.all()) {
      const v1::Exchange& exchange = history.at(position);
      const bool took = counts(exchange) && EffectOf(exchange) == Effect::kTookPlace;
      if (took && !exchange.idempotency_digest().empty())
        effective_.insert(exchange.idempotency_digest());
      if (counts(exchange) && history.Met(exchange.sequence())) {
        const auto [known, fresh] =
            kept_.try_emplace(WordsOf(exchange), exchange.sequence(), EndOf(exchange));
        if (!fresh) known->second.second = std::max(known->second.second, EndOf(exchange));
      }
      if (counts(exchange) && !exchange.altered_by().empty())
        damaged_.emplace(WordsOf(exchange), exchange.sequence());
    }
  }

  Ledger Read() {
    for (const uint64_t operation : history_.operations()) Take(operation);
    Ledger ledger;
    for (const Deed& deed : deeds_) Sum(deed, ledger);
    return ledger;
  }

 private:
  // A look that found nothing, before the call was made again.
  bool Refuted(size_t position) const {
    const std::optional<size_t> next = history_.NextAttempt(position);
    if (!next) return false;
    const auto& all = history_.all();
    return std::any_of(std::upper_bound(all.begin(), all.end(), position),
                       std::lower_bound(all.begin(), all.end(), *next), [this](size_t between) {
                         const v1::Exchange& look = history_.at(between);
                         return history_.HasRole(look, v1::TARGET_ROLE_VERIFY) &&
                                (look.upstream_status() == 404 || look.upstream_status() == 410) &&
                                look.status() == look.upstream_status();
                       });
  }

  void Account(size_t position, Deed& deed) {
    const v1::Exchange& exchange = history_.at(position);
    const std::string& key = exchange.idempotency_digest();
    const uint32_t sent = std::max(1u, exchange.upstream_requests());
    switch (EffectOf(exchange)) {
      case Effect::kNone:
        return;
      case Effect::kTookPlace: {
        const uint32_t caused = key.empty() ? sent : (counted_.insert(key).second ? 1 : 0);
        deed.took += caused;
        if (caused > 0) deed.acted.push_back(exchange.sequence());
        return;
      }
      case Effect::kUnknown: {
        if (Refuted(position) || effective_.contains(key)) return;
        const uint32_t caused = key.empty() ? sent : (counted_.insert(key).second ? 1 : 0);
        deed.unknown += caused;
        if (caused > 0) deed.doubtful.push_back(exchange.sequence());
        return;
      }
    }
  }

  // What was done before under the same words; null when nothing was.
  Deed* Before(const v1::Exchange& first) {
    const auto said = by_words_.find(WordsOf(first));
    if (said != by_words_.end()) return &deeds_[said->second];
    if (!first.request_digest().empty()) return nullptr;
    const auto there = by_place_.find(PlaceOf(first));
    return there == by_place_.end() ? nullptr : &deeds_[there->second];
  }

  static std::string WordsOf(const v1::Exchange& exchange) {
    return PlaceOf(exchange) + '\n' + exchange.request_digest();
  }

  // Whoever repeats what took place does not mean it a second time: unless with a key of its own,
  // after an answer that was good.
  bool MeansItAgain(uint64_t operation) const {
    const v1::Exchange& first = history_.at(history_.AttemptsOf(operation).front());
    if (!first.repeat()) return true;
    if (first.idempotency_digest().empty()) return false;
    return !restarted_.contains(first.sequence()) && !AfterDamage(first);
  }

  // A fault kept the same call, in the same words, while this one was made: the agent may have
  // grown impatient, or mean two. Or both are too large to be read whole, and begin alike. A key of
  // its own says that it means two.
  bool MayMeanTheSame(const v1::Exchange& first) const {
    if (!first.idempotency_digest().empty()) return false;
    if (first.unclassified() && by_words_.contains(WordsOf(first))) return true;
    if (first.request_digest().empty()) return false;
    const auto kept = kept_.find(WordsOf(first));
    return kept != kept_.end() && kept->second.first < first.sequence() &&
           BeginOf(first) < kept->second.second;
  }

  bool AfterDamage(const v1::Exchange& repeat) const {
    const auto damaged = damaged_.find(WordsOf(repeat));
    return damaged != damaged_.end() && damaged->second < repeat.sequence();
  }

  void Take(uint64_t operation) {
    Deed deed;
    for (const size_t position : history_.AttemptsOf(operation)) {
      if (counts_(history_.at(position))) Account(position, deed);
    }
    if (deed.took + deed.unknown == 0) return;
    const v1::Exchange& first = history_.at(history_.AttemptsOf(operation).front());
    deed.intents = MeansItAgain(operation) ? 1 : 0;
    deed.operations = {operation};
    if (deed.intents > 0 && MayMeanTheSame(first)) deed.perhaps = 1;
    Deed* before = deed.intents == 0 || deed.perhaps > 0 ? Before(first) : nullptr;
    if (before == nullptr) {
      by_words_[WordsOf(first)] = by_place_[PlaceOf(first)] = deeds_.size();
      deeds_.push_back(std::move(deed));
      return;
    }
    before->intents += deed.intents;
    before->perhaps += deed.perhaps;
    before->took += deed.took;
    before->unknown += deed.unknown;
    before->operations.push_back(operation);
    before->acted.insert(before->acted.end(), deed.acted.begin(), deed.acted.end());
    before->doubtful.insert(before->doubtful.end(), deed.doubtful.begin(), deed.doubtful.end());
  }

  static void Sum(const Deed& deed, Ledger& ledger) {
    ledger.effects += deed.took;
    ledger.unknown += deed.unknown;
    ledger.intents += deed.intents;
    const uint32_t certain = deed.took > deed.intents ? deed.took - deed.intents : 0;
    const uint32_t fewest = deed.intents - deed.perhaps;
    const uint32_t most = deed.took + deed.unknown > fewest ? deed.took + deed.unknown - fewest : 0;
    ledger.duplicates += certain;
    ledger.possible += most - certain;
    if (certain > 0) {
      ledger.repeated.insert(deed.operations.begin(), deed.operations.end());
      ledger.evidence.insert(ledger.evidence.end(), deed.acted.begin(), deed.acted.end());
    }
    if (most > certain)
      ledger.doubtful.insert(ledger.doubtful.end(), deed.doubtful.begin(), deed.doubtful.end());
    if (most > certain && deed.perhaps > 0)
      ledger.hedged.insert(ledger.hedged.end(), deed.acted.begin(), deed.acted.end());
  }

  const History& history_;
  const Counts& counts_;
  const std::unordered_set<uint64_t> restarted_;
  std::unordered_set<std::string> effective_;
  std::unordered_set<std::string> counted_;
  // By their words: the first that a fault met, and when the last of them had ended.
  std::map<std::string, std::pair<uint64_t, absl::Time>> kept_;
  // By their words: the first whose answer was changed on its way.
  std::map<std::string, uint64_t> damaged_;
  std::vector<Deed> deeds_;
  std::map<std::string, size_t> by_words_;
  std::map<std::string, size_t> by_place_;
};

void Add(const Ledger& ledger, Ledger& sum) {
  sum.effects += ledger.effects;
  sum.unknown += ledger.unknown;
  sum.intents += ledger.intents;
  sum.duplicates += ledger.duplicates;
  sum.possible += ledger.possible;
  sum.repeated.insert(ledger.repeated.begin(), ledger.repeated.end());
  sum.evidence.insert(sum.evidence.end(), ledger.evidence.begin(), ledger.evidence.end());
  sum.doubtful.insert(sum.doubtful.end(), ledger.doubtful.begin(), ledger.doubtful.end());
  sum.hedged.insert(sum.hedged.end(), ledger.hedged.begin(), ledger.hedged.end());
}

}  // namespace

Effect EffectOf(const v1::Exchange& exchange) {
  const uint32_t status = exchange.upstream_status();
  if (status >= 200 && status < 300)
    return exchange.upstream_failed() ? Effect::kNone : Effect::kTookPlace;
  if (status == 0) return PassedOn(exchange) ? Effect::kUnknown : Effect::kNone;
  return SaysNotBegun(status) ? Effect::kNone : Effect::kUnknown;
}

Ledger ReadLedger(const History& history, const Counts& counts) {
  return Reading(history, counts).Read();
}

Ledger ReadLedger(const History& history, const std::string& target) {
  Ledger ledger = ReadLedger(
      history, [&](const v1::Exchange& exchange) { return BelongsTo(exchange, target); });
  const auto& report = history.evidence().report;
  const bool counted = report && report->effects().contains(target);
  if (!counted) return ledger;
  const uint32_t effects = report->effects().at(target);
  if (effects != ledger.effects + ledger.unknown) ledger.repeated.clear();
  ledger.evidence.insert(ledger.evidence.end(), ledger.doubtful.begin(), ledger.doubtful.end());
  ledger.doubtful.clear();
  ledger.hedged.clear();
  ledger.effects = effects;
  ledger.unknown = ledger.possible = 0;
  ledger.duplicates = effects > ledger.intents ? effects - ledger.intents : 0;
  return ledger;
}

Ledger ReadLedger(const History& history) {
  const auto& report = history.evidence().report;
  if (!report || report->effects().empty()) {
    return ReadLedger(history, [&history](const v1::Exchange& exchange) {
      return history.HasRole(exchange, v1::TARGET_ROLE_SIDE_EFFECT);
    });
  }
  Ledger sum;
  for (const auto& [name, target] : history.evidence().scenario.target()) {
    if (target.role() == v1::TARGET_ROLE_SIDE_EFFECT) Add(ReadLedger(history, name), sum);
  }
  return sum;
}

std::string Balance(const Ledger& ledger) {
  const std::string intents = Counted(ledger.intents, "intent");
  if (ledger.unknown == 0)
    return fmt::format("{} for {}", Counted(ledger.effects, "effect"), intents);
  return fmt::format("{} to {} for {}", ledger.effects,
                     Counted(ledger.effects + ledger.unknown, "effect"), intents);
}

std::string Doubt(const Ledger& ledger) {
  if (ledger.doubtful.empty() && !ledger.hedged.empty()) {
    return fmt::format(
        "{}: {} say the same as far as is known, and nothing tells whether the agent meant more "
        "than "
        "one; an `idempotency_key` of the target, or a checker that reports `effects`, would "
        "settle it",
        Balance(ledger), Exchanges(ledger.hedged));
  }
  return fmt::format(
      "{}: whether {} had {} effect is not known, since the upstream did not say; a call to a "
      "`verify` target that is answered 404, or a checker that reports `effects`, would settle it",
      Balance(ledger), Exchanges(ledger.doubtful), ledger.doubtful.size() == 1 ? "its" : "their");
}

}  // namespace murphy::outcome
