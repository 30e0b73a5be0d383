# SPDX-License-Identifier: Apache-2.0
"""The record: what was acknowledged survives, what cannot be recorded is said, and secrets are not in it."""

import random
import resource
import sqlite3
import threading

import grpc
import pytest

from control import messages, outcome_class
from wire import Broken, Client, Upstream, get

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
SECRETS = [b"sk-live-0123456789abcdefABCDEF", b"Zm9vOmJhcjpzZWNyZXQ", b"q-secret-93b1f6", b"cookie-secret-77aa", b"body-secret-sk-ant-api03-abcdef"]


@pytest.fixture
def own(murphyd):
    with Upstream(OK) as server:
        daemon = murphyd(f'[route.up]\nupstream = "{server.origin}"\n')
        daemon.server = server
        yield daemon


def load(url: str, stop: threading.Event) -> None:
    """Requests until the daemon dies."""
    try:
        with Client(url) as client:
            while not stop.is_set():
                client.ask(b"POST", b"/act", b"Content-Length: 2", body=b"{}")
    except (Broken, OSError):
        pass


def acknowledged(daemon, run) -> tuple[list, threading.Thread]:
    """Exchanges of a run as Watch tells of them, until the daemon dies."""
    seen = []
    stream = daemon.daemon.journal.Watch(messages("journal_service").WatchRequest(run=run))

    def read():
        try:
            for answer in stream:
                if answer.event.WhichOneof("kind") == "exchange":
                    seen.append(answer.event.exchange)
        except grpc.RpcError:
            pass

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    return seen, reader


def exchanges(daemon, run) -> list:
    found, token = [], ""
    while True:
        request = messages("journal_service").ListExchangesRequest(run=run, page_size=1000, page_token=token)
        page = daemon.daemon.journal.ListExchanges(request)
        found += page.exchanges
        token = page.next_page_token
        if not token:
            return found


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_daemon_has_lost_nothing_that_it_acknowledged(own, seed):
    with own.run("status,code=503,first=1") as finished:
        get(finished.urls["up"])
    started = own.daemon.runs.StartRun(messages("run_service").StartRunRequest(routes={}))
    stop = threading.Event()
    seen, reader = acknowledged(own, started.run.id)
    agents = [threading.Thread(target=load, args=(started.route_urls["up"], stop)) for _ in range(3)]
    for agent in agents:
        agent.start()
    # The moment is some number of requests, not a time.
    own.server.await_requests(random.Random(seed).randrange(50, 1500))
    own.kill()
    stop.set()
    for thread in [*agents, reader]:
        thread.join()
    own.start()
    assert {record.sequence for record in seen} <= {record.sequence for record in exchanges(own, started.run.id)}
    before = own.daemon.runs.GetRun(messages("run_service").GetRunRequest(id=finished.id)).run
    assert before.outcome == finished.outcome
    injections = own.daemon.journal.ListInjections(messages("journal_service").ListInjectionsRequest(run=finished.id)).injections
    assert list(injections) == finished.injections
    ended = own.daemon.runs.GetRun(messages("run_service").GetRunRequest(id=started.run.id)).run
    assert ended.outcome.outcome_class == messages("outcome").OutcomeClass.Value("OUTCOME_CLASS_INVALID")


def test_a_full_disk_lets_traffic_through_and_marks_the_run(own):
    """The kernel refuses to let any file grow, as a full disk does."""
    with own.run("status,code=503,nth=5") as run:
        assert get(run.urls["up"]).status == 200
        run.await_exchanges(1)
        _, hard = resource.prlimit(own.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(own.process.pid, resource.RLIMIT_FSIZE, (1, hard))
        with Client(run.urls["up"]) as client:
            while not own.daemon.safety.GetStatus(messages("safety_service").GetStatusRequest()).journal_failure:
                client.ask()
            # Nothing is injected that cannot be recorded.
            assert {client.ask().status for _ in range(20)} == {200}
        resource.prlimit(own.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        while own.daemon.safety.GetStatus(messages("safety_service").GetStatusRequest()).journal_failure:
            get(run.urls["up"])
    assert outcome_class(run) == "INVALID"
    assert run.outcome.integrity


def test_a_run_cannot_be_started_unrecorded(own):
    _, hard = resource.prlimit(own.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(own.process.pid, resource.RLIMIT_FSIZE, (1, hard))
    with pytest.raises(grpc.RpcError) as refused:
        own.run("status,code=503")
    assert "put on record" in refused.value.details()
    assert get(f"{own.gateway}/r/default/up").status == 200


def test_no_secret_reaches_the_state_directory(own):
    key, basic, query, cookie, body = SECRETS
    lines = [b"Authorization: Bearer " + key, b"x-api-key: " + key, b"Proxy-Authorization: Basic " + basic, b"api-key: " + basic,
             b"Cookie: session=" + cookie, b"Content-Type: application/json"]
    text = b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "%s"}]}' % body
    path = b"/v1/chat/completions?key=" + query + b"&api_key=" + query + b"&access_token=" + query
    with own.run("status,code=503,nth=2") as run:
        for _ in range(3):
            with Client(run.urls["up"]) as client:
                client.ask(b"POST", path, *lines, b"Content-Length: %d" % len(text), body=text)
        run.await_exchanges(3)
    with Client(run.urls["up"]) as late:
        late.ask(b"POST", path, *lines, b"Content-Length: %d" % len(text), body=text)
    with own.run():
        pass  # its end flushes what was late
    files = [file for file in own.directory.rglob("*") if file.is_file()]
    assert any(file.name.startswith("journal.db") for file in files)
    for file in files:
        content = file.read_bytes()
        assert not [secret for secret in SECRETS if secret in content], file.name


NOT_TEXT = {"path": (b"/a\xff\xc3(", []), "header": (b"/a", [b"x-note: \xff", b"user-agent: \xfe/1.0"]), "agent": (b"/a", [b"x-murphy-agent: \xff\xfe"]),
            "query": (b"/a?key=\xff", [])}


@pytest.mark.parametrize("where", sorted(NOT_TEXT))
def test_bytes_that_are_no_text_spoil_no_record(own, where):
    path, lines = NOT_TEXT[where]
    with own.run("status,code=503,nth=2") as run:
        for _ in range(3):
            with Client(run.urls["up"]) as client:
                client.ask(b"GET", path, *lines)
        run.await_exchanges(3)
    assert outcome_class(run) != "INVALID", run.outcome
    found = exchanges(own, run.id)
    assert len(found) == 3
    if where == "path":
        assert found[0].path == "/a\\xff\\xc3("
    if where == "agent":
        assert "\\xff\\xfe" in found[0].agent + found[0].address
    listed = own.murphy("journal", "export", run.id)
    assert listed.returncode == 0 and len(listed.stdout.splitlines()) >= 5


def test_bytes_that_are_no_text_leave_the_default_run_to_everybody(own):
    own.daemon.faults.ArmFault(messages("fault_service").ArmFaultRequest(fault="status,code=503,nth=100"))
    for path in (b"/fine", b"/a\xff", b"/fine"):
        get(f"{own.gateway}/r/default/up", path)
    stream = own.daemon.journal.Watch(messages("journal_service").WatchRequest(run="default"))
    paths = []
    for answer in stream:
        if answer.event.WhichOneof("kind") == "exchange":
            paths.append(answer.event.exchange.path)
        if len(paths) == 3:
            stream.cancel()
            break
    assert paths == ["/fine", "/a\\xff", "/fine"]
    assert len(exchanges(own, "default")) == 3


def test_a_damaged_record_costs_itself_and_is_named(own):
    with own.run("status,code=503,nth=9") as run:
        for _ in range(3):
            get(run.urls["up"])
        run.await_exchanges(3)
    with sqlite3.connect(own.directory / "journal.db", timeout=10) as database:
        database.execute("UPDATE events SET body = x'ffff' WHERE run = ? AND kind = 3 AND key = 2", (run.id,))
    assert [record.sequence for record in exchanges(own, run.id)] == [1, 3]
    assert "1 record of the journal" in own.daemon.safety.GetStatus(messages("safety_service").GetStatusRequest()).journal_damage
    assert "cannot be read" in own.murphy("journal", "exchanges", run.id).stderr


def test_the_state_directory_is_closed_to_others(own):
    assert own.directory.stat().st_mode & 0o777 == 0o700
    assert (own.directory / "token").stat().st_mode & 0o777 == 0o600
