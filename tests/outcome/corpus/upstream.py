# SPDX-License-Identifier: Apache-2.0
"""Everything that stub agents call, with a ledger: three model APIs, an MCP server, and tools over HTTP. It says afterwards what
took place, and can be told to break down before or after it acts."""

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USAGE = 80, 20


def _chat(words: str) -> dict:
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": words}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": USAGE[0], "completion_tokens": USAGE[1], "total_tokens": sum(USAGE)}}


def _chat_events(words: str):
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o-mini"}
    for word in words.split():
        yield None, {**head, "choices": [{"index": 0, "delta": {"content": word + " "}, "finish_reason": None}]}
    yield None, {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    yield None, {**head, "choices": [], "usage": _chat(words)["usage"]}
    yield None, "[DONE]"


def _response(words: str, status: str = "completed") -> dict:
    return {"id": "resp_1", "object": "response", "created_at": 1, "status": status, "model": "gpt-4o-mini",
            "output": [{"type": "message", "id": "msg_1", "role": "assistant", "status": status,
                        "content": [{"type": "output_text", "text": words, "annotations": []}]}],
            "usage": {"input_tokens": USAGE[0], "output_tokens": USAGE[1], "total_tokens": sum(USAGE)}}


def _response_events(words: str):
    yield "response.created", {"type": "response.created", "response": {**_response("", "in_progress"), "output": [], "usage": None}}
    for word in words.split():
        yield "response.output_text.delta", {"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0,
                                             "content_index": 0, "delta": word + " "}
    yield "response.completed", {"type": "response.completed", "response": _response(words)}


def _message(words: str) -> dict:
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-6",
            "content": [{"type": "text", "text": words}], "stop_reason": "end_turn", "stop_sequence": None,
            "usage": {"input_tokens": USAGE[0], "output_tokens": USAGE[1]}}


def _message_events(words: str):
    begun = {**_message(""), "content": [], "stop_reason": None, "usage": {"input_tokens": USAGE[0], "output_tokens": 1}}
    yield "message_start", {"type": "message_start", "message": begun}
    yield "content_block_start", {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    for word in words.split():
        yield "content_block_delta", {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word + " "}}
    yield "content_block_stop", {"type": "content_block_stop", "index": 0}
    yield "message_delta", {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                            "usage": {"output_tokens": USAGE[1]}}
    yield "message_stop", {"type": "message_stop"}


MODELS = {"/v1/chat/completions": (_chat, _chat_events), "/v1/responses": (_response, _response_events),
          "/v1/messages": (_message, _message_events)}


class Upstream:
    """`plans[path]` says what becomes of the next requests: silent_before, silent_after, error_before, error_after or cut_after
    (the effect). What is not planned is served."""

    def __init__(self):
        self.plans: dict[str, list[str]] = {}
        self.effects: Counter = Counter()
        # What models were asked, and answered.
        self.asked: Counter = Counter()
        self.released = threading.Event()
        self._keys: set[str] = set()
        self._lock = threading.Lock()
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def log_message(self, *_):
                pass

            def do_GET(self):
                upstream._get(self)

            def do_POST(self):
                upstream._post(self, self.rfile.read(int(self.headers.get("content-length", 0))))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def _get(self, handler) -> None:
        _, kind, order = handler.path.split("/")
        found = kind == "charges" and self.effects[order]
        _send(handler, 200 if found else 404, {"order": order, "charges": self.effects[order]})

    def _post(self, handler, body: bytes) -> None:
        ask = json.loads(body or b"{}")
        path = handler.path
        with self._lock:
            planned = self.plans.get(path) or []
            plan = planned.pop(0) if planned else "whole"
        if plan.endswith("_before"):
            return self._break_down(handler, plan)
        self._act(path, ask, handler.headers.get("idempotency-key"))
        if plan in ("silent_after", "error_after"):
            return self._break_down(handler, plan)
        if path in MODELS:
            return self._model(handler, ask, *MODELS[path])
        answer = self._tool(path, ask)
        if plan != "cut_after":
            return _send(handler, 200, answer)
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{")
        handler.close_connection = True

    def _break_down(self, handler, plan: str) -> None:
        if plan.startswith("silent"):
            self.released.wait(20)
            handler.close_connection = True
        else:
            _send(handler, 500, {"error": {"message": "it broke down"}})

    def _act(self, path: str, ask: dict, key: str | None) -> None:
        arguments = ask.get("params", {}).get("arguments", {}) if path == "/mcp" else ask
        name = ask.get("params", {}).get("name") if path == "/mcp" else path.strip("/")
        with self._lock:
            if path in MODELS:
                self.asked[json.dumps(ask.get("messages", ask.get("input")))] += 1
            if name != "charge" or (key and key in self._keys):
                return
            self._keys.add(key)
            self.effects[arguments["order"]] += 1

    @staticmethod
    def _tool(path: str, ask: dict) -> dict:
        if path != "/mcp":
            return {"status": "done", "asked": ask, "total": 1250}
        text = json.dumps({"status": "done", "total": 1250})
        return {"jsonrpc": "2.0", "id": ask.get("id"), "result": {"content": [{"type": "text", "text": text}], "isError": False}}

    @staticmethod
    def _model(handler, ask: dict, plain, events) -> None:
        words = "this is what there is to say"
        if not ask.get("stream"):
            return _send(handler, 200, plain(words))
        body = b""
        for name, data in events(words):
            text = data if isinstance(data, str) else json.dumps(data)
            body += (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()
        _send(handler, 200, body, "text/event-stream")


def _send(handler, status: int, body, kind: str = "application/json") -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)
