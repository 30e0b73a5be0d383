# SPDX-License-Identifier: Apache-2.0
"""A primary model, and a fallback from another provider for when it gives up."""

import asyncio
import json
from typing import Callable

import anthropic
import httpx2
import openai

from transcript import Call, Transcript, Turn, for_anthropic, for_openai

TIMEOUT_SECONDS = 20


class Unusable(Exception):
    """A stream that ended early, hit its length limit, or holds arguments that are not JSON."""


class GaveUp(Exception):
    """No model answered."""


def parsed(id: str, name: str, arguments: str) -> Call:
    try:
        return Call(id, name, json.loads(arguments or "{}"))
    except ValueError:
        raise Unusable(f"arguments of {name} are not JSON") from None


class Primary:
    name = "primary (openai)"
    # The SDK repeats by itself: two more attempts.
    attempts = 1
    failures = (openai.OpenAIError, Unusable, ValueError)

    def __init__(self, model: str = "gpt-4o-mini"):
        self._model = model
        self._client = openai.AsyncOpenAI(timeout=TIMEOUT_SECONDS)

    async def ask(self, transcript: Transcript, tools: list[dict]) -> Turn:
        functions = [{"type": "function", "function": {"name": t["name"], "description": t["description"],
                                                       "parameters": t["schema"]}} for t in tools]
        stream = await self._client.chat.completions.create(
            model=self._model, messages=for_openai(transcript), tools=functions, stream=True,
            stream_options={"include_usage": True})
        text, stop, calls = "", None, {}
        async for chunk in stream:
            for choice in chunk.choices:
                text += choice.delta.content or ""
                stop = choice.finish_reason or stop
                for piece in choice.delta.tool_calls or []:
                    call = calls.setdefault(piece.index, {"id": piece.id, "name": piece.function.name, "arguments": ""})
                    call["arguments"] += piece.function.arguments or ""
        if stop not in ("stop", "tool_calls"):
            raise Unusable(f"the answer ended with {stop or 'nothing'}")
        return Turn(text, [parsed(**call) for call in calls.values()])


class Fallback:
    name = "fallback (anthropic)"
    # Errors inside a stream are not repeated by the SDK.
    attempts = 3
    # The SDK passes a connection that breaks inside a stream on as its HTTP library's error.
    failures = (anthropic.AnthropicError, httpx2.HTTPError, Unusable, ValueError)

    def __init__(self, model: str = "claude-sonnet-4-6"):
        self._model = model
        self._client = anthropic.AsyncAnthropic(timeout=TIMEOUT_SECONDS)

    async def ask(self, transcript: Transcript, tools: list[dict]) -> Turn:
        offered = [{"name": t["name"], "description": t["description"], "input_schema": t["schema"]} for t in tools]
        stream = await self._client.messages.create(
            model=self._model, max_tokens=1000, messages=for_anthropic(transcript), tools=offered, stream=True)
        text, stop, calls = "", None, {}
        async for event in stream:
            if event.type == "content_block_start" and event.content_block.type == "tool_use":
                calls[event.index] = {"id": event.content_block.id, "name": event.content_block.name, "arguments": ""}
            elif event.type == "content_block_delta" and event.delta.type == "text_delta":
                text += event.delta.text
            elif event.type == "content_block_delta" and event.delta.type == "input_json_delta":
                calls[event.index]["arguments"] += event.delta.partial_json
            elif event.type == "message_delta":
                stop = event.delta.stop_reason
        if stop not in ("end_turn", "tool_use"):
            raise Unusable(f"the answer ended with {stop or 'nothing'}")
        return Turn(text, [parsed(**call) for call in calls.values()])


class Models:
    """Asks the first model that has not given up."""

    def __init__(self, say: Callable[[str], None]):
        self._standing = [Primary(), Fallback()]
        self._say = say

    async def ask(self, transcript: Transcript, tools: list[dict]) -> Turn:
        while self._standing:
            model = self._standing[0]
            for attempt in range(model.attempts):
                if attempt:
                    await asyncio.sleep(0.2 * 2**attempt)
                try:
                    return await model.ask(transcript, tools)
                except model.failures as error:
                    self._say(f"{model.name}: {type(error).__name__}: {str(error)[:100]}")
            self._standing.pop(0)
        raise GaveUp("no model answered")
