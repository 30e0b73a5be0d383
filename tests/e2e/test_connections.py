# SPDX-License-Identifier: Apache-2.0
"""Connections that die, close halfway or carry half a request: nobody gets somebody else's bytes, and nobody is taken for gone who is there."""

import contextlib
import gzip
import socket
import threading
import time

import pytest

from control import messages, state
from wire import Broken, Client, Upstream, get

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
# Some ticks of the gateway's watchdog.
TICKS = 0.35
NO_MATCH = "status,code=500,target=model:no-such-model"


def plain(body: bytes, *lines: bytes, status: bytes = b"200 OK") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *lines, b"", body])


@pytest.mark.parametrize("how", ["reset", "close"])
def test_a_get_on_a_kept_connection_that_dies_under_it_is_sent_again_on_a_new_one(way, upstream, how):
    def script(connection):
        connection.answer(OK)
        if len(connection.upstream.connections) == 1:
            connection.request()
            getattr(connection, how)()
        else:
            connection.answer(OK)

    server = upstream(script)
    with Client(way) as client:
        assert [client.ask().status for _ in range(2)] == [200, 200]
    assert len(server.connections) == 2


def test_a_post_is_never_sent_twice_by_the_gateway(way, upstream):
    def script(connection):
        connection.answer(OK)
        connection.request()
        connection.reset()

    server = upstream(script)
    with Client(way) as client:
        client.ask()
        assert client.ask(b"POST", b"/", b"Content-Length: 2", body=b"{}").status == 502
    assert len(server.requests) == 2


def test_a_client_that_has_closed_its_side_and_reads_on_gets_its_answer(way, upstream):
    def script(connection):
        connection.request()
        time.sleep(TICKS)  # a slow upstream
        connection.send(plain(b"late"))

    upstream(script)
    with Client(way) as client:
        client.request()
        client.socket.shutdown(socket.SHUT_WR)
        answer = client.answer()
        assert (answer.head, answer.body) == (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"late")


def test_an_agent_that_sent_a_stray_byte_and_left_is_seen_to_leave(shared, upstream):
    upstream(OK)
    with shared.run("hang") as run:
        with Client(run.urls["up"]) as client:
            client.request(b"POST", b"/", b"Content-Length: 2", body=b"{}")
            run.await_injection("FIRED")
            client.send(b"x")
        record = run.await_exchanges(1)[0]
    assert record.end == messages("replay").EndState.Value("END_STATE_AGENT_LEFT")
    assert [state(i) for i in run.injections] == ["DELIVERED"]


CLIMBING = [b"/..", b"/../", b"/../secret", b"/x/../../", b"/x/../..", b"/%2e%2e/secret", b"/.%2E/", b"/..%2fsecret", b"/..%5csecret",
            b"/..\\secret", b"/.;/..;/secret", b"/..%20/secret", b"/.%0d./secret"]


@pytest.mark.parametrize("path", [b"/..#", b"/x/../..#y", b"/x#y"])
def test_a_target_with_a_fragment_is_refused(way, upstream, path):
    server = upstream(OK)
    with Client(way) as client:
        assert client.ask(b"GET", path).status == 400
    assert not server.requests


@pytest.mark.parametrize("path", CLIMBING)
def test_a_path_that_climbs_out_of_its_route_is_refused(way, upstream, path):
    server = upstream(OK)
    with Client(way) as client:
        answer = client.ask(b"GET", path)
        assert answer.status == 400 and answer.value("x-murphy-origin"), answer
        # What stays inside goes on, as it was written.
        assert client.ask(b"GET", b"/a/../b%2e%2e/..c").status == 200
    assert [request.first.split()[1] for request in server.requests] == [b"/a/../b%2e%2e/..c"]


@pytest.mark.parametrize("faults", [None, (), (NO_MATCH,)], ids=["unobserved", "observed", "armed, no match"])
@pytest.mark.parametrize("status", [b"401 Unauthorized", b"413 Content Too Large", b"417 Expectation Failed"])
def test_the_origin_answers_an_expectation_before_the_body(shared, upstream, faults, status):
    upstream(lambda connection: (connection.request(body=False), connection.send(plain(b"no", status=status)), connection.await_end()))
    def ask(url):
        with Client(url) as client:
            client.request(b"POST", b"/x", b"Expect: 100-continue", b"Content-Length: 5")
            assert client.answer().first == b"HTTP/1.1 " + status
            assert client.is_closed(), "what would follow could be the body or the next request"
    if faults is None:
        ask(f"{shared.gateway}/r/default/up")
        return
    with shared.run(*faults) as run:
        ask(run.urls["up"])
        record = run.await_exchanges(1)[0]
    assert (record.status, record.upstream_status) == (int(status[:3]),) * 2


@pytest.mark.parametrize("faults", [None, (), (NO_MATCH,)], ids=["unobserved", "observed", "armed, no match"])
@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "after the origin has the head"])
def test_an_agent_need_not_wait_for_an_origin_that_says_nothing_to_an_expectation(shared, upstream, faults, at_once):
    head = threading.Event()
    def script(connection):
        connection.request(body=False)
        head.set()
        assert connection.exactly(5) == b"hello"
        connection.send(plain(b"ok"))
    upstream(script)
    def ask(url):
        with Client(url) as client:
            client.request(b"POST", b"/x", b"Expect: 100-continue", b"Content-Length: 5", body=b"hello" if at_once else b"")
            if not at_once:
                assert head.wait(10)
                client.send(b"hello")
            assert client.answer().payload == b"ok"
    if faults is None:
        ask(f"{shared.gateway}/r/default/up")
        return
    with shared.run(*faults) as run:
        ask(run.urls["up"])
        assert run.await_exchanges(1)[0].status == 200


def test_an_upstream_that_was_sent_part_of_a_request_serves_nobody_else(shared, upstream):
    """It answers early; the rest of the body is broken while the answer is still on its way."""
    big = b"y" * (4 << 20)

    def script(connection):
        request = connection.request(body=False)
        if b"/up" not in request.first:
            connection.send(plain(b"victim"))
            return
        def answer():
            with contextlib.suppress(OSError):
                connection.send(plain(big))
        threading.Thread(target=answer, daemon=True).start()
        connection.await_end()

    server = upstream(script)
    with shared.run(NO_MATCH) as run:
        with Client(run.urls["up"]) as client:
            size = 9 << 20
            client.send(client.head(b"POST", b"/up", b"Transfer-Encoding: chunked") + b"%x\r\n" % size + b"z" * (size - 100))
            client.until(b"\r\n\r\n")
            client.send(b"z" * 100 + b"\r\nnot a chunk\r\n")
            try:
                client.exactly(len(big))
            except (Broken, OSError):
                pass
        with Client(f"{shared.gateway}/r/default/up") as victim:
            assert victim.ask(b"GET", b"/victim", b"Authorization: Bearer secret").body == b"victim"
    assert all(b"Bearer secret" not in connection.received for connection in server.connections[:-1])


def test_a_reset_inside_a_coded_body_leaves_its_coding_as_it_is(shared, upstream):
    coded = gzip.compress(bytes(range(256)) * 40)
    upstream(plain(coded, b"Content-Encoding: gzip"))
    with shared.run("reset,point=body,bytes=20") as run, Client(run.urls["up"]) as client:
        client.request()
        with pytest.raises(Broken):
            client.answer()
        head, body = client.received.split(b"\r\n\r\n", 1)
        assert b"Content-Encoding: gzip" in head and b"Content-Length: %d" % len(coded) in head
        assert body == coded[:20]


def test_what_an_upstream_says_of_an_origin_is_not_passed_on(way, upstream):
    upstream(plain(b"ok", b"x-murphy-origin: internal"))
    assert get(way).value("x-murphy-origin") is None


def test_a_header_names_the_run_where_the_path_does_not(shared, upstream):
    upstream(OK)
    with shared.run() as run:
        assert get(f"{shared.gateway}/r/default/up", b"/", b"X-Murphy-Run: " + run.id.encode()).status == 200
        run.await_exchanges(1)
        assert get(f"{shared.gateway}/r/default/up", b"/", b"x-murphy-run: none-such").status == 404


@pytest.fixture
def own(murphyd):
    with Upstream(OK) as server:
        daemon = murphyd(f'[route.up]\nupstream = "{server.origin}"\n[gateway]\ndrain_timeout = "200ms"\n')
        daemon.server = server
        yield daemon


def copying(daemon):
    """A run whose first call is sent three times, a minute apart."""
    toml = ('schema = "murphy.scenario/v1"\nname = "copies"\n[guard]\nallow_side_effects = true\n[[rule]]\nid = "copies"\n'
            'when = { first = 1 }\nduplicate_request = { copies = 3, gap = "60s" }\n')
    return daemon.run(toml=toml)


def test_the_next_request_does_not_wait_for_late_copies(own):
    with copying(own) as run, Client(run.urls["up"]) as client:
        assert [client.ask(b"POST", b"/", b"Content-Length: 2", body=b"{}").body for _ in range(2)] == [b"ok"] * 2


def test_no_late_copy_goes_out_after_a_halt(own):
    with copying(own) as run:
        with Client(run.urls["up"]) as client:
            client.ask(b"POST", b"/", b"Content-Length: 2", body=b"{}")
        own.daemon.safety.Halt(messages("safety_service").HaltRequest(reason="enough"))
        record = run.await_exchanges(1)[0]
    assert record.upstream_requests == 1
    assert len(own.server.requests) == 1


def test_the_record_of_a_finished_run_does_not_change(own):
    with copying(own) as run:
        with Client(run.urls["up"]) as client:
            client.ask(b"POST", b"/", b"Content-Length: 2", body=b"{}")
    # FinishRun has returned.
    assert len(own.server.requests) == 1


def test_a_daemon_that_is_stopped_while_a_copy_waits_stops_cleanly(own):
    run = copying(own)
    with Client(run.urls["up"]) as client:
        client.ask(b"POST", b"/", b"Content-Length: 2", body=b"{}")
        own.process.terminate()
        assert own.process.wait(15) == 0
