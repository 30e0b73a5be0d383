# SPDX-License-Identifier: Apache-2.0
"""OpenAI Responses."""

import json

from conversation import CREATED, HEX, Ask, Ids, Reply, Tool, argument_pieces, event, joined_text, pieces, tokens
from http_server import json_response

PATH = "/v1/responses"
NAME = "openai-responses"


def read(body: dict) -> Ask:
    items = body.get("input", "")
    if isinstance(items, str):
        items = [{"role": "user", "content": items}]
    last = max((n for n, item in enumerate(items) if item.get("role") == "user"), default=-1)
    names = {i["call_id"]: i["name"] for i in items if i.get("type") == "function_call"}
    choice = body.get("tool_choice", "auto")
    options = body.get("stream_options") or {}
    return Ask(
        dialect=NAME, model=str(body["model"]), stream=bool(body.get("stream")),
        user=joined_text(items[last]["content"]) if last >= 0 else "",
        tools=[Tool(t["name"], t.get("parameters") or {}) for t in body.get("tools") or [] if t.get("type") == "function"],
        choice=choice if isinstance(choice, str) else choice.get("name", "auto"),
        results=[(names.get(i.get("call_id"), "tool"), joined_text(i.get("output")))
                 for i in items[last + 1:] if i.get("type") == "function_call_output"],
        input_tokens=tokens([items, body.get("tools") or []]),
        obfuscate=options.get("include_obfuscation", True))


def headers(ids: Ids, remaining: int) -> dict[str, str]:
    return {"openai-organization": "standin", "openai-processing-ms": str(100 + ids.number(400)),
            "openai-project": "proj_standin", "openai-version": "2020-10-01",
            "x-request-id": ids.draw("req_", 32, HEX)}


def _output(reply: Reply, ids: Ids) -> list[dict]:
    items = []
    if reply.text or not reply.calls:
        part = {"type": "output_text", "annotations": [], "logprobs": [], "text": reply.text}
        status = "incomplete" if reply.stop == "length" else "completed"
        items.append({"id": ids.draw("msg_", 48, HEX), "type": "message", "status": status, "content": [part],
                      "role": "assistant"})
    for call in reply.calls:
        items.append({"id": ids.draw("fc_", 48, HEX), "type": "function_call", "status": "completed",
                      "arguments": json.dumps(call.arguments, ensure_ascii=False, separators=(",", ":")),
                      "call_id": ids.draw("call_", 24), "name": call.name})
    return items


def _usage(reply: Reply) -> dict:
    return {"input_tokens": reply.input_tokens, "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": reply.output_tokens, "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": reply.input_tokens + reply.output_tokens}


def _response(ask: Ask, ids: Ids) -> dict:
    tools = [{"type": "function", "name": t.name, "parameters": t.schema, "strict": False} for t in ask.tools]
    return {"id": ids.draw("resp_", 50, HEX), "object": "response", "created_at": CREATED, "status": "in_progress",
            "background": False, "error": None, "incomplete_details": None, "instructions": None,
            "max_output_tokens": None, "model": ask.model, "output": [], "parallel_tool_calls": True,
            "previous_response_id": None, "reasoning": {"effort": None, "summary": None}, "service_tier": "default",
            "store": False, "temperature": 1.0, "text": {"format": {"type": "text"}}, "tool_choice": "auto",
            "tools": tools, "top_p": 1.0, "truncation": "disabled", "usage": None, "user": None, "metadata": {}}


def _finished(response: dict, reply: Reply, output: list[dict]) -> dict:
    length = reply.stop == "length"
    return {**response, "status": "incomplete" if length else "completed", "output": output, "usage": _usage(reply),
            "incomplete_details": {"reason": "max_output_tokens"} if length else None}


def plain(ask: Ask, reply: Reply, ids: Ids):
    response = _response(ask, ids)
    return json_response(_finished(response, reply, _output(reply, ids)), indent=2)


def stream(ask: Ask, reply: Reply, ids: Ids):
    """Yields the answer's events."""
    sequence = iter(range(10**9))

    def emit(kind, **data):
        return event({"type": kind, "sequence_number": next(sequence), **data}, kind)

    def pad():
        return {"obfuscation": ids.draw("", 1 + ids.number(14))} if ask.obfuscate else {}

    response = _response(ask, ids)
    output = _output(reply, ids)
    yield emit("response.created", response=response)
    yield emit("response.in_progress", response=response)
    for index, item in enumerate(output):
        events = _message_events if item["type"] == "message" else _call_events
        for kind, data in events(item, pad):
            yield emit(kind, output_index=index, **data)
    terminal = "response.incomplete" if reply.stop == "length" else "response.completed"
    yield emit(terminal, response=_finished(response, reply, output))


def _message_events(item: dict, pad):
    part = item["content"][0]
    place = {"item_id": item["id"], "content_index": 0}
    yield "response.output_item.added", {"item": {**item, "status": "in_progress", "content": []}}
    yield "response.content_part.added", {**place, "part": {**part, "text": ""}}
    for piece in pieces(part["text"]):
        yield "response.output_text.delta", {**place, "delta": piece, "logprobs": [], **pad()}
    yield "response.output_text.done", {**place, "text": part["text"], "logprobs": []}
    yield "response.content_part.done", {**place, "part": part}
    yield "response.output_item.done", {"item": item}


def _call_events(item: dict, pad):
    yield "response.output_item.added", {"item": {**item, "status": "in_progress", "arguments": ""}}
    for piece in argument_pieces(item["arguments"]):
        yield "response.function_call_arguments.delta", {"item_id": item["id"], "delta": piece, **pad()}
    yield "response.function_call_arguments.done", {"item_id": item["id"], "name": item["name"],
                                                    "arguments": item["arguments"]}
    yield "response.output_item.done", {"item": item}
