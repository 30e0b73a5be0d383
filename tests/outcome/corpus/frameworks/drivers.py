# SPDX-License-Identifier: Apache-2.0
"""Agents made with published SDKs and frameworks, each with retries in one known place. Usage: drivers.py NAME JSON.

A driver does its task once, prints what it came to as one line of JSON, and ends with 1 when an exception came out of it. It knows
Murphy only as base URLs."""

import asyncio
import json
import logging
import os
import sys
import urllib.request

QUESTIONS = ("What is to be paid for {order}?", "Say that {order} is paid.")
TASK = 'Please charge "{order}" now.'
GPT, CLAUDE = "gpt-4o-mini", "claude-sonnet-4-6"


class Driver:
    """`retry`: sdk, framework, application, restart, fallback or none; `how`: which of a driver's forms."""

    def __init__(self, how: str, retry: str, stream: bool, order: str, urls: dict):
        self.how, self.retry, self.stream, self.order, self.urls = how, retry, stream, order, urls
        self.sdk_retries = 2 if retry == "sdk" else 0
        self.framework_retries = 2 if retry == "framework" else 0
        self.told: list[str] = []
        self.openai = urls["openai"] + "/v1"
        self.anthropic = urls["anthropic"]
        os.environ |= {"OPENAI_API_KEY": "sk-none", "ANTHROPIC_API_KEY": "sk-none", "OPENAI_BASE_URL": self.openai,
                       "OPENAI_API_BASE": self.openai, "ANTHROPIC_BASE_URL": self.anthropic}

    def ask_both(self, ask) -> str:
        """Two questions; the application's own retry, where there is one, is here."""
        said = ""
        for question in QUESTIONS:
            said = self.again(lambda text=question.format(order=self.order): ask(text), "application")
        return said

    def again(self, step, where: str):
        for left in reversed(range(3 if self.retry == where else 1)):
            try:
                return step()
            except Exception as error:
                self.told.append(type(error).__name__)
                if not left:
                    raise

    def run_task(self, agent) -> str:
        """An agent with a tool, which is started anew where that is how it deals with a failure."""
        return self.again(lambda: agent(TASK.format(order=self.order)), "restart")

    def charge(self, order: str, amount: int = 5) -> str:
        """Charges an order once."""
        def post():
            body = json.dumps({"order": self.order, "amount": 5}).encode()
            request = urllib.request.Request(self.urls["pay"] + "/charge", body, {"content-type": "application/json"})
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.loads(answer.read())["status"]
        try:
            return self.again(post, "tool")
        except Exception as error:
            self.told.append(type(error).__name__)
            return f"the charge failed: {type(error).__name__}"


def openai_chat(d: Driver) -> str:
    import openai
    client = openai.OpenAI(max_retries=d.sdk_retries)

    def ask(text):
        made = client.chat.completions.create(model=GPT, messages=[{"role": "user", "content": text}], stream=d.stream)
        if not d.stream:
            return made.choices[0].message.content
        return "".join(choice.delta.content or "" for chunk in made for choice in chunk.choices)
    return d.ask_both(ask)


def openai_responses(d: Driver) -> str:
    import openai
    client = openai.OpenAI(max_retries=d.sdk_retries)

    def ask(text):
        made = client.responses.create(model=GPT, input=text, stream=d.stream)
        if not d.stream:
            return made.output_text
        return "".join(event.delta for event in made if event.type == "response.output_text.delta")
    return d.ask_both(ask)


def anthropic_messages(d: Driver) -> str:
    import anthropic
    client = anthropic.Anthropic(max_retries=d.sdk_retries)

    def ask(text):
        given = {"model": CLAUDE, "max_tokens": 200, "messages": [{"role": "user", "content": text}]}
        if not d.stream:
            return client.messages.create(**given).content[0].text
        with client.messages.stream(**given) as stream:
            return "".join(stream.text_stream)
    return d.ask_both(ask)


def langchain(d: Driver) -> str:
    from langchain_anthropic import ChatAnthropic
    from langchain_openai import ChatOpenAI
    openai = ChatOpenAI(model=GPT, max_retries=d.sdk_retries)
    claude = ChatAnthropic(model=CLAUDE, max_retries=d.sdk_retries, max_tokens=200)
    model, other = (claude, openai) if d.how == "anthropic" else (openai, claude)
    if d.retry == "framework":
        model = model.with_retry(stop_after_attempt=3, wait_exponential_jitter=False)
    if d.retry == "fallback":
        model = model.with_fallbacks([other])

    def ask(text):
        return "".join(str(part.content) for part in model.stream(text)) if d.stream else model.invoke(text).content
    return d.ask_both(ask)


def litellm(d: Driver) -> str:
    import litellm
    model = f"anthropic/{CLAUDE}" if d.how == "anthropic" else f"openai/{GPT}"
    litellm.suppress_debug_info = True
    other = {"fallbacks": [f"openai/{GPT}" if d.how == "anthropic" else f"anthropic/{CLAUDE}"]} if d.retry == "fallback" else {}
    retries = {"max_retries": d.sdk_retries} if d.how != "anthropic" else {}
    if d.retry == "framework":
        retries = {"num_retries": 2, "max_retries": 0}

    def ask(text):
        made = litellm.completion(model=model, messages=[{"role": "user", "content": text}], max_tokens=200, stream=d.stream,
                                  **retries, **other)
        if not d.stream:
            return made.choices[0].message.content
        return "".join(choice.delta.content or "" for chunk in made for choice in chunk.choices)
    return d.ask_both(ask)


def dspy(d: Driver) -> str:
    import dspy
    model = f"anthropic/{CLAUDE}" if d.how == "anthropic" else f"openai/{GPT}"
    lm = dspy.LM(model, num_retries=d.framework_retries, cache=False, max_tokens=200)
    return d.ask_both(lambda text: str(lm(text)[0]))


def instructor(d: Driver) -> str:
    import instructor
    import openai
    import pydantic

    class Said(pydantic.BaseModel):
        words: str
    client = instructor.from_openai(openai.OpenAI(max_retries=d.sdk_retries))
    return d.ask_both(lambda text: client.chat.completions.create(
        model=GPT, response_model=Said, max_retries=1, messages=[{"role": "user", "content": text}]).words)


def llama_index(d: Driver) -> str:
    from llama_index.llms.openai import OpenAI
    lm = OpenAI(model=GPT, max_retries=d.sdk_retries + d.framework_retries, reuse_client=True)
    return d.ask_both(lambda text: lm.complete(text).text)


def openai_agents(d: Driver) -> str:
    import agents
    import openai
    agents.set_tracing_disabled(True)
    agents.set_default_openai_client(openai.AsyncOpenAI(max_retries=d.sdk_retries), use_for_tracing=False)
    agents.set_default_openai_api("chat_completions" if d.how == "chat" else "responses")
    agent = agents.Agent(name="payer", model=GPT, tools=[agents.function_tool(d.charge)])
    return d.run_task(lambda text: agents.Runner.run_sync(agent, text).final_output)


def langgraph(d: Driver) -> str:
    from langchain.agents import create_agent
    from langchain_anthropic import ChatAnthropic
    from langchain_core.tools import tool
    from langchain_openai import ChatOpenAI
    model = (ChatAnthropic(model=CLAUDE, max_retries=d.sdk_retries, max_tokens=200) if d.how == "anthropic"
             else ChatOpenAI(model=GPT, max_retries=d.sdk_retries))
    agent = create_agent(model, [tool(d.charge)])
    return d.run_task(lambda text: agent.invoke({"messages": [("user", text)]})["messages"][-1].content)


def crewai(d: Driver) -> str:
    os.environ |= {"CREWAI_DISABLE_TELEMETRY": "true", "OTEL_SDK_DISABLED": "true"}
    from crewai import LLM, Agent, Crew, Task
    from crewai.tools import tool
    agent = Agent(role="payer", goal="pay", backstory="You pay.", llm=LLM(model=f"openai/{GPT}", max_retries=d.sdk_retries),
                  tools=[tool("charge")(d.charge)], max_retry_limit=2 if d.retry == "framework" else 0)

    def work(text):
        task = Task(description=text, expected_output="what was paid", agent=agent)
        return str(Crew(agents=[agent], tasks=[task]).kickoff())
    return d.run_task(work)


def smolagents(d: Driver) -> str:
    import smolagents
    model = smolagents.OpenAIServerModel(GPT, api_base=d.openai, api_key="sk-none", client_kwargs={"max_retries": d.sdk_retries})
    return d.ask_both(lambda text: model.generate([{"role": "user", "content": [{"type": "text", "text": text}]}]).content)


def autogen(d: Driver) -> str:
    from autogen_core.models import UserMessage
    from autogen_ext.models.openai import OpenAIChatCompletionClient
    client = OpenAIChatCompletionClient(model=GPT, api_key="sk-none", base_url=d.openai, max_retries=d.sdk_retries)
    loop = asyncio.new_event_loop()
    return d.ask_both(lambda text: str(loop.run_until_complete(client.create([UserMessage(content=text, source="user")])).content))


def main() -> int:
    logging.disable(logging.CRITICAL)
    driver = Driver(**json.loads(sys.argv[2]))
    text, error = None, None
    try:
        text = globals()[sys.argv[1]](driver)
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
    sys.stdout.flush()
    # Not through `sys.stdout`, which some frameworks filter; and some leave threads behind.
    os.write(1, ("\n" + json.dumps({"text": text, "error": error, "told": driver.told}) + "\n").encode())
    os._exit(0 if error is None else 1)


if __name__ == "__main__":
    main()
