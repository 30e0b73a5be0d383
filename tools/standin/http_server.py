# SPDX-License-Identifier: Apache-2.0
"""A small HTTP/1.1 server: keep-alive, chunked bodies both ways, nothing that depends on a clock."""

import asyncio
import json
import os
import signal
import sys
from dataclasses import dataclass, field
from typing import AsyncIterator, Awaitable, Callable
from urllib.parse import parse_qs, unquote, urlsplit

MAX_HEAD = 64 * 1024
MAX_BODY = 32 * 1024 * 1024
REASONS = {200: "OK", 201: "Created", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found",
           405: "Method Not Allowed", 413: "Content Too Large", 422: "Unprocessable Entity",
           429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable", 529: ""}


class BadRequest(Exception):
    """The bytes received are no request that can be answered."""


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self):
        """The body as a JSON object; ValueError says what is wrong with it."""
        value = json.loads(self.body)
        if not isinstance(value, dict):
            raise ValueError("the body must be a JSON object")
        return value


@dataclass
class Response:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | AsyncIterator[bytes] = b""


def json_response(value, status=200, headers=None, indent=None, end="") -> Response:
    separators = None if indent else (",", ":")
    text = json.dumps(value, indent=indent, separators=separators, ensure_ascii=False) + end
    return Response(status, {"content-type": "application/json", **(headers or {})}, text.encode())


Answer = Callable[[Request], Awaitable[Response]]


async def _read_chunked(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while True:
        try:
            size = int((await reader.readline()).split(b";")[0].strip(), 16)
        except ValueError:
            raise BadRequest("bad chunk size") from None
        if size < 0 or len(body) + size > MAX_BODY:
            raise BadRequest("bad chunk size, or body too large")
        if size == 0:
            while await reader.readline() not in (b"\r\n", b"\n", b""):
                pass
            return body
        body += await reader.readexactly(size)
        await reader.readexactly(2)


async def _read_request(reader, writer) -> Request | None:
    """Reads one request; None when the client has left between two."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise BadRequest("incomplete head") from None
        return None
    except asyncio.LimitOverrunError:
        raise BadRequest("head too large") from None
    request_line, *lines = head[:-4].split("\r\n")
    parts = request_line.split(" ")
    if len(parts) != 3 or any(":" not in line for line in lines):
        raise BadRequest("bad head")
    headers = {name.strip().lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = await _read_chunked(reader)
    else:
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            raise BadRequest("bad or too large content-length")
        body = await reader.readexactly(int(length))
    target = urlsplit(parts[1])
    query = {name: values[-1] for name, values in parse_qs(target.query).items()}
    return Request(parts[0], unquote(target.path), query, headers, body)


async def _send(writer: asyncio.StreamWriter, response: Response, close: bool) -> None:
    streamed = not isinstance(response.body, bytes)
    headers = dict(response.headers)
    headers["transfer-encoding" if streamed else "content-length"] = "chunked" if streamed else str(len(response.body))
    if close:
        headers["connection"] = "close"
    lines = [f"HTTP/1.1 {response.status} {REASONS.get(response.status, '')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    if not streamed:
        writer.write(head + response.body)
        return await writer.drain()
    writer.write(head)
    async for piece in response.body:
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        await writer.drain()
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _converse(reader, writer, answer: Answer) -> None:
    try:
        while request := await _read_request(reader, writer):
            close = request.headers.get("connection", "").lower() == "close"
            await _send(writer, await answer(request), close)
            if close:
                break
    except BadRequest as error:
        await _send(writer, json_response({"error": {"message": str(error)}}, 400), True)
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def serve(answer: Answer, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serves until SIGTERM or SIGINT; `ready` is told the origin once the port is open."""
    conversations: set[asyncio.Task] = set()

    async def connected(reader, writer):
        conversations.add(asyncio.current_task())
        try:
            await _converse(reader, writer, answer)
        except asyncio.CancelledError:
            pass
        finally:
            conversations.discard(asyncio.current_task())

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await asyncio.start_server(connected, host, port, limit=MAX_HEAD)
    ready("http://%s:%d" % server.sockets[0].getsockname()[:2])
    await stop.wait()
    server.close()
    for task in list(conversations):
        task.cancel()
    await asyncio.gather(*conversations, return_exceptions=True)


def announce(kind: str, as_json: bool, **names: Callable[[str], str]) -> Callable[[str], None]:
    """What to print once the port is open: one line, for a person or for a program."""

    def ready(origin: str) -> None:
        urls = {name: url(origin) for name, url in names.items()}
        if as_json:
            print(json.dumps({"schema": f"murphy.{kind}/v1", "pid": os.getpid(), "origin": origin, **urls}), flush=True)
        else:
            print(f"{kind} listens on {origin}", file=sys.stderr, flush=True)

    return ready
