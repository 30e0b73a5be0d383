// SPDX-License-Identifier: Apache-2.0
// The same for JavaScript: node drivers.mjs NAME JSON. Packages are found in $NODE_FOLDER/node_modules.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(process.env.NODE_FOLDER + "/package.json");
const load = (name) => import(pathToFileURL(require.resolve(name)));
const GPT = "gpt-4o-mini", CLAUDE = "claude-sonnet-4-6";
const [name, given] = process.argv.slice(2);
const d = JSON.parse(given);
const openaiUrl = d.urls.openai + "/v1", anthropicUrl = d.urls.anthropic;
const told = [];
const sdkRetries = d.retry === "sdk" ? 2 : 0;
const frameworkRetries = d.retry === "framework" ? 2 : 0;

async function again(step, where) {
  for (let left = d.retry === where ? 2 : 0; ; --left) {
    try {
      return await step();
    } catch (error) {
      told.push(error.name);
      if (!left) throw error;
    }
  }
}

async function askBoth(ask) {
  let said = "";
  for (const text of [`What is to be paid for ${d.order}?`, `Say that ${d.order} is paid.`]) said = await again(() => ask(text), "application");
  return said;
}

async function charge() {
  const post = async () => {
    const answer = await fetch(d.urls.pay + "/charge", {
      method: "POST", body: JSON.stringify({ order: d.order, amount: 5 }), headers: { "content-type": "application/json" },
    });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return (await answer.json()).status;
  };
  try {
    return await again(post, "tool");
  } catch (error) {
    return `the charge failed: ${error.name}`;
  }
}

async function aiModel() {
  if (d.how === "anthropic") return (await load("@ai-sdk/anthropic")).createAnthropic({ baseURL: anthropicUrl + "/v1", apiKey: "sk-none" })(CLAUDE);
  const provider = (await load("@ai-sdk/openai")).createOpenAI({ baseURL: openaiUrl, apiKey: "sk-none" });
  return d.how === "responses" ? provider.responses(GPT) : provider.chat(GPT);
}

const DRIVERS = {
  async ai_sdk() {
    const { generateText, streamText } = await load("ai");
    const model = await aiModel();
    return askBoth(async (prompt) => {
      const asked = { model, prompt, maxRetries: frameworkRetries };
      if (!d.stream) return (await generateText(asked)).text;
      let said = "";
      for await (const part of streamText(asked).fullStream) {
        if (part.type === "error") throw part.error;
        if (part.type === "text-delta") said += part.text;
      }
      return said;
    });
  },
  async ai_sdk_agent() {
    const { generateText, tool, stepCountIs } = await load("ai");
    const { z } = await load("zod");
    const tools = { charge: tool({ description: "Charges an order once.", inputSchema: z.object({ order: z.string() }), execute: charge }) };
    const model = await aiModel();
    return again(async () => (await generateText({
      model, tools, prompt: `Please charge "${d.order}" now.`, maxRetries: frameworkRetries, stopWhen: stepCountIs(4),
    })).text, "restart");
  },
  async langchain_js() {
    const { ChatOpenAI } = await load("@langchain/openai");
    const { ChatAnthropic } = await load("@langchain/anthropic");
    const openai = new ChatOpenAI({ model: GPT, apiKey: "sk-none", maxRetries: frameworkRetries, configuration: { baseURL: openaiUrl } });
    const claude = new ChatAnthropic({ model: CLAUDE, apiKey: "sk-none", maxRetries: frameworkRetries, anthropicApiUrl: anthropicUrl, maxTokens: 200 });
    let model = d.how === "anthropic" ? claude : openai;
    if (d.retry === "fallback") model = model.withFallbacks([d.how === "anthropic" ? openai : claude]);
    return askBoth(async (text) => {
      if (!d.stream) return (await model.invoke(text)).content;
      let said = "";
      for await (const part of await model.stream(text)) said += part.content;
      return said;
    });
  },
  async openai_js() {
    const { default: OpenAI } = await load("openai");
    const client = new OpenAI({ apiKey: "sk-none", baseURL: openaiUrl, maxRetries: sdkRetries });
    return askBoth(async (content) => {
      const made = await client.chat.completions.create({ model: GPT, messages: [{ role: "user", content }], stream: d.stream });
      if (!d.stream) return made.choices[0].message.content;
      let said = "";
      for await (const chunk of made) said += chunk.choices[0]?.delta?.content ?? "";
      return said;
    });
  },
  async anthropic_js() {
    const { default: Anthropic } = await load("@anthropic-ai/sdk");
    const client = new Anthropic({ apiKey: "sk-none", baseURL: anthropicUrl, maxRetries: sdkRetries });
    return askBoth(async (content) => {
      const asked = { model: CLAUDE, max_tokens: 200, messages: [{ role: "user", content }] };
      if (!d.stream) return (await client.messages.create(asked)).content[0].text;
      return await client.messages.stream(asked).finalText();
    });
  },
};

let text = null, error = null;
try {
  text = await DRIVERS[name]();
} catch (raised) {
  error = `${raised.name}: ${raised.message}`;
}
console.log("\n" + JSON.stringify({ text, error, told }));
process.exit(error === null ? 0 : 1);
