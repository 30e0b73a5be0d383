# SPDX-License-Identifier: Apache-2.0
"""`murphy journal replay`: the record of a run, fed to an engine again, gives the same decisions; a changed record does not."""

import json
import sqlite3
import threading
import time
from contextlib import closing

import pytest

from control import messages
from wire import Client, Upstream, get

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
SCENARIO = """schema = "murphy.scenario/v1"
name = "everything"
[guard]
upstreams = ["127.0.0.*"]
[target.pay]
name = "up.pay"
[target.left]
name = "up.left"
[target.right]
name = "up.right"
[[phase]]
name = "first"
until = { calls = 12 }
[[phase]]
name = "quiet"
until_on = { silence = "300ms" }
[[phase]]
name = "last"
[[rule]]
id = "dice"
when = { probability = 0.5 }
latency = { fixed = "1ms" }
[[rule]]
id = "big"
target = "pay"
when = { where = { pointer = "/amount", matches = "[5-9]" } }
status = { code = 402 }
[[rule]]
id = "again"
target = "pay"
when = { on = { recovery = "retry", of = "pay" }, first = 2 }
status = { code = 503 }
[[rule]]
id = "few"
target = "pay"
phase = "first"
rate_limit = { requests_per_minute = 4 }
[[rule]]
id = "after-silence"
phase = "last"
when = { nth = 2 }
status = { code = 500 }
[[rule]]
id = "left-breaks"
target = "left"
status = { code = 503 }
[[rule]]
id = "right-breaks"
target = "right"
status = { code = 502 }
[[group]]
name = "both"
rules = ["left-breaks", "right-breaks"]
mode = "rendezvous"
timeout = "200ms"
"""


@pytest.fixture
def own(murphyd):
    with Upstream(OK) as server:
        daemon = murphyd(f'[route.up]\nupstream = "{server.origin}"\n')
        daemon.server = server
        yield daemon


def pay(url: str, amounts) -> None:
    with Client(url) as client:
        for amount in amounts:
            body = b'{"amount":%d}' % amount
            client.ask(b"POST", b"/pay", b"Content-Type: application/json", b"Content-Length: %d" % len(body), body=body)


def side_by_side(*calls) -> None:
    agents = [threading.Thread(target=call, args=arguments) for call, *arguments in calls]
    for agent in agents:
        agent.start()
    for agent in agents:
        agent.join()


def finished(own, **options):
    """A run with everything in it: parallel calls, retries, a silence, a rendezvous that comes to nothing and one that does not."""
    with own.run(toml=SCENARIO, **options) as run:
        url = run.urls["up"]
        side_by_side((pay, url, (1, 7, 7, 2, 9)), (pay, url, (3, 3, 8, 8, 5)))
        get(url, b"/left")
        side_by_side((get, url, b"/left"), (get, url, b"/right"))
        for _ in range(8):
            get(url, b"/other")
        # A silence is what is tested.
        time.sleep(0.6)
        side_by_side(*[(get, url, b"/other/%d" % n) for n in range(6)])
    return run


def replay(own, run, code=0) -> dict:
    done = own.murphy("journal", "replay", run, "-o", "json")
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def rewrite(own, run, change) -> None:
    """Changes the first record of the run's first injection, as somebody with the file might."""
    with closing(sqlite3.connect(own.directory / "journal.db")) as journal, journal:
        select = "SELECT revision, body FROM events WHERE run = ? AND kind = 4 ORDER BY key, revision LIMIT 1"
        revision, body = journal.execute(select, (run,)).fetchone()
        event = messages("exchange").Event.FromString(body)
        change(event.injection)
        journal.execute("UPDATE events SET body = ? WHERE revision = ?", (event.SerializeToString(), revision))


def test_a_run_is_decided_again_as_it_was_recorded_also_after_a_restart(own):
    run = finished(own)
    fired = {injection.rule for injection in run.injections if injection.exchange}
    assert {"dice", "big", "again", "few", "after-silence", "left-breaks", "right-breaks"} <= fired
    replayed = replay(own, run.id)
    assert replayed["schema"] == "murphy.replay/v1" and replayed["same"] is True and replayed["differences"] == []
    assert int(replayed["exchanges"]) == 10 + 1 + 2 + 8 + 6
    assert int(replayed["injections"]) == len([injection for injection in run.injections if injection.exchange])
    own.restart()
    assert replay(own, run.id) == replayed
    said = own.murphy("journal", "replay", run.id)
    assert said.stdout.startswith("Same: 27 exchanges decided again, ") and said.returncode == 0


def test_a_changed_record_is_told_from_the_one_that_was_made(own):
    runs = [finished(own).id for _ in range(4)]
    rewrite(own, runs[0], lambda injection: setattr(injection, "rule", "big" if injection.rule == "dice" else "dice"))
    rewrite(own, runs[1], lambda injection: setattr(injection, "exchange", injection.exchange + 20))
    with closing(sqlite3.connect(own.directory / "journal.db")) as journal, journal:
        journal.execute("DELETE FROM events WHERE run = ? AND kind = 4 AND key = 1", (runs[2],))
        journal.execute("DELETE FROM events WHERE run = ? AND kind = 3 AND key = 5", (runs[3],))
    for run in runs[:3]:
        told = replay(own, run, code=4)
        assert told["same"] is False and "Exchange " in told["differences"][0]
    assert "Step " in replay(own, runs[3], code=4)["differences"][0]
    said = own.murphy("journal", "replay", runs[2])
    assert said.returncode == 4 and "DIFFERENT: 27 exchanges decided again, 1 difference." in said.stdout


def test_what_control_did_is_decided_again(own):
    with own.run("status,code=503") as run:
        assert get(run.urls["up"]).status == 503
        own.murphy("halt", "lunch")
        assert get(run.urls["up"]).status == 200
        own.murphy("resume", "over")
        assert get(run.urls["up"]).status == 503
        arm = messages("fault_service").ArmFaultRequest(fault="status,code=418", run=run.id)
        own.daemon.faults.ArmFault(arm)
        assert get(run.urls["up"]).status == 503
    replayed = replay(own, run.id)
    assert (int(replayed["exchanges"]), int(replayed["injections"]), int(replayed["one_off_injections"])) == (4, 3, 1)


def test_what_cannot_be_replayed_says_why(own):
    said = own.murphy("journal", "replay", "nobody")
    assert said.returncode != 0 and "There is no run `nobody`" in said.stderr
    said = own.murphy("journal", "replay", "default")
    assert said.returncode != 0 and "`default`" in said.stderr
    with own.run("status,code=503") as run:
        get(run.urls["up"])
        said = own.murphy("journal", "replay", run.id)
        assert said.returncode != 0 and "has not ended" in said.stderr
    observed = own.daemon.runs.StartRun(messages("run_service").StartRunRequest())
    own.daemon.runs.FinishRun(messages("run_service").FinishRunRequest(run=observed.run.id))
    said = own.murphy("journal", "replay", observed.run.id)
    assert said.returncode != 0 and "has no scenario" in said.stderr


SCHEDULE = """schema = "murphy.schedule/v1"
name = "nightly"
cron = "30 2 * * *"
faults = ["status,code=503,probability=0.5"]
duration = "2s"
"""


def test_a_scheduled_experiment_is_decided_again_from_its_own_records(own):
    pb = messages("schedule_service")
    url = f"{own.gateway}/r/default/up"
    own.daemon.schedules.CreateSchedule(pb.CreateScheduleRequest(source={"name": "nightly.toml", "text": SCHEDULE}))
    start = own.daemon.schedules.RunScheduleNow(pb.RunScheduleNowRequest(name="nightly", reason="to see")).start
    for _ in range(12):
        get(url)
    watch = own.daemon.journal.Watch(messages("journal_service").WatchRequest(run=start.run))
    finished = messages("exchange").RUN_STATE_FINISHED
    next(answer for answer in watch if answer.event.WhichOneof("kind") == "run" and answer.event.run.state == finished)
    replayed = replay(own, start.run)
    assert int(replayed["exchanges"]) == 12 and int(replayed["injections"]) > 0
