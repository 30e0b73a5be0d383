# SPDX-License-Identifier: Apache-2.0
"""OpenAI Chat Completions."""

import json

from conversation import CREATED, HEX, Ask, Ids, Reply, Tool, argument_pieces, event, joined_text, pieces, tokens
from http_server import json_response

PATH = "/v1/chat/completions"
NAME = "openai-chat"


def read(body: dict) -> Ask:
    messages = body["messages"]
    last = max((n for n, m in enumerate(messages) if m["role"] == "user"), default=-1)
    names = {c["id"]: c["function"]["name"] for m in messages for c in m.get("tool_calls") or [] if "function" in c}
    choice = body.get("tool_choice", "auto")
    options = body.get("stream_options") or {}
    return Ask(
        dialect=NAME, model=str(body["model"]), stream=bool(body.get("stream")),
        user=joined_text(messages[last]["content"]) if last >= 0 else "",
        tools=[Tool(t["function"]["name"], t["function"].get("parameters") or {})
               for t in body.get("tools") or [] if t.get("type") == "function"],
        choice=choice if isinstance(choice, str) else choice.get("function", {}).get("name", "auto"),
        results=[(names.get(m.get("tool_call_id"), "tool"), joined_text(m.get("content")))
                 for m in messages[last + 1:] if m["role"] == "tool"],
        input_tokens=tokens([messages, body.get("tools") or []]),
        include_usage=bool(options.get("include_usage")), obfuscate=options.get("include_obfuscation", True))


def headers(ids: Ids, remaining: int) -> dict[str, str]:
    return {
        "openai-organization": "standin", "openai-processing-ms": str(100 + ids.number(400)),
        "openai-project": "proj_standin", "openai-version": "2020-10-01",
        "x-ratelimit-limit-requests": "10000", "x-ratelimit-limit-tokens": "200000",
        "x-ratelimit-remaining-requests": str(remaining), "x-ratelimit-remaining-tokens": "199000",
        "x-ratelimit-reset-requests": "8.64s", "x-ratelimit-reset-tokens": "300ms",
        "x-request-id": ids.draw("req_", 32, HEX)}


def _usage(reply: Reply) -> dict:
    return {"prompt_tokens": reply.input_tokens, "completion_tokens": reply.output_tokens,
            "total_tokens": reply.input_tokens + reply.output_tokens,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0,
                                          "rejected_prediction_tokens": 0}}


def _calls(reply: Reply, ids: Ids) -> list[dict]:
    return [{"id": ids.draw("call_", 24), "type": "function",
             "function": {"name": c.name, "arguments": json.dumps(c.arguments, ensure_ascii=False)}}
            for c in reply.calls]


def _envelope(ask: Ask, ids: Ids, kind: str) -> dict:
    return {"id": ids.draw("chatcmpl-", 29), "object": kind, "created": CREATED, "model": ask.model,
            "service_tier": "default", "system_fingerprint": "fp_" + "0" * 10}


def plain(ask: Ask, reply: Reply, ids: Ids):
    message = {"role": "assistant", "content": reply.text or None, "refusal": None, "annotations": []}
    if reply.calls:
        message["tool_calls"] = _calls(reply, ids)
    body = _envelope(ask, ids, "chat.completion")
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reply.stop}
    tail = {name: body.pop(name) for name in ("service_tier", "system_fingerprint")}
    return json_response({**body, "choices": [choice], "usage": _usage(reply), **tail}, indent=2, end="\n")


def stream(ask: Ask, reply: Reply, ids: Ids):
    """Yields the answer's events."""
    envelope = _envelope(ask, ids, "chat.completion.chunk")

    def chunk(delta, finish=None):
        data = {**envelope, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]}
        if ask.include_usage:
            data["usage"] = None
        if ask.obfuscate:
            data["obfuscation"] = ids.draw("", 1 + ids.number(14))
        return event(data)

    yield chunk({"role": "assistant", "content": None if reply.calls and not reply.text else "", "refusal": None})
    for piece in pieces(reply.text):
        yield chunk({"content": piece})
    for index, call in enumerate(_calls(reply, ids)):
        arguments = call["function"].pop("arguments")
        yield chunk({"tool_calls": [{"index": index, **call, "function": {**call["function"], "arguments": ""}}]})
        for piece in argument_pieces(arguments):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield chunk({}, reply.stop)
    if ask.include_usage:
        yield event({**envelope, "choices": [], "usage": _usage(reply)})
    yield b"data: [DONE]\n\n"
