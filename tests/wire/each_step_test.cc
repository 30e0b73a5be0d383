// SPDX-License-Identifier: Apache-2.0
// Whole exchanges over sockets in memory, each of whose operations fails in turn: whatever happens,
// the exchange ends, the agent is told the truth, the record says what came of it, and no connection
// is kept for the next exchange unless both of its sides are whole.
#include <gtest/gtest.h>

#include <filesystem>
#include <list>
#include <optional>

#include "absl/strings/str_replace.h"
#include "daemon/ways/serve.h"
#include "daemon/wire/downstream.h"
#include "daemon/wire/http1/head.h"
#include "daemon/wire/tls.h"
#include "tests/scenario/plans.h"
#include "tests/wire/peer.h"
#include "tests/wire/sockets.h"

namespace murphy::wire {
namespace {

// Not loopback: nothing is connected outside of this process.
constexpr char kUpstream[] = "http://192.0.2.1";

struct Conversation {
  std::string name;
  std::vector<Step> agent;
  std::vector<Step> upstream;
  // The end of the answer is the end of the connection.
  bool until_close = false;
};

std::string Big(size_t size) { return std::string(size, 'x') + "END"; }

std::string Post(size_t size, const std::string& more = "") {
  return "POST /r/RUN/up/x HTTP/1.1\r\nHost: h\r\n" + more + "Content-Length: " +
         std::to_string(size) + "\r\n\r\n";
}

std::string Chunk(const std::string& bytes) {
  char size[32];
  snprintf(size, sizeof(size), "%zx\r\n", bytes.size());
  return size + bytes + "\r\n";
}

std::vector<Conversation> Conversations() {
  const std::string get = "GET /r/RUN/up/x HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  const std::string big = Big(150000);
  const std::string trailers = "0\r\nx-a: 1\r\nx-b: 2\r\n\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n\r\n";
  return {
      {"content length", {{"", get}}, {{"\r\n\r\n", ok}}},
      {"head only", {{"", "HEAD" + get.substr(3)}}, {{"\r\n\r\n", ok.substr(0, ok.size() - 5)}}},
      {"request in pieces",
       {{"", get.substr(0, 14)}, {"", get.substr(14, 17)}, {"", get.substr(31)}},
       {{"\r\n\r\n", ok.substr(0, 20)}, {"", ok.substr(20, 20)}, {"", ok.substr(40)}}},
      {"chunked answer with trailers",
       {{"", Post(3) + "END"}},
       {{"END", "HTTP/1.1 200 OK\r\n" + chunked + Chunk("one")}, {"", Chunk("two") + trailers}}},
      {"stream",
       {{"", Post(3) + "END"}},
       {{"END", "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + chunked},
        {"", Chunk("data: a\n\n")},
        {"", Chunk("data: [DONE]\n\n") + "0\r\n\r\n"}}},
      {"until close",
       {{"", get}},
       {{"\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nbody "}, {"", "end", true}},
       true},
      {"upload",
       {{"", Post(big.size()) + big.substr(0, 70000)}, {"", big.substr(70000)}},
       {{"END", ok}}},
      {"chunked upload with trailers",
       {{"", "POST /r/RUN/up/x HTTP/1.1\r\nHost: h\r\n" + chunked + Chunk(big.substr(0, 90000))},
        {"", Chunk(big.substr(90000)) + "0\r\nx-t: END\r\n\r\n"}},
       {{"x-t: END\r\n\r\n", ok}}},
      {"large answer", {{"", get}}, {{"\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 150003\r\n\r\n" + big}}},
      {"early hints", {{"", get}}, {{"\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"}, {"", ok}}},
      {"asked first",
       {{"", Post(3, "Expect: 100-continue\r\n")}, {"100 Continue\r\n\r\n", "END"}},
       {{"\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"}, {"END", ok}}},
      {"asked first, in vain",
       {{"", Post(3, "Expect: 100-continue\r\n")}, {"", "END"}},
       {{"END", ok}}},
      {"early answer",
       {{"", Post(big.size()) + big.substr(0, 70000)}},
       {{"\r\n\r\n", "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"}}},
      {"half closed agent", {{"", get, true}}, {{"\r\n\r\n", ok}}},
      {"one after the other", {{"", get}, {"hello", get}, {"hello", get}}, {{"\r\n\r\n", ok}}},
      {"pipelined", {{"", get + get}}, {{"\r\n\r\n", ok}}},
  };
}

// What goes wrong, and when.
struct Mishap {
  std::string name;
  Trouble trouble = Trouble::kHook;
  // For kHook.
  void (Peer::*agent)() = nullptr;
  void (Peer::*upstream)() = nullptr;
};

std::vector<Mishap> Mishaps() {
  return {
      {.name = "reset", .trouble = Trouble::kReset},
      {.name = "end", .trouble = Trouble::kEnd},
      {.name = "cancelled", .trouble = Trouble::kCancelled},
      {.name = "short", .trouble = Trouble::kShort},
      {.name = "the agent leaves", .agent = &Peer::Close},
      {.name = "the agent freezes", .agent = &Peer::Freeze},
      {.name = "the upstream leaves", .upstream = &Peer::Close},
      {.name = "the upstream freezes", .upstream = &Peer::Freeze},
  };
}

// What a connection of an agent's came to.
struct Came {
  std::string to_agent;
  // What arrived on each connection to the upstream.
  std::vector<std::string> to_upstream;
  // The agent's connection was reset.
  bool reset = false;
  // The mishap took place, and on the agent's connection.
  bool met = false;
  bool at_agent = false;
};

// Observed, or not.
class EachStepTest : public testing::TestWithParam<bool> {
 protected:
  EachStepTest() {
    std::string pattern = testing::TempDir() + "murphy-wire-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    journal_ = *journal::Journal::Open(directory_ / "journal.db", {});
    runs::RouteTable routes;
    routes["up"] = std::make_shared<runs::Route>(*runs::ParseRoute("up", kUpstream, "", false));
    runs_ = std::make_unique<runs::Runs>(*journal_, routes, std::vector<v1::Run>());
    resolver_ = *Resolver::Start();
    limits_.head_timeout = limits_.idle_timeout = limits_.connect_timeout =
        limits_.upstream_timeout = limits_.agent_timeout = std::chrono::milliseconds(0);
    if (!GetParam()) return;
    // A rule that could act, so that bodies are read and answers watched.
    const auto plan = scenario::PlanOf(
        "rule { id: 'r' when { nth: 1000000 } fault { truncate_body { bytes: 1 } } }");
    run_ = *runs_->Start({.id = "watched", .experiment = "e", .plan = plan, .routes = routes});
  }
  ~EachStepTest() override {
    run_.reset();
    resolver_.reset();
    runs_.reset();
    journal_.reset();
    std::filesystem::remove_all(directory_);
  }

  Came Play(const Conversation& conversation, const Mishap& mishap, int nth);
  void PlayToTheEnd(const Conversation& conversation, const Mishap& mishap, Worker& worker,
                    Sockets& sockets);
  void CheckKept(Worker& worker, const Sockets& sockets);

  std::filesystem::path directory_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<runs::Runs> runs_;
  std::unique_ptr<Resolver> resolver_;
  std::shared_ptr<runs::Run> run_;
  Limits limits_;
  exchange::HeldLimit held_{256 << 20};
  TlsContext tls_;
  Proxies proxies_;
  std::atomic<uint32_t> connections_{0};
  std::optional<Peer> agent_;
  std::list<Peer> upstreams_;
};

// Of moments at which nothing can happen but that time passes. All limits of time are nought, and
// end what they are for at the first one; a connection that is closed gently has one of its own.
constexpr int kMostStalls = 10;

void EachStepTest::PlayToTheEnd(const Conversation& conversation, const Mishap& mishap,
                                Worker& worker, Sockets& sockets) {
  int stalls = 0;
  while (worker.children.count() > 0 && stalls < 2 * kMostStalls) {
    worker.io.restart();
    bool moved = worker.io.poll() > 0;
    for (const int other : sockets.TakeConnected())
      upstreams_.emplace_back(other, conversation.upstream, !conversation.until_close);
    moved = agent_->Play() || moved;
    if (agent_->ended()) agent_->Close();
    for (Peer& upstream : upstreams_) {
      moved = upstream.Play() || moved;
      if (upstream.ended()) upstream.Close();
    }
    if (moved) continue;
    ++stalls;
    worker.watchdog.Tick();
    if (stalls > kMostStalls) worker.watchdog.Drain(true);
  }
  EXPECT_EQ(worker.children.count(), 0u) << "it hangs";
  EXPECT_TRUE(stalls <= kMostStalls || mishap.agent != nullptr) << "only the daemon's end ends it";
}

// Both sides of what is kept for the next exchange are whole.
void EachStepTest::CheckKept(Worker& worker, const Sockets& sockets) {
  const runs::Route& route = *runs_->routes().at("up");
  while (const auto kept = worker.pool.TakeIdle(route, nullptr)) {
    const int other = sockets.OtherEnd(kept->socket().native_handle());
    for (const Peer& upstream : upstreams_) {
      EXPECT_TRUE(upstream.descriptor() != other || upstream.rests())
          << "kept after " << upstream.received().substr(0, 300);
    }
  }
}

Came EachStepTest::Play(const Conversation& conversation, const Mishap& mishap, int nth) {
  Came came;
  agent_.reset();
  upstreams_.clear();
  Sockets sockets(nth, mishap.trouble, [&] {
    if (mishap.agent != nullptr) ((*agent_).*mishap.agent)();
    if (mishap.upstream != nullptr && !upstreams_.empty())
      (upstreams_.back().*mishap.upstream)();
  });
  {
    Worker worker({*runs_, limits_, held_, tls_, *resolver_, proxies_, Descriptors(1 << 20), connections_});
    const auto [ours, theirs] = Sockets::MakePair();
    std::vector<Step> steps = conversation.agent;
    for (Step& step : steps)
      absl::StrReplaceAll({{"/RUN/", GetParam() ? "/watched/" : "/default/"}}, &step.send);
    agent_.emplace(theirs, steps, false);
    worker.children.Start(ways::Serve(std::make_unique<Downstream>(
        Socket(worker.io.get_executor(), tcp::v4(), ours), worker)));
    PlayToTheEnd(conversation, mishap, worker, sockets);
    CheckKept(worker, sockets);
    came.reset = sockets.WasReset(theirs);
    came.at_agent = mishap.agent != nullptr || sockets.troubled() == theirs;
  }
  while (agent_->Play()) {
  }
  came.to_agent = agent_->received();
  for (const Peer& upstream : upstreams_) came.to_upstream.push_back(upstream.received());
  came.met = sockets.met();
  EXPECT_EQ(sockets.open(), 0u) << "connections are left";
  EXPECT_EQ(held_.held(), 0u);
  EXPECT_EQ(connections_.load(), 0u);
  return came;
}

// An answer of the gateway's own that says whose failure it was, whole, behind part of `whole`.
bool IsFailure(const std::string& got, const std::string& whole) {
  const size_t origin = got.find("x-murphy-origin: ");
  if (origin == std::string::npos) return false;
  const size_t begin = got.rfind("HTTP/1.1 ", origin);
  if (!whole.starts_with(got.substr(0, begin))) return false;
  ResponseHead head;
  std::string why;
  if (ScanResponse(std::string_view(got).substr(begin), head, why) != Scan::kDone) return false;
  // The next answer may stand behind it.
  const size_t next = got.find("HTTP/1.1 ", begin + head.size);
  if (next != std::string::npos && !whole.starts_with(got.substr(next))) return false;
  const size_t body = std::min(next, got.size()) - begin - head.size;
  return head.status >= 400 && (body == head.content_length || (body == 0 && whole.ends_with("\r\n\r\n")));
}

void CheckAgent(const Conversation& conversation, const Mishap& mishap, const Came& whole,
                const Came& came) {
  if (came.to_agent == whole.to_agent || IsFailure(came.to_agent, whole.to_agent)) return;
  if (came.at_agent) return;
  EXPECT_TRUE(whole.to_agent.starts_with(came.to_agent)) << came.to_agent.substr(0, 300);
  EXPECT_FALSE(came.to_agent.empty()) << "the agent is told nothing";
  // An upstream that ends its answer by closing ends it whenever it closes.
  const bool closed = mishap.trouble == Trouble::kEnd || mishap.upstream == &Peer::Close;
  const bool looks_whole = conversation.until_close && !closed &&
                           came.to_agent.find("\r\n\r\n") != std::string::npos;
  EXPECT_TRUE(!looks_whole || came.reset) << "half an answer ends well";
}

void CheckUpstream(const Came& whole, const Came& came) {
  const std::string& request = whole.to_upstream.front();
  int complete = 0;
  for (const std::string& got : came.to_upstream) {
    EXPECT_TRUE(request.starts_with(got)) << got.substr(0, 300);
    complete += got == request ? 1 : 0;
  }
  EXPECT_TRUE(complete <= 1 || !request.starts_with("POST")) << "what acts was sent twice";
}

TEST_P(EachStepTest, EndsWellOrSaysWhatFailed) {
  for (const Conversation& conversation : Conversations()) {
    SCOPED_TRACE(conversation.name);
    // The body would be waited for, whole, and does not come.
    if (GetParam() && conversation.name == "early answer") continue;
    const Came whole = Play(conversation, {}, 0);
    ASSERT_FALSE(whole.to_agent.empty());
    ASSERT_EQ(whole.to_agent.find("x-murphy-origin"), std::string::npos) << whole.to_agent;
    for (const Mishap& mishap : Mishaps()) {
      SCOPED_TRACE(mishap.name);
      for (int nth = 1;; ++nth) {
        SCOPED_TRACE(nth);
        const Came came = Play(conversation, mishap, nth);
        if (!came.met) break;
        EXPECT_TRUE(mishap.trouble != Trouble::kShort || came.to_agent == whole.to_agent);
        CheckAgent(conversation, mishap, whole, came);
        CheckUpstream(whole, came);
      }
    }
  }
  if (run_ == nullptr) return;
  EXPECT_TRUE(run_->WaitIdle(absl::ZeroDuration())) << "an exchange is open";
  ASSERT_TRUE(journal_->Flush().ok());
  const auto records = journal_->Exchanges("watched", 0, 1000000);
  ASSERT_TRUE(records.ok()) << records.status();
  for (const v1::Exchange& record : *records) {
    EXPECT_NE(record.end(), v1::END_STATE_UNSPECIFIED) << record.ShortDebugString();
    const bool ended = record.end() == v1::END_STATE_COMPLETE || record.end() == v1::END_STATE_AGENT_LEFT;
    EXPECT_TRUE(ended || !record.failure().empty()) << record.ShortDebugString();
  }
}

INSTANTIATE_TEST_SUITE_P(Runs, EachStepTest, testing::Values(false, true), [](const auto& tested) {
  return tested.param ? "Observed" : "Passed";
});

}  // namespace
}  // namespace murphy::wire
