# SPDX-License-Identifier: Apache-2.0
"""Bytes pass as they are: heads line by line, bodies with their framing, in both directions."""

import gzip
import random

import pytest

from wire import Client, get

CRLF = b"\r\n"
# Odd on purpose: case, order, duplicates, spacing, empty values, obsolete characters.
ODD = [b"X-Odd-CASE:no space", b"x-dup: 1", b"X-DUP:   2  ", b"Accept:*/*", b"x-empty:", b"X-Latin: caf\xe9", b"Cookie: a=b; c=\"d\"",
       b"x-dup: 3\t"]
NOISE = random.Random(5).randbytes(8 << 20)
CHUNKED = (b"3\r\nabc\r\n" b"00a;name=value;flag\r\n0123456789\r\n" b"A\r\nABCDEFGHIJ\r\n" b"1 ;x=\"q\"\r\nz\r\n".replace(b" ;", b";")
           + b"0;last\r\nX-Trailer: kept\r\nx-Trailer:  twice \r\n\r\n")


def plain(body: bytes, *lines: bytes, status: bytes = b"200 OK") -> bytes:
    return CRLF.join([b"HTTP/1.1 " + status, *lines, b"Content-Length: %d" % len(body), b"", b""]) + body


def echo(status: bytes, *lines: bytes, body: bytes = b""):
    return CRLF.join([b"HTTP/1.1 " + status, *lines, b"", b""]) + body


def test_a_request_arrives_line_by_line_as_it_was_written(way, upstream):
    server = upstream(plain(b"ok"))
    with Client(way) as client:
        client.ask(b"PUT", b"/a%2Fb//c;p=1/../d?q=%20+&&x=\xe9", *ODD, b"Content-Length: 2", body=b"{}")
    request, = server.requests
    assert request.first == b"PUT /a%2Fb//c;p=1/../d?q=%20+&&x=\xe9 HTTP/1.1"
    assert request.lines == [b"Host: 127.0.0.1:%d" % server.port, *ODD, b"Content-Length: 2"]
    assert request.body == b"{}"


def test_an_answer_arrives_line_by_line_as_it_was_written(way, upstream):
    answer = plain(b"body", b"Server: odd/1", *ODD, b"Date: whenever", b"Location: /elsewhere?", status=b"299 Quite  OK, really")
    upstream(answer.replace(b"Location", b"X-Location"))
    with Client(way) as client:
        client.ask()
        assert client.received == answer.replace(b"Location", b"X-Location")


@pytest.mark.parametrize("dropped", [b"Connection: x-gone, keep-alive\r\nX-Gone: 1", b"Keep-Alive: timeout=5", b"TE: trailers",
                                     b"Proxy-Connection: keep-alive", b"X-Murphy-Run: default", b"x-murphy-agent: planner"])
def test_only_what_belongs_to_the_hop_is_left_out(way, upstream, dropped):
    server = upstream(plain(b"ok"))
    with Client(way) as client:
        client.ask(b"GET", b"/", b"X-Before: 1", dropped, b"X-After: 1")
    assert server.requests[0].lines[1:] == [b"X-Before: 1", b"X-After: 1"]


@pytest.mark.parametrize("body", [CHUNKED, b"0\r\n\r\n", b"%x\r\n" % len(NOISE) + NOISE + b"\r\n0\r\n\r\n"],
                         ids=["extensions and trailers", "empty", "8 MiB"])
def test_chunks_keep_their_boundaries_extensions_and_trailers(way, upstream, body):
    server = upstream(echo(b"200 OK", b"Transfer-Encoding: chunked", b"Trailer: X-Trailer", body=body))
    with Client(way) as client:
        answer = client.ask(b"POST", b"/", b"Transfer-Encoding: chunked", b"Trailer: X-Trailer", body=body)
    assert answer.body == body
    assert server.requests[0].body == body


@pytest.mark.parametrize("size", [0, 1, 16384, 65535, 65536, 65537, len(NOISE)])
def test_bodies_of_a_stated_length_pass_whole_both_ways(way, upstream, size):
    server = upstream(plain(NOISE[:size]))
    with Client(way) as client:
        for _ in range(2):
            answer = client.ask(b"POST", b"/", b"Content-Length: %d" % size, body=NOISE[:size])
            assert answer.body == NOISE[:size]
    assert [request.body for request in server.requests] == [NOISE[:size]] * 2


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_compressed_bodies_stay_compressed(way, upstream, framing):
    body = gzip.compress(b'{"model": "gpt-4o", "messages": []}' * 50)
    line = b"Content-Length: %d" % len(body)
    if framing == "chunked":
        line, body = b"Transfer-Encoding: chunked", b"%X\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    answer = echo(b"200 OK", b"Content-Type: application/json", b"Content-Encoding: gzip", line, body=body)
    server = upstream(answer)
    with Client(way) as client:
        client.ask(b"POST", b"/v1/chat/completions", b"Accept-Encoding: gzip, br;q=0.5", b"Content-Encoding: gzip", line, body=body)
        assert client.received == answer
    assert server.requests[0].body == body
    assert b"Accept-Encoding: gzip, br;q=0.5" in server.requests[0].lines


def test_an_answer_until_close_passes_whole_and_ends_cleanly(way, upstream):
    answer = echo(b"200 OK", b"Content-Type: text/plain", body=NOISE[:300_000])

    def script(connection):
        connection.answer(answer)

    upstream(script)
    with Client(way) as client:
        client.request()
        assert client.rest() == answer


@pytest.mark.parametrize(("method", "status", "lines"), [
    (b"HEAD", b"200 OK", [b"Content-Length: 500"]), (b"HEAD", b"200 OK", [b"Transfer-Encoding: chunked"]),
    (b"HEAD", b"200 OK", [b"X-None: 1"]), (b"GET", b"204 No Content", [b"X-None: 1"]),
    (b"GET", b"304 Not Modified", [b"ETag: \"a\"", b"Content-Length: 500"]), (b"DELETE", b"205 Reset Content", [b"Content-Length: 0"])])
def test_answers_without_a_body_leave_the_connection_usable(way, upstream, method, status, lines):
    answer = echo(status, *lines)
    server = upstream(answer)
    with Client(way) as client:
        for _ in range(3):
            assert client.ask(method).head == answer
        assert client.received == answer * 3
    assert len(server.connections) == 1, "the connection to the upstream is used again"


def test_pipelined_requests_are_answered_in_order(way, upstream):
    def script(connection):
        while True:
            request = connection.request()
            connection.send(plain(request.first.split()[1] + request.body))

    upstream(script)
    with Client(way) as client:
        client.send(b"".join(client.head(b"POST", b"/%d" % i, b"Content-Length: 3") + b"abc" for i in range(20)))
        assert [client.answer().body for _ in range(20)] == [b"/%dabc" % i for i in range(20)]


def test_one_connection_serves_many_requests_on_both_sides(way, upstream):
    server = upstream(plain(b"ok"))
    with Client(way) as client:
        assert {client.ask(b"GET", b"/%d" % i).body for i in range(50)} == {b"ok"}
    assert len(server.requests) == 50 and len(server.connections) == 1


def test_an_agent_that_asks_to_close_gets_its_answer_and_the_end(way, upstream):
    server = upstream(plain(b"ok"))
    with Client(way) as client:
        assert client.ask(b"GET", b"/", b"Connection: close").body == b"ok"
        assert client.is_closed()
    assert not any(line.lower().startswith(b"connection") for line in server.requests[0].lines)


@pytest.mark.parametrize("answer", [b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"HTTP/1.0 200 OK\r\n\r\nhello",
                                    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"])
@pytest.mark.parametrize("lines", [(), (b"Connection: keep-alive",)])
def test_an_agent_of_http_1_0_reads_to_the_end(way, upstream, answer, lines):
    def script(connection):
        connection.answer(answer)

    server = upstream(script)
    with Client(way) as client:
        client.request(b"GET", b"/", *lines, version=b"HTTP/1.0")
        assert client.rest() == answer
    assert server.requests[0].first == b"GET / HTTP/1.0"


def test_interim_answers_come_before_the_final_one_as_they_arrive(way, upstream, gate):
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n"

    def script(connection):
        connection.answer(b"HTTP/1.1 102 Processing\r\n\r\n" + hints)
        gate.wait()
        connection.send(plain(b"ok"))

    upstream(script)
    with Client(way) as client:
        client.request()
        assert client.answer().status == 102
        assert client.answer().head == hints
        gate.set()
        assert client.answer().body == b"ok"


def test_expect_100_continue_is_answered_before_the_body_is_sent(way, upstream):
    def script(connection):
        while True:
            request = connection.request(body=False)
            if request.value("expect"):
                connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.body = connection.exactly(5)
            connection.send(plain(request.body))

    server = upstream(script)
    with Client(way) as client:
        for _ in range(2):
            client.request(b"POST", b"/", b"Expect: 100-continue", b"Content-Length: 5")
            assert client.answer().head == b"HTTP/1.1 100 Continue\r\n\r\n"
            client.send(b"hello")
            answer = client.answer()
            assert (answer.status, answer.body) == (200, b"hello")
    assert [request.body for request in server.requests] == [b"hello"] * 2


def test_a_refusal_of_an_expectation_ends_an_exchange_whose_body_was_not_sent(shared, upstream):
    upstream(lambda connection: (connection.request(body=False), connection.send(plain(b"no", status=b"417 Expectation Failed"))))
    with Client(f"{shared.gateway}/r/default/up") as client:
        client.request(b"POST", b"/", b"Expect: 100-continue", b"Content-Length: 5")
        assert client.answer().status == 417
        assert client.is_closed(), "what would follow could be the body or the next request"


@pytest.mark.parametrize("location", [b"http://127.0.0.1:%d/next?a=b", b"/next?a=b"])
def test_redirects_inside_the_upstream_lead_back_through_the_gateway(way, upstream, location, listener):
    port = listener.getsockname()[1]
    upstream(echo(b"302 Found", b"Location: " + (location % port if b"%d" in location else location), b"Content-Length: 0"))
    assert get(way).value("location") == way.encode() + b"/next?a=b"


@pytest.mark.parametrize("location", [b"https://elsewhere.invalid/next", b"next?a=b", b"//elsewhere.invalid/"])
def test_other_redirects_are_left_alone(way, upstream, location):
    upstream(echo(b"302 Found", b"Location: " + location, b"Content-Length: 0"))
    assert get(way).value("location") == location
