// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace murphy::dialect {

// How SDKs and frameworks name themselves. `product` is how a word of the header begins; empty for
// a header that only they send. Rows of frameworks stand before those of the SDKs that they use:
// the first row that fits holds.
struct ClientRow {
  std::string_view header;
  std::string_view product;
  std::string_view client;
};

inline constexpr ClientRow kClients[] = {
    // vercel/ai: packages/provider-utils/src/with-user-agent-suffix.ts
    {"user-agent", "ai-sdk/", "ai-sdk"},
    // langchain-ai/langchainjs: libs/providers/langchain-openai/src/utils/headers.ts
    {"user-agent", "langchainjs-", "langchain-js"},
    // BerriAI/litellm: litellm/llms/custom_httpx/http_handler.py. Where it uses a provider's SDK it
    // is known by that one.
    {"user-agent", "litellm/", "litellm"},
    // stanfordnlp/dspy: dspy/clients/lm.py, whichever provider it asks through LiteLLM.
    {"user-agent", "DSPy/", "dspy"},
    // langchain-ai/langchain: libs/partners/anthropic; with OpenAI it is known by OpenAI's SDK.
    {"user-agent", "langchain-anthropic/", "langchain-python"},
    // openai/openai-agents-python: src/agents/models/_openai_shared.py
    {"user-agent", "Agents/Python", "openai-agents"},
    // pydantic/pydantic-ai: pydantic_ai_slim/pydantic_ai/models/__init__.py
    {"user-agent", "pydantic-ai/", "pydantic-ai"},
    // langchain-ai/langchain-google: libs/genai
    {"user-agent", "langchain-google-genai/", "langchain-google"},
    // google/adk-python, inside googleapis/python-genai: google/genai/_api_client.py
    {"user-agent", "google-adk/", "google-adk"},
    {"user-agent", "google-genai-sdk/", "google-genai"},
    // openai/openai-python: src/openai/_base_client.py; openai/openai-node: src/client.ts
    {"user-agent", "OpenAI/Python", "openai-python"},
    {"user-agent", "AsyncOpenAI/Python", "openai-python"},
    {"user-agent", "AzureOpenAI/Python", "openai-python"},
    {"user-agent", "AsyncAzureOpenAI/Python", "openai-python"},
    {"user-agent", "OpenAI/JS", "openai-js"},
    {"user-agent", "AzureOpenAI/JS", "openai-js"},
    // anthropics/anthropic-sdk-python and anthropic-sdk-typescript: the same places
    {"user-agent", "Anthropic/Python", "anthropic-python"},
    {"user-agent", "AsyncAnthropic/Python", "anthropic-python"},
    {"user-agent", "Anthropic/JS", "anthropic-js"},
    // groq/groq-python: src/groq/_base_client.py
    {"user-agent", "Groq/Python", "groq-python"},
    {"user-agent", "AsyncGroq/Python", "groq-python"},
    // boto/botocore: botocore/useragent.py
    {"user-agent", "Boto3/", "boto"},
    {"user-agent", "Botocore/", "boto"},
    // mistralai/client-python: src/mistralai/client/sdkconfiguration.py
    {"user-agent", "mistral-client-python/", "mistral-python"},
    // cohere-ai/cohere-python: src/cohere/core/client_wrapper.py
    {"user-agent", "cohere/", "cohere"},
    {"x-fern-sdk-name", "cohere", "cohere"},
    // Every SDK that Stainless generates, whatever its user agent was set to.
    {"x-stainless-lang", "", "stainless"},
};

// Frameworks with retries of their own, and no header that counts them: vercel/ai
// packages/ai/src/util/retry-with-exponential-backoff.ts, langchain-ai/langchainjs
// libs/langchain-core/src/utils/async_caller.ts, BerriAI/litellm litellm/utils.py (and DSPy, which repeats
// through it).
inline constexpr std::string_view kRepeatUnmarked[] = {"ai-sdk", "langchain-js", "litellm", "dspy"};

}  // namespace murphy::dialect
