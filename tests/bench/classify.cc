// SPDX-License-Identifier: Apache-2.0
// What it costs to read a request (recognise its dialect, describe the call, digest it) and to read
// an answer as it arrives.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <string_view>

#include "daemon/dialect/dialects.h"

namespace murphy {
namespace {

// Prose as agents send it: words, line ends, a few figures and quotation marks.
std::string Prose(size_t size) {
  constexpr std::string_view kText =
      "You are a careful assistant of the billing team.\\nToday is 2026-11-28. Pay what is due, "
      "once, and say \\\"done\\\" when the ledger agrees; otherwise explain what is missing. ";
  std::string prose;
  while (prose.size() < size) prose += kText;
  return prose;
}

message::Request Post(std::string_view path, std::string body) {
  message::Request request{.method = "POST", .path = std::string(path), .body = std::move(body)};
  request.headers = {{"Host", "api.openai.com"},
                     {"Content-Type", "application/json"},
                     {"User-Agent", "OpenAI/Python 3.3.1"},
                     {"X-Stainless-Retry-Count", "0"}};
  return request;
}

std::string Messages(size_t size) {
  return R"("messages":[{"role":"system","content":")" + Prose(size / 2) +
         R"("},{"role":"user","content":")" + Prose(size / 2) + R"("}])";
}

message::Request Chat() {
  return Post("/v1/chat/completions",
              R"({"model":"gpt-5-mini","stream":true,"temperature":0.2,)" + Messages(500) + "}");
}

message::Request ChatWithTools() {
  std::string tools;
  for (int i = 0; i < 12; ++i) {
    tools += (i > 0 ? "," : "") + std::string(R"({"type":"function","function":{"name":"tool_)") +
             std::to_string(i) +
             R"(","description":"Looks up one record of the ledger and returns it as JSON.",)"
             R"("parameters":{"type":"object","properties":{"id":{"type":"string","description":)"
             R"("The record."},"limit":{"type":"integer"}},"required":["id"]}}})";
  }
  return Post("/v1/chat/completions", R"({"model":"gpt-5-mini","stream":true,)" + Messages(4500) +
                                          R"(,"tools":[)" + tools + "]}");
}

message::Request McpCall() {
  return Post("/mcp",
              R"({"jsonrpc":"2.0","id":17,"method":"tools/call","params":{"name":"charge",)"
              R"("arguments":{"customer":"cus_9s6XKzkNRiz8i3","amount":4200,"currency":"eur",)"
              R"("lines":[{"sku":"a","count":1},{"sku":"b","count":2.5}],"note":")" +
                  Prose(300) + R"("},"_meta":{"progressToken":17}}})");
}

message::Request PlainJson() {
  return Post("/v1/orders/12345/items",
              R"({"customer":"cus_9s6XKzkNRiz8i3","amount":4200,"currency":"eur","note":")" +
                  Prose(700) + R"("})");
}

void Describe(benchmark::State& state, const message::Request& request) {
  for (auto unused : state) {
    (void)unused;
    const message::Dialect& dialect = dialect::Recognise(request, "");
    benchmark::DoNotOptimize(dialect.Describe(request, "route"));
  }
  state.counters["bytes"] = static_cast<double>(request.body.size());
}

void DescribeChat(benchmark::State& state) { Describe(state, Chat()); }
void DescribeChatWithTools(benchmark::State& state) { Describe(state, ChatWithTools()); }
void DescribeMcpCall(benchmark::State& state) { Describe(state, McpCall()); }
void DescribePlainJson(benchmark::State& state) { Describe(state, PlainJson()); }
BENCHMARK(DescribeChat);
BENCHMARK(DescribeChatWithTools);
BENCHMARK(DescribeMcpCall);
BENCHMARK(DescribePlainJson);

// One event of an observed stream, framed already; the answer begins anew every thousand events.
void ReadEvents(benchmark::State& state, const message::Dialect& dialect, std::string_view event,
                std::string_view data) {
  std::unique_ptr<message::AnswerReader> reader;
  for (int n = 0; auto unused : state) {
    (void)unused;
    if (n++ % 1000 == 0) reader = dialect.NewAnswer(200, true, {});
    reader->Take(event, data);
    benchmark::DoNotOptimize(reader->over());
  }
  state.counters["bytes"] = static_cast<double>(data.size());
}

message::Request ModelCall(std::string_view path) { return Post(path, R"({"model":"m"})"); }

void ReadChatEvent(benchmark::State& state) {
  ReadEvents(
      state, dialect::Recognise(ModelCall("/v1/chat/completions"), "openai"), "",
      R"({"id":"chatcmpl-BKnEc9q","object":"chat.completion.chunk","created":1744218000,)"
      R"("model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_432e",)"
      R"("choices":[{"index":0,"delta":{"content":"The balance"},"logprobs":null,)"
      R"("finish_reason":null}],"usage":null,"obfuscation":"X1"})");
}
void ReadResponsesEvent(benchmark::State& state) {
  ReadEvents(state, dialect::Recognise(ModelCall("/v1/responses"), "openai"),
             "response.output_text.delta",
             R"({"type":"response.output_text.delta","sequence_number":5,"item_id":"msg_68a1",)"
             R"("output_index":0,"content_index":0,"delta":" in full.","logprobs":[],)"
             R"("obfuscation":"q"})");
}
void ReadAnthropicEvent(benchmark::State& state) {
  ReadEvents(state, dialect::Recognise(ModelCall("/v1/messages"), "anthropic"),
             "content_block_delta",
             R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta",)"
             R"("text":" look."}    })");
}
BENCHMARK(ReadChatEvent);
BENCHMARK(ReadResponsesEvent);
BENCHMARK(ReadAnthropicEvent);

}  // namespace
}  // namespace murphy

BENCHMARK_MAIN();
