# SPDX-License-Identifier: Apache-2.0
"""Scheduled experiments on the traffic of several runs at once: each sees its own run, and what it does is named there."""

import json
import time
from contextlib import ExitStack

import pytest

from control import messages, state
from wire import Client, Upstream, get

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
TIMEOUT = 20
HEAD = """schema = "murphy.scenario/v1"
name = "together"
[target.left]
name = "up.left"
[target.right]
name = "up.right"
[[rule]]
id = "left-breaks"
target = "left"
status = { code = 503 }
[[rule]]
id = "right-breaks"
target = "right"
{when}
status = {{ code = 502 }}
"""
PAIR = HEAD.replace("{when}", "").replace("{{", "{").replace("}}", "}")
MEETING = PAIR + '[[group]]\nname = "both"\nrules = ["left-breaks", "right-breaks"]\nmode = "rendezvous"\ntimeout = "30s"\n'
AT_ONCE = HEAD.replace("{when}", "when = { after = { calls = 1, of = \"left\" } }").replace("{{", "{").replace("}}", "}") + (
    '[[group]]\nname = "both"\nrules = ["left-breaks", "right-breaks"]\nmode = "simultaneous"\n')


@pytest.fixture
def own(murphyd):
    with Upstream(OK) as server:
        daemon = murphyd(f'[gateway]\nworkers = 2\n[route.up]\nupstream = "{server.origin}"\n')
        daemon.server = server
        yield daemon


class Guest:
    """A scheduled experiment on a run, started by hand."""

    def __init__(self, daemon, name: str, host: str, scenario: str, more: str = ""):
        self.daemon, self.name = daemon, name
        module = messages("schedule_service")
        text = f'schema = "murphy.schedule/v1"\nname = "{name}"\ncron = "30 2 * * *"\nrun = "{host}"\nscenario = "a.toml"\n{more}'
        source = {"name": "s.toml", "text": text, "scenario": {"name": "a.toml", "text": scenario}}
        daemon.daemon.schedules.CreateSchedule(module.CreateScheduleRequest(source=source))
        self.run = daemon.daemon.schedules.RunScheduleNow(module.RunScheduleNowRequest(name=name)).start.run

    def injections(self) -> list:
        listed = self.daemon.daemon.journal.ListInjections(messages("journal_service").ListInjectionsRequest(run=self.run))
        return [(injection.rule, state(injection)) for injection in listed.injections]

    def await_injections(self, *expected) -> None:
        deadline = time.monotonic() + TIMEOUT
        while self.injections() != list(expected):
            assert time.monotonic() < deadline, self.injections()
            time.sleep(0.02)

    def await_end(self) -> str:
        module = messages("schedule_service")
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            (start,) = self.daemon.daemon.schedules.ListScheduleStarts(module.ListScheduleStartsRequest(name=self.name)).starts
            if start.state == module.SCHEDULE_START_STATE_FINISHED:
                return start.reason
            time.sleep(0.02)
        raise AssertionError("it does not end")


def exchanges(daemon, run: str) -> list:
    return list(daemon.daemon.journal.ListExchanges(messages("journal_service").ListExchangesRequest(run=run)).exchanges)


def test_calls_of_two_runs_do_not_meet(own):
    with ExitStack() as open_ones:
        one, two = (open_ones.enter_context(own.run()) for _ in range(2))
        first, second = Guest(own, "first", one.id, MEETING), Guest(own, "second", two.id, MEETING)
        left, right, other = (open_ones.enter_context(Client(run.urls["up"])) for run in (one, one, two))
        left.request(b"GET", b"/left")
        first.await_injections(("left-breaks", "MATCHED"))
        other.request(b"GET", b"/right")
        second.await_injections(("right-breaks", "MATCHED"))
        assert right.ask(b"GET", b"/right").status == 502 and left.answer().status == 503
        assert second.injections() == [("right-breaks", "MATCHED")]
        assert get(two.urls["up"], b"/left").status == 503 and other.answer().status == 502
        first.await_injections(("left-breaks", "DELIVERED"), ("right-breaks", "DELIVERED"))
        assert not own.server.requests


def test_what_waits_for_its_group_is_released_at_the_end(own):
    with own.run() as run, Client(run.urls["up"]) as left:
        guest = Guest(own, "first", run.id, MEETING, 'duration = "700ms"\n')
        left.request(b"GET", b"/left")
        assert left.answer().body == b"ok"
        assert guest.await_end() == "its duration is over"
        assert get(run.urls["up"], b"/left").body == b"ok"
    assert ("left-breaks", "EXPIRED") in guest.injections()


def test_rules_are_armed_together_by_the_traffic_of_their_own_run(own):
    with own.run() as one, own.run() as two:
        first, second = Guest(own, "first", one.id, AT_ONCE), Guest(own, "second", two.id, AT_ONCE)
        assert get(one.urls["up"], b"/left").status == 200, "the other is not armed yet"
        assert get(one.urls["up"], b"/right").status == 502
        assert get(one.urls["up"], b"/left").status == 503
        assert get(two.urls["up"], b"/right").status == 200
        first.await_injections(("right-breaks", "DELIVERED"), ("left-breaks", "DELIVERED"))
        assert not second.injections()


def test_the_run_that_is_acted_on_does_not_blame_the_upstream(own):
    with own.run("latency,fixed=1ms,nth=3") as run:
        guest = Guest(own, "first", run.id, PAIR)
        answers = [get(run.urls["up"], path).status for path in (b"/left", b"/other", b"/other")]
        assert answers == [503, 200, 200]
    broken, spared, late = exchanges(own, run.id)
    assert list(broken.injected_by) == [guest.run] and broken.origin == messages("exchange").ORIGIN_INJECTED
    assert not spared.injected_by and not late.injected_by
    assert list(run.outcome.labels) == [f"injected-by {guest.run}: 1 exchange"]
    assert f"injected-by {guest.run}" in own.murphy("run", "show", run.id).stdout
    assert f"injected; faults of {guest.run}" in own.murphy("journal", "exchanges", run.id).stdout
    shown = json.loads(own.murphy("journal", "exchanges", run.id, "-o", "jsonl").stdout.splitlines()[0])
    assert shown["injected_by"] == [guest.run]
    assert [list(copy.injected_by) for copy in exchanges(own, guest.run)] == [[], [], [run.id]]
    assert all("!" in line for line in own.murphy("journal", "injections", guest.run).stdout.splitlines()[1:2])
