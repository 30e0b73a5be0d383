# SPDX-License-Identifier: Apache-2.0
"""What two readers could read differently is refused, and none of it reaches an upstream."""

import pytest

from wire import Client

HEAD = b"POST %s/x HTTP/1.1\r\nHost: h\r\n"
NEXT = b"GET /r/default/up/smuggled HTTP/1.1\r\nHost: h\r\n\r\n"
ATTEMPTS = {
    "both lengths": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "both lengths, other order": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 60\r\n\r\nok",
    "the same length twice": b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok",
    "a list of lengths": b"Content-Length: 2, 2\r\n\r\nok",
    "a signed length": b"Content-Length: +2\r\n\r\nok",
    "a hexadecimal length": b"Content-Length: 0x2\r\n\r\nok",
    "an endless length": b"Content-Length: 99999999999999999999\r\n\r\n",
    "an empty length": b"Content-Length:\r\n\r\nok",
    "a space before the colon": b"Content-Length : 2\r\n\r\nok",
    "a folded coding": b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a folded line": b"X-A: b\r\n c\r\n\r\n",
    "another coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a list of codings": b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked, then identity": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "a tab in the coding": b"Transfer-Encoding: chunked\x0b\r\n\r\n0\r\n\r\n",
    "a quoted coding": b"Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
    "a bare line feed in the head": b"X-A: b\nContent-Length: 2\r\n\r\nok",
    "a bare line feed at its end": b"Content-Length: 2\r\n\nok",
    "a bare carriage return": b"X-A: b\rTransfer-Encoding: chunked\r\n\r\n",
    "a null byte": b"X-A: b\x00c\r\n\r\n",
    "a line without a colon": b"Nothing\r\n\r\n",
    "a line without a name": b": value\r\n\r\n",
    "two hosts": b"Host: other\r\n\r\n",
    "a chunk size with a sign": b"Transfer-Encoding: chunked\r\n\r\n+2\r\nok\r\n0\r\n\r\n",
    "a chunk size with a prefix": b"Transfer-Encoding: chunked\r\n\r\n0x2\r\nok\r\n0\r\n\r\n",
    "a chunk size without digits": b"Transfer-Encoding: chunked\r\n\r\n\r\nok\r\n0\r\n\r\n",
    "a chunk size that overflows": b"Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\nok\r\n0\r\n\r\n",
    "a space after a chunk size": b"Transfer-Encoding: chunked\r\n\r\n2 \r\nok\r\n0\r\n\r\n",
    "a bare line feed in a chunk line": b"Transfer-Encoding: chunked\r\n\r\n2\nok\r\n0\r\n\r\n",
    "a bare line feed in an extension": b"Transfer-Encoding: chunked\r\n\r\n2;a\nok\r\n0\r\n\r\n",
    "a chunk longer than its size": b"Transfer-Encoding: chunked\r\n\r\n2\r\nokay\r\n0\r\n\r\n",
    "a null byte in an extension": b"Transfer-Encoding: chunked\r\n\r\n2;a=\x00\r\nok\r\n0\r\n\r\n",
    "a trailer without a colon": b"Transfer-Encoding: chunked\r\n\r\n0\r\nnothing\r\n\r\n",
    "a trailer without a name": b"Transfer-Encoding: chunked\r\n\r\n0\r\n: x\r\n\r\n",
    "a bare line feed in the trailers": b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\n\r\n",
}
LINES = {
    "absolute form": b"GET http://127.0.0.1/r/default/up/ HTTP/1.1\r\nHost: h\r\n\r\n",
    "absolute form of the upstream": b"GET http://127.0.0.1:%d/ HTTP/1.1\r\nHost: h\r\n\r\n",
    "connect": b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: h\r\n\r\n",
    "asterisk form": b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
    "no host": b"GET /r/default/up/ HTTP/1.1\r\n\r\n",
    "a space in the host": b"GET /r/default/up/ HTTP/1.1\r\nHost: h x\r\n\r\n",
    "two spaces": b"GET  /r/default/up/ HTTP/1.1\r\nHost: h\r\n\r\n",
    "a space in the target": b"GET /r/default/up/a b HTTP/1.1\r\nHost: h\r\n\r\n",
    "no version": b"GET /r/default/up/\r\nHost: h\r\n\r\n",
    "http 2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "http 1.2": b"GET /r/default/up/ HTTP/1.2\r\nHost: h\r\n\r\n",
    "a lower-case version": b"GET /r/default/up/ http/1.1\r\nHost: h\r\n\r\n",
    "a bare line feed": b"GET /r/default/up/ HTTP/1.1\nHost: h\n\n",
    "a leading space": b" GET /r/default/up/ HTTP/1.1\r\nHost: h\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",
}


def assert_refused(client) -> None:
    answer = client.answer()
    assert 400 <= answer.status < 500
    assert answer.value("x-murphy-origin") and answer.body.startswith(b"murphy: ")
    assert client.is_closed(), "nothing more is read from this connection"


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_an_ambiguous_request_is_refused(way, upstream, attempt):
    server = upstream(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    with Client(way) as client:
        client.send(HEAD % client.prefix + attempt + NEXT)
        assert_refused(client)
    assert not server.requests


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_request_line_that_is_not_for_a_gateway_is_refused(shared, upstream, line):
    server = upstream(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    with Client(shared.gateway) as client:
        client.send(line % server.port if b"%d" in line else line)
        assert_refused(client)
    assert not server.requests and not server.connections


@pytest.mark.parametrize("size", [1, 100_000])
def test_a_request_after_a_large_or_small_body_is_not_swallowed(way, upstream, size):
    """The body ends where its length says, however it is sent up."""
    server = upstream(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    with Client(way) as client:
        client.send(client.head(b"POST", b"/1", b"Content-Length: %d" % size) + b"x" * size
                    + client.head(b"GET", b"/2"))
        assert [client.answer().status for _ in range(2)] == [200, 200]
    assert [request.first.split()[1] for request in server.requests] == [b"/1", b"/2"]


def test_a_chunked_body_that_breaks_late_never_ends_well_upstream(way, upstream):
    """Part of it is on its way before the mistake: the upstream must not take it for a whole request."""
    server = upstream(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    good = b"20000\r\n" + b"x" * 0x20000 + b"\r\n"
    with Client(way) as client:
        client.send(client.head(b"POST", b"/", b"Transfer-Encoding: chunked") + good * 80 + b"zz\r\n" + NEXT)
        assert_refused(client)
    assert not server.requests


def test_a_websocket_is_refused_with_426(way, upstream):
    server = upstream(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    with Client(way) as client:
        answer = client.ask(b"GET", b"/", b"Connection: keep-alive, Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13",
                            b"Sec-WebSocket-Key: x")
        assert answer.status == 426 and answer.value("x-murphy-origin") == b"internal"
    assert not server.requests


def test_an_upgrade_to_http_2_is_left_out(way, upstream):
    server = upstream(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    with Client(way) as client:
        assert client.ask(b"GET", b"/", b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQ").body == b"ok"
    assert server.requests[0].lines == [b"Host: 127.0.0.1:%d" % server.port]


def test_an_upstream_that_switches_protocols_unasked_is_not_followed(way, upstream):
    upstream(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    with Client(way) as client:
        answer = client.ask()
        assert answer.status == 502 and answer.value("x-murphy-origin") == b"upstream"
