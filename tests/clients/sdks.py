# SPDX-License-Identifier: Apache-2.0
"""The three model dialects as their official SDKs speak them, behind one small shape for the tests."""

import json
from dataclasses import dataclass, field

import anthropic
import openai

QUESTION = "What is the capital of France?"
TOOL = "charge_customer"
TOOL_QUESTION = "Charge customer ada 42 dollars."
SCHEMA = {
    "type": "object",
    "properties": {"amount": {"type": "number"}, "customer": {"type": "string"}},
    "required": ["amount", "customer"],
}
ARGUMENTS = {"amount": 42, "customer": "ada"}


@dataclass
class Answer:
    text: str = ""
    # (name, arguments as text)
    calls: list[tuple[str, str]] = field(default_factory=list)
    # The provider's word; None when the answer did not say how it ended.
    stop: str | None = None
    # Events as the SDK passed them on; 0 for a plain answer.
    events: int = 0
    output_tokens: int | None = None
    # What reading it ended with, when it broke.
    error: Exception | None = None


class Chat:
    name = "openai-chat"
    route = "openai"
    model = "gpt-4o-mini"
    errors = openai
    ended, called, cut = "stop", "tool_calls", "length"

    def client(self, origin: str, **options):
        return openai.OpenAI(base_url=origin + "/v1", api_key="sk-none", **{"max_retries": 0, "timeout": 20, **options})

    def create(self, client, text=QUESTION, stream=False, tools=False):
        given = {"tools": [{"type": "function", "function": {"name": TOOL, "parameters": SCHEMA}}]} if tools else {}
        if stream:
            given["stream_options"] = {"include_usage": True}
        return client.chat.completions.create(
            model=self.model, messages=[{"role": "user", "content": text}], stream=stream, **given)

    def ask(self, client, text=QUESTION, stream=False, tools=False) -> Answer:
        answer = self.create(client, text, stream, tools)
        return self.collect(answer, Answer()) if stream else self.plain(answer)

    def plain(self, answer) -> Answer:
        choice = answer.choices[0]
        calls = [(c.function.name, c.function.arguments) for c in choice.message.tool_calls or []]
        return Answer(choice.message.content or "", calls, choice.finish_reason, 0, answer.usage.completion_tokens)

    def collect(self, chunks, made: Answer) -> Answer:
        """Fills `made` as it reads, so that it holds what had arrived when the stream broke."""
        numbers: list[int] = []
        for chunk in chunks:
            made.events += 1
            if chunk.usage:
                made.output_tokens = chunk.usage.completion_tokens
            for choice in chunk.choices:
                made.text += choice.delta.content or ""
                made.stop = choice.finish_reason or made.stop
                for call in choice.delta.tool_calls or []:
                    if call.index not in numbers:
                        numbers.append(call.index)
                        made.calls.append((call.function.name, ""))
                    name, arguments = made.calls[numbers.index(call.index)]
                    made.calls[numbers.index(call.index)] = (name, arguments + (call.function.arguments or ""))
        return made


class Responses(Chat):
    name = "openai-responses"
    ended, called, cut = "completed", "completed", "incomplete"

    def create(self, client, text=QUESTION, stream=False, tools=False):
        given = {"tools": [{"type": "function", "name": TOOL, "parameters": SCHEMA, "strict": False}]} if tools else {}
        return client.responses.create(model=self.model, input=text, stream=stream, **given)

    def plain(self, answer) -> Answer:
        calls = [(item.name, item.arguments) for item in answer.output if item.type == "function_call"]
        return Answer(answer.output_text, calls, answer.status, 0, answer.usage.output_tokens)

    def collect(self, events, made: Answer) -> Answer:
        for event in events:
            made.events += 1
            if event.type == "response.output_text.delta":
                made.text += event.delta
            elif event.type == "response.output_item.added" and event.item.type == "function_call":
                made.calls.append((event.item.name, ""))
            elif event.type == "response.function_call_arguments.delta":
                name, arguments = made.calls[-1]
                made.calls[-1] = (name, arguments + event.delta)
            elif event.type in ("response.completed", "response.incomplete", "response.failed"):
                made.stop = event.response.status
                made.output_tokens = event.response.usage.output_tokens if event.response.usage else None
        return made


class Messages(Chat):
    name = "anthropic-messages"
    route = "anthropic"
    model = "claude-sonnet-4-6"
    errors = anthropic
    ended, called, cut = "end_turn", "tool_use", "max_tokens"

    def client(self, origin: str, **options):
        return anthropic.Anthropic(base_url=origin, api_key="sk-ant-none", **{"max_retries": 0, "timeout": 20, **options})

    def create(self, client, text=QUESTION, stream=False, tools=False):
        given = {"tools": [{"name": TOOL, "input_schema": SCHEMA}]} if tools else {}
        return client.messages.create(
            model=self.model, max_tokens=1000, messages=[{"role": "user", "content": text}], stream=stream, **given)

    def plain(self, answer) -> Answer:
        text = "".join(block.text for block in answer.content if block.type == "text")
        calls = [(block.name, json.dumps(block.input)) for block in answer.content if block.type == "tool_use"]
        return Answer(text, calls, answer.stop_reason, 0, answer.usage.output_tokens)

    def collect(self, events, made: Answer) -> Answer:
        for event in events:
            made.events += 1
            if event.type == "content_block_start" and event.content_block.type == "tool_use":
                made.calls.append((event.content_block.name, ""))
            elif event.type == "content_block_delta" and event.delta.type == "text_delta":
                made.text += event.delta.text
            elif event.type == "content_block_delta" and event.delta.type == "input_json_delta":
                name, arguments = made.calls[-1]
                made.calls[-1] = (name, arguments + event.delta.partial_json)
            elif event.type == "message_delta":
                made.stop = event.delta.stop_reason
                made.output_tokens = event.usage.output_tokens
        return made


DIALECTS = [Chat(), Responses(), Messages()]
