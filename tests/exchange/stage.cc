// SPDX-License-Identifier: Apache-2.0
#include "tests/exchange/stage.h"

#include <fmt/format.h>

#include "absl/strings/escaping.h"
#include "faults/values.h"
#include "tests/scenario/plans.h"

namespace murphy::exchange {
namespace {

constexpr size_t kMostEffects = 500;

// The book of a run that has one plan.
class PlannedBook final : public Book {
 public:
  PlannedBook(std::string_view rules, Played& played)
      : plan_(scenario::PlanOf("guard { allow_side_effects: true } " + std::string(rules))),
        decider_(plan_, 0), played_(played) {}

  Now now{.run = absl::Seconds(1), .wall = absl::FromUnixSeconds(1'800'000'000)};

  engine::Begun Begin(const engine::Arrival& arrival) override {
    ++played_.begun;
    engine::Reading reading(*plan_, arrival);
    const engine::Marks marks = engine::MarksOf(arrival.request, arrival.call, {&reading, 1});
    const engine::Identity identity = recogniser_.Begin({.request = arrival.request,
                                                         .call = arrival.call,
                                                         .marks = marks,
                                                         .agent = arrival.agent,
                                                         .sequence = 1,
                                                         .at = now.run},
                                                        {&reading, 1});
    engine::Ruling ruling = decider_.Begin(arrival, identity, reading, now);
    engine::Begun begun = engine::Introduce(identity, &reading);
    begun.sequence = ruling.sequence;
    begun.decisions = std::move(ruling.decisions);
    for (engine::Decision& decision : begun.decisions) {
      if (decision.state != v1::INJECTION_STATE_UNSPECIFIED) decision.injection = ++injections_;
    }
    begun.keeps_answer = plan_->wants_history();
    begun.waits_for_answer = plan_->waits_for_answers();
    begun.reads_answer = plan_->reads_answers();
    return begun;
  }
  bool Record(v1::Injection injection) override {
    played_.injections[injection.id()] = std::move(injection);
    return true;
  }
  void Conclude(uint64_t, const engine::Ending& ending) override {
    ++played_.concluded;
    played_.ending = ending;
  }
  void End(v1::Exchange exchange, const engine::Ending&) override {
    ++played_.ended;
    played_.exchange = std::move(exchange);
  }
  void Expire(const engine::Gate& gate) override { decider_.Expire(gate, now); }
  void AddCanary(const std::string& canary) override { canaries_.push_back(canary); }
  std::vector<std::string> CanariesIn(std::string_view text) const override {
    std::vector<std::string> seen;
    for (const std::string& canary : canaries_) {
      if (text.find(canary) != std::string_view::npos) seen.push_back(canary);
    }
    return seen;
  }
  std::optional<double> Cost(std::string_view, uint64_t, uint64_t) const override {
    return std::nullopt;
  }

 private:
  std::shared_ptr<const scenario::Plan> plan_;
  engine::Recogniser recogniser_;
  engine::Decider decider_;
  Played& played_;
  uint64_t injections_ = 0;
  std::vector<std::string> canaries_;
};

std::string Shown(const RequestEdits& edits) {
  std::string text;
  for (const std::string& name : edits.head.remove) text += " -" + name;
  for (const message::Header& header : edits.head.set)
    text += fmt::format(" {}: {}", header.name, header.value);
  if (edits.body.has_value()) text += " body";
  return text;
}

std::string_view Shown(Framed framed) {
  switch (framed) {
    case Framed::kAsReceived:
      return "as received";
    case Framed::kAgain:
      return "again";
    case Framed::kLength:
      return "length";
    case Framed::kOpen:
      return "open";
  }
  return "";
}

// The other side of a conversation: says what came of each effect, and notes it.
class Performer {
 public:
  Performer(const Scene& scene, PlannedBook& book, Played& played)
      : scene_(scene), book_(book), played_(played) {}

  void Meet(Trouble::Kind kind) { kind_ = kind; }
  Event Perform(const Effect& effect) {
    return std::visit([this](const auto& each) { return Do(each); }, effect);
  }

 private:
  void Note(std::string line) { played_.effects.push_back("<< " + std::move(line)); }
  // Offers trouble, and takes it when it is due.
  std::optional<Event> Met(std::initializer_list<Trouble::Kind> kinds) {
    const size_t at = played_.effects.size() - 1;
    for (const Trouble::Kind kind : kinds) {
      played_.troubles.push_back({at, kind});
      if (kind != kind_) continue;
      if (kind == Trouble::Kind::kReleased) return event::Released{"the run was halted"};
      if (kind == Trouble::Kind::kAgentLeft) return event::AgentLeft{};
      return event::Failed{{502, v1::ORIGIN_UPSTREAM, "It broke."}};
    }
    return std::nullopt;
  }

  Event Do(const effect::Hold& hold) {
    const bool endless = hold.until == absl::InfiniteDuration();
    Note(endless ? "Hold" : "Hold " + DurationText(hold.until - book_.now.run));
    if (auto met = Met({Trouble::Kind::kReleased, Trouble::Kind::kAgentLeft})) return *met;
    // Only the agent ends what has no end.
    if (endless) return event::AgentLeft{};
    book_.now.run = std::max(book_.now.run, hold.until);
    return event::Elapsed{};
  }
  Event Do(const effect::ReadBody&) {
    Note("ReadBody");
    if (auto met = Met({Trouble::Kind::kFailed, Trouble::Kind::kAgentLeft})) return *met;
    return event::Body{scene_.request.body, true};
  }
  Event Do(const effect::Forward& forward) {
    Note("Forward" + Shown(*forward.edits));
    if (auto met = Met({Trouble::Kind::kFailed, Trouble::Kind::kAgentLeft})) return *met;
    played_.upstream.push_back(forward.edits->body.value_or(scene_.request.body));
    return event::Done{};
  }
  Event Do(const effect::Transmit& transmit) {
    Note("Transmit" + Shown(*transmit.edits));
    if (auto met = Met({Trouble::Kind::kFailed, Trouble::Kind::kReleased})) return *met;
    played_.upstream.push_back(transmit.edits->body.value_or(scene_.request.body));
    return event::Done{};
  }
  Event Do(const effect::NextHead&) {
    Note("NextHead");
    if (auto met = Met({Trouble::Kind::kFailed, Trouble::Kind::kAgentLeft})) return *met;
    return event::Head{scene_.head, !scene_.body.empty()};
  }
  Event Do(const effect::NextBytes&) {
    Note("NextBytes");
    if (auto met = Met({Trouble::Kind::kFailed, Trouble::Kind::kAgentLeft})) return *met;
    if (next_ == scene_.body.size()) return event::End{};
    const std::string& piece = scene_.body[next_++];
    return event::Bytes{piece, piece, next_ == scene_.body.size()};
  }
  Event Do(const effect::SendHead& head) {
    std::string text = fmt::format("SendHead {}", Shown(head.edits->framed));
    if (head.edits->framed == Framed::kLength) text += fmt::format(" {}", head.edits->length);
    for (const message::Header& header : head.edits->head.set)
      text += fmt::format(" {}: {}", header.name, header.value);
    Note(text);
    if (auto met = Met({Trouble::Kind::kAgentLeft})) return *met;
    return event::Done{};
  }
  Event Do(const effect::SendPart& part) {
    Note("SendPart " + absl::CEscape({part.bytes.data(), part.bytes.size()}));
    if (auto met = Met({Trouble::Kind::kAgentLeft})) return *met;
    played_.agent.append(part.bytes);
    return event::Done{};
  }
  Event Do(const effect::Finish&) {
    Note("Finish");
    if (auto met = Met({Trouble::Kind::kAgentLeft})) return *met;
    return event::Done{};
  }
  Event Do(const effect::Author& author) {
    Note(fmt::format("Author {}", author.response->status));
    if (auto met = Met({Trouble::Kind::kAgentLeft})) return *met;
    played_.agent.append(author.response->body);
    return event::Done{};
  }
  Event Do(const effect::Fail& fail) {
    Note(fmt::format("Fail {}", fail.failure->status));
    if (auto met = Met({Trouble::Kind::kAgentLeft})) return *met;
    return event::Done{};
  }
  Event Do(const effect::Break& broken) {
    Note(broken.how == effect::Break::How::kReset ? "Reset" : "Close");
    return event::Done{};
  }
  Event Do(const effect::Background&) {
    Note("Background");
    return event::Done{};
  }

  const Scene& scene_;
  PlannedBook& book_;
  Played& played_;
  Trouble::Kind kind_ = Trouble::Kind::kNone;
  size_t next_ = 0;
};

}  // namespace

Played Play(const Scene& scene, const Trouble& trouble) {
  Played played;
  PlannedBook book(scene.rules, played);
  HeldLimit held(scene.room);
  Subject subject{.request = scene.request,
                  .route = "openai",
                  .provider = scene.provider,
                  .host = "up.test",
                  .arrived = book.now,
                  .held = &held,
                  .book = &book};
  subject.request.body.clear();
  {
    Conversation conversation(std::move(subject));
    Performer performer(scene, book, played);
    Event came = event::Done{};
    for (size_t number = 0; number < kMostEffects; ++number) {
      const Effect* next = conversation.Resume(std::move(came), book.now);
      if (next == nullptr) break;
      performer.Meet(number == trouble.at ? trouble.kind : Trouble::Kind::kNone);
      came = performer.Perform(*next);
    }
  }
  if (held.held() != 0) played.effects.push_back("memory was not given back");
  return played;
}

}  // namespace murphy::exchange
