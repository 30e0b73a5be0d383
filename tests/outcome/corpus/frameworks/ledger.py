# SPDX-License-Identifier: Apache-2.0
"""A model's own book: stands behind the gateway, passes everything on to the stand-in, and writes down who asked what, and what it
was billed. It is what Murphy's figures are compared with, and knows nothing of Murphy."""

import http.client
import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

TOLD_BY = ("user-agent", "x-stainless-retry-count")
DROPPED = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class ModelLedger:
    def __init__(self, origin: str):
        self._behind = urlsplit(origin)
        self._lock = threading.Lock()
        # By what was asked: how often, and the tokens of one answer.
        self.asked: Counter = Counter()
        self._tokens: dict[str, int] = {}
        self.bills: list[int] = []
        # How each request named its sender, in order.
        self.senders: list[dict] = []
        ledger = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                ledger._pass_on(self)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # Connections are broken here on purpose.
        self._server.handle_error = lambda *_: None
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    @property
    def by_sdk(self) -> bool:
        """An SDK has said that it was its own retry."""
        with self._lock:
            return any(sender.get("x-stainless-retry-count", "0") != "0" for sender in self.senders)

    def tokens(self) -> int | None:
        """What was billed; None where an answer did not say."""
        with self._lock:
            return sum(self.bills) if all(self.bills) else None

    def extra_tokens(self) -> int | None:
        """What was billed for asking the same again; None where the answer did not say."""
        with self._lock:
            again = {words: times - 1 for words, times in self.asked.items() if times > 1}
            if not all(self._tokens[words] for words in again):
                return None
            return sum(times * self._tokens[words] for words, times in again.items())

    def _pass_on(self, handler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        connection = http.client.HTTPConnection(self._behind.hostname, self._behind.port, timeout=20)
        headers = {name: value for name, value in handler.headers.items() if name.lower() not in DROPPED | {"host"}}
        connection.request("POST", handler.path, body, headers | {"accept-encoding": "identity"})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        asked = json.loads(body)
        words = json.dumps([asked.get("model"), asked.get("messages", asked.get("input"))])
        with self._lock:
            self.asked[words] += 1
            self._tokens[words] = billed(content)
            self.bills.append(self._tokens[words])
            self.senders.append({name: handler.headers[name] for name in TOLD_BY if name in handler.headers})
        try:
            handler.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in DROPPED:
                    handler.send_header(name, value)
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            # Event by event, as a model does.
            for part in content.split(b"\n\n"):
                part += b"\n\n" if b"\n\n" in content else b""
                if part.strip():
                    handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            handler.wfile.write(b"0\r\n\r\n")
        except OSError:
            handler.close_connection = True


def billed(content: bytes) -> int:
    """The last usage that an answer tells of, input and output."""
    found = {}
    texts = [line.removeprefix(b"data:") for line in content.split(b"\n") if line.startswith(b"data:")] or [content]
    for text in texts:
        try:
            event = json.loads(text)
        except ValueError:
            continue
        for place in (event, event.get("message"), event.get("response")):
            if isinstance(place, dict) and isinstance(place.get("usage"), dict):
                found |= {name: value for name, value in place["usage"].items() if value is not None}
    if "prompt_tokens" in found:
        return found["prompt_tokens"] + found["completion_tokens"]
    return found.get("input_tokens", 0) + found.get("output_tokens", 0)
