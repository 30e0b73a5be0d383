# SPDX-License-Identifier: Apache-2.0
"""An upstream in trouble: what a careful proxy answers, whose failure it was, and never a clean end for half an answer."""

import functools
import socket
import ssl
import subprocess

import pytest

from control import messages
from wire import Broken, Client, Upstream, get

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def origin(name: str) -> int:
    return messages("exchange").Origin.Value("ORIGIN_" + name)


def assert_own(answer, status: int, word: str = "", whose: str = "upstream") -> None:
    assert answer.status == status, answer
    assert answer.value("x-murphy-origin") == whose.encode()
    assert word in answer.body.decode(), answer.body


@pytest.fixture(params=["unobserved", "observed", "watched by a fault"])
def passage(request, shared, upstream):
    """`passage(script)` yields a URL and, when observed, the run."""
    faults = {"unobserved": None, "observed": (), "watched by a fault": ("cut_stream,position.events=999",)}[request.param]

    class Passage:
        run = None

        def play(self, script):
            self.server = upstream(script)
            return self.server

        def check(self, status: int, end: str) -> None:
            """The journal blames the upstream."""
            if self.run is None:
                return
            record = self.run.await_exchanges(1)[0]
            assert record.origin == origin("UPSTREAM") and record.failure and record.status == status
            assert record.end == messages("replay").EndState.Value("END_STATE_" + end)

    passage = Passage()
    passage.url = f"{shared.gateway}/r/default/up"
    if faults is None:
        yield passage
        return
    with shared.run(*faults) as run:
        passage.run, passage.url = run, run.urls["up"]
        yield passage


GARBAGE = {
    "not http": b"SSH-2.0-OpenSSH_9.2\r\n", "noise": bytes(range(256)), "http 2": b"HTTP/2 200\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "both lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "no status": b"HTTP/1.1 OK\r\n\r\n", "folded": b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", "status 99": b"HTTP/1.1 099 No\r\n\r\n",
    "endless head": b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"y" * 300_000,
    "endless lines": b"HTTP/1.1 200 OK\r\n" + b"X-A: y\r\n" * 20_000,
    "endless interim answers": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100,
}


@pytest.mark.parametrize("said", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_a_502_of_the_upstream(passage, said):
    passage.play(lambda connection: (connection.answer(said), connection.await_end()))
    with Client(passage.url) as client:
        client.request()
        while (answer := client.answer()).status == 103:
            pass
        assert_own(answer, 502)
    passage.check(502, "NO_ANSWER")


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Le"])
def test_an_upstream_that_dies_before_its_head_is_a_502(passage, how, said):
    passage.play(lambda connection: (connection.answer(said), getattr(connection, how)()))
    with Client(passage.url) as client:
        assert_own(client.ask(b"POST", b"/", b"Content-Length: 2", body=b"{}"), 502)
        # The agent's connection is as good as before.
        passage.server.script = OK
        assert client.ask().body == b"ok"
    passage.check(502, "NO_ANSWER")


HALVES = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf",
    "chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf",
    "between chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    "before the last line": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n",
    "stream": b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhalf\n\n\r\n",
    "broken chunking": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\nmore\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
def test_half_an_answer_never_ends_well(passage, half, how):
    passage.play(lambda connection: (connection.answer(half), getattr(connection, how)()))
    with Client(passage.url) as client:
        client.request(b"POST", b"/", b"Content-Length: 0")
        with pytest.raises(Broken):
            client.answer()
        assert b"half" in client.received or how == "reset"
    passage.check(200, "BROKEN")


def test_a_stream_until_close_that_is_reset_does_not_look_finished(passage):
    half = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n"
    passage.play(lambda connection: (connection.answer(half), connection.reset()))
    with Client(passage.url) as client:
        client.request(b"POST", b"/", b"Content-Length: 0")
        with pytest.raises(Broken, match="reset"):
            client.rest()


def test_a_connection_that_died_between_requests_is_not_used_again(passage):
    server = passage.play(lambda connection: connection.answer(OK))
    with Client(passage.url) as client:
        for number in range(1, 4):
            assert client.ask(b"POST", b"/", b"Content-Length: 2", body=b"{}").status == 200
            server.await_(lambda: len(server.connections) == number, "a new connection")
            assert server.connections[-1].ended.wait(10)


def test_bytes_after_an_answer_are_not_taken_for_the_next_one(passage):
    evil = OK + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"

    def script(connection):
        while True:
            request = connection.request()
            connection.send(evil if request.first.startswith((b"GET /1", b"HEAD")) else OK)

    passage.play(script)
    with Client(passage.url) as client:
        assert client.ask(b"GET", b"/1").body == b"ok"
        assert client.ask(b"GET", b"/2").body == b"ok"
        client.ask(b"HEAD", b"/3")
        assert client.ask(b"GET", b"/4").body == b"ok"


def test_an_answer_before_the_body_was_read_leaves_no_half_request_behind(passage):
    """The upstream keeps its connection open; what was not sent of the body must not become the next request's."""
    def script(connection):
        if connection.request(body=False).first.startswith(b"PUT"):
            connection.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
            connection.await_end()
        else:
            connection.send(OK)

    server = passage.play(script)
    with Client(passage.url) as client:
        client.request(b"PUT", b"/", b"Content-Length: 100000000", body=b"x" * (10 << 20))
        answer = client.answer()
        assert (answer.status, answer.body) == (413, b"no")
    assert server.connections[0].ended.wait(10)
    assert get(passage.url).body == b"ok"
    assert len(server.connections) == 2


@pytest.mark.parametrize(("where", "word"), [("http://127.0.0.1:1", "refused"), ("http://no-such-host.invalid", "resolved")])
def test_an_upstream_that_is_not_there_is_a_502(shared, where, word):
    with shared.run(away=where) as run:
        assert_own(get(run.urls["away"]), 502, word)
        record = run.await_exchanges(1)[0]
    assert record.origin == origin("UPSTREAM") and word in record.failure


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_a_silent_upstream_is_a_504(murphyd, said):
    with Upstream(lambda connection: (connection.answer(said), connection.await_end())) as server:
        daemon = murphyd(f'[gateway]\nupstream_timeout = "300ms"\n[route.up]\nupstream = "{server.origin}"\n')
        assert_own(get(f"{daemon.gateway}/r/default/up"), 504, "silent")
        with daemon.run() as run:
            assert_own(get(run.urls["up"]), 504, "silent")
            assert run.await_exchanges(1)[0].origin == origin("UPSTREAM")


def test_an_upstream_that_falls_silent_inside_its_answer_breaks_it(murphyd):
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"
    with Upstream(lambda connection: (connection.answer(half), connection.await_end())) as server:
        daemon = murphyd(f'[gateway]\nupstream_timeout = "300ms"\n[route.up]\nupstream = "{server.origin}"\n')
        with Client(f"{daemon.gateway}/r/default/up") as client, pytest.raises(Broken):
            client.request()
            client.answer()


@pytest.mark.parametrize("armed", [[], ["status,code=503,probability=0"]])
def test_an_agent_that_stops_in_the_middle_of_its_body_is_not_blamed_on_the_upstream(murphyd, armed):
    """The upstream waits for the rest, and is silent for longer than it may be otherwise."""
    with Upstream() as server:
        limits = '[gateway]\nupstream_timeout = "200ms"\nagent_timeout = "900ms"\nmax_held_bytes = 1024\n'
        daemon = murphyd(f'{limits}[route.up]\nupstream = "{server.origin}"\n')
        with daemon.run(*armed) as run, Client(run.urls["up"]) as client:
            client.request(b"POST", b"/", b"Content-Length: 200000", body=b"x" * 100_000)
            assert_own(client.answer(), 408, "did not arrive in time", "downstream")
            if armed:
                assert run.await_exchanges(1)[0].origin == origin("DOWNSTREAM")


def test_an_agent_that_closes_in_the_middle_of_its_body_is_not_blamed_on_the_upstream(murphyd):
    with Upstream() as server:
        daemon = murphyd(f'[gateway]\nmax_held_bytes = 1024\n[route.up]\nupstream = "{server.origin}"\n')
        with daemon.run("status,code=503,probability=0") as run:
            for _ in range(8):
                with Client(run.urls["up"]) as client:
                    client.request(b"POST", b"/", b"Content-Length: 200000", body=b"x" * 100_000)
            exchanges = run.await_exchanges(8)
    assert [exchange.end for exchange in exchanges] == [messages("replay").EndState.Value("END_STATE_AGENT_LEFT")] * 8


def test_an_upstream_that_accepts_nothing_is_a_504(murphyd):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        fillers = []
        for _ in range(3):
            fillers.append(socket.socket())
            fillers[-1].setblocking(False)
            fillers[-1].connect_ex(full.getsockname())
        daemon = murphyd(f'[gateway]\nconnect_timeout = "300ms"\n[route.up]\nupstream = "http://127.0.0.1:{full.getsockname()[1]}"\n')
        assert_own(get(f"{daemon.gateway}/r/default/up"), 504, "in time")
        for filler in fillers:
            filler.close()


def test_an_injected_failure_never_says_whose_it_is(shared, upstream):
    upstream(OK)
    with shared.run("status,code=502,first=1", "rate_limit,nth=2") as run:
        for _ in range(2):
            answer = get(run.urls["up"])
            assert answer.status >= 400 and b"murphy" not in (answer.head + answer.body).lower()
        assert [record.origin for record in run.await_exchanges(2)] == [origin("INJECTED")] * 2


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem",
                    "-out", folder / "cert.pem"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return folder / "cert.pem", functools.partial(context.wrap_socket, server_side=True)


def test_tls_to_an_upstream_is_verified(murphyd, certificate):
    file, wrap = certificate
    with Upstream(OK, wrap=wrap) as server:
        routes = "".join(f'[route.{name}]\nupstream = "https://{host}:{server.port}"\n'
                         for name, host in (("right", "localhost"), ("wrong", "127.0.0.1")))
        trusting = murphyd(f'[gateway]\nca_file = "{file}"\n{routes}')
        with Client(f"{trusting.gateway}/r/default/right") as client:
            assert [client.ask().body for _ in range(3)] == [b"ok"] * 3
        assert_own(get(f"{trusting.gateway}/r/default/wrong"), 502, "TLS handshake")
        untrusting = murphyd(routes)
        assert_own(get(f"{untrusting.gateway}/r/default/right"), 502, "TLS handshake")
        with untrusting.run() as run:
            assert_own(get(run.urls["right"]), 502, "TLS handshake")
            assert run.await_exchanges(1)[0].origin == origin("UPSTREAM")
    assert {request.first for request in server.requests} == {b"GET / HTTP/1.1"} and len(server.requests) == 3


def test_a_large_body_through_tls_arrives_whole(murphyd, certificate):
    file, wrap = certificate
    body = bytes(range(256)) * 8192
    with Upstream(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body, wrap=wrap) as server:
        daemon = murphyd(f'[gateway]\nca_file = "{file}"\n[route.up]\nupstream = "https://localhost:{server.port}"\n')
        with Client(f"{daemon.gateway}/r/default/up") as client:
            assert client.ask(b"POST", b"/", b"Content-Length: %d" % len(body), body=body).body == body
    assert server.requests[0].body == body
