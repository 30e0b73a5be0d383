# SPDX-License-Identifier: Apache-2.0
"""Experiments that the daemon starts by itself, on the traffic of `default`, without a controller."""

import hashlib
import json
import sqlite3
import time
from contextlib import closing

import grpc
import pytest

from control import messages
from wire import Client, Upstream, get

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nreal"
TIMEOUT = 20
SCHEDULE = """schema = "murphy.schedule/v1"
name   = "nightly"
cron   = "{cron}"
{more}
"""
SCENARIO = """schema = "murphy.scenario/v1"
name = "down-once"
[[phase]]
name = "all"
until = { calls = 2 }
[[rule]]
id = "down"
when = { first = 1 }
status = { code = 503 }
[[expect]]
bounded_retries = { at_most = 9 }
"""


@pytest.fixture
def own(murphyd):
    with Upstream(OK) as server:
        daemon = murphyd(f'[route.up]\nupstream = "{server.origin}"\n')
        daemon.url = f"{daemon.gateway}/r/default/up"
        daemon.server = server
        yield daemon


def pb():
    return messages("schedule_service")


def create(daemon, more='faults = ["status,code=503"]', cron="30 2 * * *", validate_only=False, **scenario):
    source = {"name": "nightly.toml", "text": SCHEDULE.format(cron=cron, more=more), "scenario": scenario}
    return daemon.daemon.schedules.CreateSchedule(pb().CreateScheduleRequest(source=source, validate_only=validate_only))


def run_now(daemon):
    return daemon.daemon.schedules.RunScheduleNow(pb().RunScheduleNowRequest(name="nightly", reason="to see")).start


def starts(daemon):
    """(state, start), newest first."""
    listed = daemon.daemon.schedules.ListScheduleStarts(pb().ListScheduleStartsRequest(name="nightly")).starts
    return [(pb().ScheduleStartState.Name(start.state).removeprefix("SCHEDULE_START_STATE_"), start) for start in listed]


def await_start(daemon, state):
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        for seen, start in starts(daemon):
            if seen == state:
                return start
        time.sleep(0.05)
    raise AssertionError(f"waited {TIMEOUT} s for {state}: {starts(daemon)}")


def halt(daemon):
    daemon.daemon.safety.Halt(messages("safety_service").HaltRequest(reason="enough"))


def set_evaluated(daemon, seconds_ago):
    """While no daemon runs: as if it had been down since then."""
    with closing(sqlite3.connect(daemon.directory / "journal.db")) as journal, journal:
        ((body,),) = journal.execute("SELECT body FROM schedules").fetchall()
        status = pb().ScheduleStatus.FromString(body)
        status.evaluated_time.FromSeconds(int(time.time()) - seconds_ago)
        journal.execute("UPDATE schedules SET body = ?", (status.SerializeToString(),))


def test_a_start_acts_on_default_ends_by_itself_and_is_judged(own):
    create(own, 'scenario = "down-once.toml"', name="down-once.toml", text=SCENARIO)
    assert get(own.url).status == 200
    start = run_now(own)
    assert get(own.url).status == 503
    assert get(own.url).status == 200
    ended = await_start(own, "FINISHED")
    assert ended.experiment == start.experiment and ended.reason == "its last phase has ended"
    assert ended.conclusion.delivered == 1
    assert get(own.url).status == 200
    shown = own.murphy("experiment", "show", start.experiment)
    assert shown.returncode == 0 and "down-once" in shown.stdout and start.run in shown.stdout, shown.stdout
    run = json.loads(own.murphy("run", "show", start.run, "-o", "json").stdout)
    assert run["watches"] == "default" and run["outcome"]["exchanges"] == 2
    assert "503" in own.murphy("journal", "exchanges", start.run).stdout


def test_its_duration_ends_it_and_releases_what_hangs(own):
    create(own, 'faults = ["hang"]\nduration = "700ms"')
    run_now(own)
    with Client(own.url) as client:
        client.request()
        assert client.answer().body == b"real"
    assert await_start(own, "FINISHED").reason == "its duration is over"


def test_a_halt_releases_it_and_outranks_it(own):
    create(own, 'faults = ["hang"]')
    start = run_now(own)
    watch = own.daemon.journal.Watch(messages("journal_service").WatchRequest(run=start.run))
    with Client(own.url) as client:
        client.request()
        next(answer for answer in watch if answer.event.WhichOneof("kind") == "injection")
        halt(own)
        assert client.answer().body == b"real"
    assert await_start(own, "INTERRUPTED").conclusion.invalid_runs == 1
    with pytest.raises(grpc.RpcError) as refused:
        run_now(own)
    assert refused.value.code() == grpc.StatusCode.FAILED_PRECONDITION and "halted" in refused.value.details()
    # A planned start while halted.
    own.daemon.schedules.DeleteSchedule(pb().DeleteScheduleRequest(name="nightly"))
    create(own, cron="* * * * *")
    own.kill()
    set_evaluated(own, 61)
    own.start()
    await_start(own, "HALTED")
    assert get(f"{own.gateway}/r/default/up").status == 200


def test_one_at_a_time(own):
    create(own)
    run_now(own)
    with pytest.raises(grpc.RpcError) as refused:
        run_now(own)
    assert refused.value.code() == grpc.StatusCode.FAILED_PRECONDITION and "running already" in refused.value.details()


def test_a_schedule_survives_kill_9_and_its_experiment_does_not(own):
    create(own)
    start = run_now(own)
    assert get(own.url).status == 503
    own.kill()
    own.start()
    assert get(f"{own.gateway}/r/default/up").status == 200
    (schedule,) = own.daemon.schedules.ListSchedules(pb().ListSchedulesRequest()).schedules
    assert len(schedule.next_starts) == 3 and not schedule.experiment
    ((state, ended),) = starts(own)
    assert state == "INTERRUPTED" and "restarted" in ended.reason and ended.experiment == start.experiment
    experiment = own.daemon.experiments.GetExperiment(
        messages("experiment_service").GetExperimentRequest(id=start.experiment)).experiment
    assert experiment.HasField("end_time") and experiment.conclusion.invalid_runs == 1


def test_stopping_the_daemon_ends_an_experiment(own):
    create(own)
    run_now(own)
    own.restart()
    assert [(state, start.reason) for state, start in starts(own)] == [("INTERRUPTED", "the daemon was stopped")]


def test_what_was_planned_while_no_daemon_ran_is_missed_and_the_last_starts_within_its_deadline(own):
    create(own, 'faults = ["status,code=503"]\nstart_deadline = "2m"', cron="* * * * *")
    own.kill()
    set_evaluated(own, 3 * 3600)
    own.start()
    await_start(own, "STARTED")
    assert get(f"{own.gateway}/r/default/up").status == 503
    missed = [start for state, start in starts(own) if state == "MISSED"]
    assert len(missed) == 20 and 158 <= missed[0].more + 19 <= 181, [start.more for start in missed]
    assert "more until" in own.murphy("schedule", "history", "nightly").stdout


def test_starts_and_ends_are_on_record_as_acts_of_the_schedule(own):
    create(own, 'faults = ["status,code=503"]\nduration = "300ms"')
    start = run_now(own)
    await_start(own, "FINISHED")
    deadline = time.monotonic() + TIMEOUT
    own_acts = []
    while len(own_acts) < 2 and time.monotonic() < deadline:
        lines = own.murphy("audit", "list", "-o", "jsonl").stdout.splitlines()
        own_acts = [entry for entry in map(json.loads, reversed(lines)) if entry["actor"] == "schedule nightly"]
    assert [entry["call"] for entry in own_acts] == ["StartScheduledExperiment", "EndScheduledExperiment"]
    assert [entry["reason"] for entry in own_acts] == ["By hand: to see", "its duration is over"]
    for entry in own_acts:
        assert entry["result"] == "OK" and json.loads(entry["request"])["run"] == start.run
    assert own.murphy("audit", "verify").returncode == 0


def test_status_says_what_runs_and_what_starts_next(own):
    assert json.loads(own.murphy("status", "-o", "json").stdout)["schedules"]["count"] == 0
    create(own)
    start = run_now(own)
    status = json.loads(own.murphy("status", "-o", "json").stdout)["schedules"]
    assert status["count"] == 1 and status["next"] == "nightly" and status["next_start"].endswith(":30:00Z")
    assert status["running"][0]["experiment"] == start.experiment and status["running"][0]["watches"] == "default"
    table = own.murphy("status").stdout
    assert "1; nightly starts next, " in table and f"nightly runs experiment {start.experiment} on default" in table


def test_apply_makes_and_changes_and_keeps_the_history(own, tmp_path):
    file = tmp_path / "nightly.toml"

    def apply(more, cron="30 2 * * *", *options):
        file.write_text(SCHEDULE.format(cron=cron, more=more))
        return own.murphy("schedule", "apply", *options, file)

    assert apply('faults = ["status,code=503"]', "30 2 * * *", "--check").returncode == 0
    assert own.murphy("schedule", "list").stdout.startswith("There are no schedules")
    assert apply('faults = ["status,code=503"]').returncode == 0
    run_now(own)
    own.murphy("schedule", "pause", "nightly", "release week")
    wrong = apply('faults = ["status,code=500"]', cron="30 25 * * *")
    assert wrong.returncode == 2 and f"{file}:3:" in wrong.stderr
    changed = apply('faults = ["status,code=500"]', cron="45 2 * * *")
    assert changed.returncode == 0 and "45 2 * * *" in changed.stdout and "running" in changed.stdout, changed.stderr
    assert get(own.url).status == 503  # what is running goes on as it began
    own.restart()
    assert "paused: release week" in own.murphy("schedule", "show", "nightly").stdout
    assert [state for state, _ in starts(own)] == ["INTERRUPTED"]
    run_now(own)
    assert get(f"{own.gateway}/r/default/up").status == 500


def test_an_approver_lets_a_schedule_start_by_itself_and_the_token_is_kept_nowhere(murphyd, tmp_path):
    token = "open-sesame-2718281828"
    digest = hashlib.sha256(token.encode()).hexdigest()
    (tmp_path / "token").write_text(token + "\n")
    (tmp_path / "guarded.toml").write_text(SCENARIO.replace("[[phase]]", "[guard]\nrequire_approval = true\n[[phase]]"))
    file = tmp_path / "nightly.toml"
    file.write_text(SCHEDULE.format(cron="* * * * *", more='scenario = "guarded.toml"'))
    with Upstream(OK) as server:
        daemon = murphyd(f'[approval]\ntoken_sha256 = ["{digest}"]\n[route.up]\nupstream = "{server.origin}"\n')
        refused = daemon.murphy("schedule", "create", file)
        assert refused.returncode != 0 and "--approval-file" in refused.stderr
        approved = daemon.murphy("schedule", "create", file, "--approval-file", tmp_path / "token")
        assert approved.returncode == 0, approved.stderr
        # It approves every start, also of the next daemon, which has no token.
        daemon.kill()
        set_evaluated(daemon, 61)
        daemon.start()
        await_start(daemon, "STARTED")
        assert get(f"{daemon.gateway}/r/default/up").status == 503
        # But not another scenario.
        unapproved = daemon.murphy("schedule", "apply", file)
        assert unapproved.returncode != 0 and "--approval-file" in unapproved.stderr
        daemon.stop()
    for path in daemon.directory.rglob("*"):
        assert not path.is_file() or token.encode() not in path.read_bytes(), path


def test_the_commands(own, tmp_path):
    (tmp_path / "down-once.toml").write_text(SCENARIO)
    file = tmp_path / "nightly.toml"
    file.write_text(SCHEDULE.format(cron="30 2 * * MON-FRI", more='scenario = "down-once.toml"\ntime_zone = "Europe/Berlin"'))

    assert own.murphy("schedule", "list").stdout.startswith("There are no schedules")
    checked = own.murphy("schedule", "create", "--check", file)
    assert checked.returncode == 0, checked.stderr
    assert own.murphy("schedule", "list").stdout.startswith("There are no schedules")
    created = own.murphy("schedule", "create", file)
    assert created.returncode == 0 and "Europe/Berlin" in created.stdout and "waiting" in created.stdout, created.stderr

    again = own.murphy("schedule", "create", file)
    assert again.returncode == 2 and f"{file}:2:" in again.stderr and "already" in again.stderr

    assert "paused: release week" in own.murphy("schedule", "pause", "nightly", "release week").stdout
    assert "waiting" in own.murphy("schedule", "resume", "nightly").stdout
    started = own.murphy("schedule", "run-now", "nightly", "first try", "-o", "json")
    assert json.loads(started.stdout)["reason"] == "By hand: first try", started.stderr
    assert "running" in own.murphy("schedule", "show", "nightly").stdout
    (line,) = own.murphy("schedule", "history", "nightly", "-o", "jsonl").stdout.splitlines()
    assert json.loads(line)["state"] == "SCHEDULE_START_STATE_STARTED"
    listed = json.loads(own.murphy("schedule", "list", "-o", "json").stdout)
    assert listed["schema"] == "murphy.schedules/v1" and listed["schedules"][0]["schedule"]["name"] == "nightly"
    assert own.murphy("schedule", "delete", "nightly").returncode == 0
    gone = own.murphy("schedule", "show", "nightly")
    assert gone.returncode == 2 and "There is no schedule `nightly`" in gone.stderr


@pytest.mark.parametrize("wrong, words", [
    ({"cron": "30 25 * * *"}, "nightly.toml:3:|at its column 4: the hour is 0 to 23, not 25"),
    ({"cron": "0 0 30 2 *"}, "nightly.toml:3:|never starts"),
    ({"more": 'faults = ["status"]\ntime_zone = "Berlin"'}, "nightly.toml:5:|IANA"),
    ({"more": 'faults = ["status"]\nblackout = ["tomorrow"]'}, "nightly.toml:5:|2026-12-24"),
    ({"more": 'faults = ["status"]\novrelap = "skip"'}, "nightly.toml:5:|did you mean `overlap`"),
    ({"more": 'faults = ["statu"]'}, "--fault|status"),
    ({"more": ""}, "neither a `scenario` nor `faults`"),
    ({"more": 'scenario = "gone.toml"'}, "gone.toml cannot be read"),
])
def test_mistakes_have_a_place(own, tmp_path, wrong, words):
    file = tmp_path / "nightly.toml"
    file.write_text(SCHEDULE.format(**{"cron": "30 2 * * *", "more": 'faults = ["status"]', **wrong}))
    refused = own.murphy("schedule", "create", file)
    assert refused.returncode == 2
    for word in words.split("|"):
        assert word in refused.stderr, refused.stderr
