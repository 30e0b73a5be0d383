# SPDX-License-Identifier: Apache-2.0
"""HTTP/1 as bytes: a client and an upstream that see exactly what arrived, and send exactly what they are told."""

import re
import select
import socket
import struct
import threading
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TIMEOUT = 10


class Broken(Exception):
    """The connection ended where a message had not."""


class Stream:
    """A socket that is read up to what is asked for. `received` is everything that has arrived."""

    def __init__(self, connected: socket.socket):
        self.socket = connected
        self.socket.settimeout(TIMEOUT)
        self.received = b""
        self._used = 0

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def _more(self) -> None:
        try:
            data = self.socket.recv(1 << 20)
        except ConnectionError as error:
            raise Broken(str(error)) from error
        if not data:
            raise Broken("closed")
        self.received += data

    def _take(self, end: int) -> bytes:
        taken, self._used = self.received[self._used:end], end
        return taken

    def exactly(self, size: int) -> bytes:
        while len(self.received) - self._used < size:
            self._more()
        return self._take(self._used + size)

    def until(self, mark: bytes) -> bytes:
        """Up to and with `mark`."""
        start = self._used
        while (at := self.received.find(mark, start)) < 0:
            start = max(self._used, len(self.received) - len(mark) + 1)
            self._more()
        return self._take(at + len(mark))

    def rest(self) -> bytes:
        """Up to a clean end; Broken after a reset."""
        while True:
            try:
                self._more()
            except Broken as error:
                if str(error) != "closed":
                    raise
                return self._take(len(self.received))

    def chunked(self) -> bytes:
        """A chunked body as it travels, trailers included."""
        raw = b""
        while True:
            line = self.until(b"\r\n")
            raw += line
            size = int(line.split(b";")[0], 16)
            if size == 0:
                break
            raw += self.exactly(size + 2)
        while (line := self.until(b"\r\n")) != b"\r\n":
            raw += line
        return raw + line

    def message(self, has_body=lambda head: True) -> "Message":
        head = self.until(b"\r\n\r\n")
        message = Message(head)
        if not has_body(message):
            return message
        if message.value("transfer-encoding") == b"chunked":
            message.body = self.chunked()
        elif (length := message.value("content-length")) is not None:
            message.body = self.exactly(int(length))
        elif head.startswith(b"HTTP/"):
            message.body = self.rest()
        return message

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        self.socket.close()

    def is_closed(self) -> bool:
        """Waits for the end, and nothing before it."""
        try:
            return self.rest() == b""
        except Broken:
            return True


@dataclass
class Message:
    """A request or an answer: its head, and its body with its framing."""

    head: bytes
    body: bytes = b""

    @property
    def first(self) -> bytes:
        return self.head.split(b"\r\n")[0]

    @property
    def lines(self) -> list[bytes]:
        return self.head.split(b"\r\n")[1:-2]

    @property
    def status(self) -> int:
        return int(self.first.split(b" ")[1])

    def value(self, name: str) -> bytes | None:
        found = re.search(rb"\r\n" + name.encode() + rb":[ \t]*(.*?)[ \t]*\r\n", self.head, re.IGNORECASE)
        return found and found[1]

    @property
    def payload(self) -> bytes:
        if self.value("transfer-encoding") != b"chunked":
            return self.body
        payload, rest = b"", self.body
        while size := int(rest.split(b"\r\n")[0].split(b";")[0], 16):
            rest = rest.split(b"\r\n", 1)[1]
            payload, rest = payload + rest[:size], rest[size + 2:]
        return payload


class Client(Stream):
    """A connection to a base URL of the gateway."""

    def __init__(self, url: str):
        self.url = urlsplit(url)
        self.host = self.url.netloc.encode()
        self.prefix = self.url.path.encode()
        super().__init__(socket.create_connection((self.url.hostname, self.url.port)))

    def head(self, method: bytes, path: bytes, *lines: bytes, version: bytes = b"HTTP/1.1") -> bytes:
        return b"\r\n".join([method + b" " + self.prefix + path + b" " + version, b"Host: " + self.host, *lines, b"", b""])

    def request(self, method: bytes = b"GET", path: bytes = b"/", *lines: bytes, body: bytes = b"",
                version: bytes = b"HTTP/1.1") -> None:
        self.send(self.head(method, path, *lines, version=version) + body)

    def answer(self, method: bytes = b"GET") -> Message:
        return self.message(lambda m: method != b"HEAD" and m.status not in (204, 304) and m.status >= 200)

    def ask(self, *request, **options) -> Message:
        self.request(*request, **options)
        return self.answer(request[0] if request else b"GET")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def get(url: str, path: bytes = b"/", *lines: bytes) -> Message:
    with Client(url) as client:
        return client.ask(b"GET", path, *lines)


@dataclass
class Upstream:
    """A server whose every connection is played by `script(connection)`, in a thread of its own.

    `script` may be bytes: the answer to every request. `requests` are those that arrived through `Connection.request`.
    """

    script: object = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    listener: socket.socket | None = None
    wrap: object = None
    requests: list[Message] = field(default_factory=list)
    connections: list["Connection"] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def __enter__(self):
        self._own = self.listener is None
        if self._own:
            self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.changed = threading.Condition()
        self._stop, stopping = socket.socketpair()
        self._threads = [threading.Thread(target=self._accept, args=(stopping,), daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(self, kind, error, trace):
        self._stop.close()
        self._threads[0].join()
        for connection in self.connections:
            connection.shut()
        for thread in self._threads[1:]:
            thread.join(TIMEOUT)
        if self._own:
            self.listener.close()
        if kind is None:
            assert not self.errors, self.errors

    def _accept(self, stopping) -> None:
        while stopping not in (ready := select.select([stopping, self.listener], [], [])[0]) and ready:
            connected, _ = self.listener.accept()
            connection = Connection(connected, self)
            with self.changed:
                self.connections.append(connection)
                self.changed.notify_all()
            self._threads.append(threading.Thread(target=self._play, args=(connection,), daemon=True))
            self._threads[-1].start()
        stopping.close()

    def _play(self, connection) -> None:
        try:
            if self.wrap:
                connection.socket = self.wrap(connection.socket)
            if isinstance(self.script, bytes):
                while True:
                    connection.answer(self.script)
            else:
                self.script(connection)
        except (Broken, OSError):
            pass  # the gateway left
        except Exception as error:  # noqa: BLE001 shown at the end of the test
            self.errors.append(error)
        finally:
            connection.shut()

    def await_(self, met, what: str) -> None:
        with self.changed:
            assert self.changed.wait_for(met, TIMEOUT), f"waited {TIMEOUT} s for {what}"

    def await_requests(self, count: int) -> list[Message]:
        self.await_(lambda: len(self.requests) >= count, f"{count} requests, got {len(self.requests)}")
        return self.requests


class Connection(Stream):
    """The upstream's side of one connection."""

    def __init__(self, connected: socket.socket, upstream: Upstream):
        super().__init__(connected)
        self.upstream = upstream
        self.ended = threading.Event()

    def request(self, body: bool = True) -> Message:
        message = self.message(lambda head: body)
        with self.upstream.changed:
            self.upstream.requests.append(message)
            self.upstream.changed.notify_all()
        return message

    def answer(self, data: bytes) -> Message:
        request = self.request()
        self.send(data)
        return request

    def await_end(self) -> None:
        """Until the gateway closes."""
        try:
            self.rest()
        except Broken:
            pass

    def shut(self) -> None:
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.close()
        self.ended.set()
