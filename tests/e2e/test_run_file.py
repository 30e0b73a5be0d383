# SPDX-License-Identifier: Apache-2.0
"""A scenario file that says how it is run: [run], parameters, includes, a matrix; and what comes before a run: `plan --against`, `new`."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import grpc
import pytest

from control import messages
from murphyd import environment
from wire import Client, Upstream, get

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
AGENT = """
import os, sys, urllib.request
for n in range(int(os.environ.get("CALLS", "3"))):
    for attempt in range(3):
        try:
            urllib.request.urlopen(os.environ["MURPHY_ROUTE_TOOL"] + "/step/%d" % n, timeout=20).read()
            break
        except Exception as error:
            last = error
    else:
        sys.exit("gave up: %r" % last)
open(os.environ["OUT"], "a").write(os.environ.get("WHO", "") + os.linesep)
"""
HEAD = 'schema = "murphy.scenario/v1"\nname = "in-the-file"\n'
SECRET = "plain-word-that-looks-like-nothing"


@pytest.fixture
def write(own, tmp_path):
    """`write(text, name=)` writes a scenario whose [run] runs the agent; returns its path."""

    def file(text: str, run: str = "", env: str = "", name: str = "s.toml"):
        (tmp_path / "agent.py").write_text(AGENT)
        path = tmp_path / name
        path.write_text(HEAD + text + f"""
[run]
command = ["{sys.executable}", "{tmp_path / 'agent.py'}"]
routes = {{ tool = "{own.server.origin}" }}
env = {{ OUT = "{tmp_path / 'out'}"{', ' * bool(env)}{env} }}
{run}
""")
        return path

    return file


RULE = '[[rule]]\nid = "r"\nwhen = { first = 1 }\nstatus = { code = 503 }\n[[expect]]\nbounded_retries = { at_most = 3 }\n'


def test_run_file_needs_nothing_else_and_its_variables_are_kept_nowhere(own, write, tmp_path):
    file = write(RULE, 'runs = 2\nbaseline = 0\ncheck = "test -s $OUT"\n', f'WHO = "{SECRET}"')
    done = own.murphy("run", file, "-o", "json")
    assert done.returncode in (0, 5), done.stderr
    report = json.loads(done.stdout)
    assert len(report["runs"]) == 2
    assert (tmp_path / "out").read_text().split() == [SECRET] * 2
    assert report["runs"][0]["outcome"]["report"]["task"] == "TASK_STATE_CORRECT"
    assert report["experiment"]["invocation"]["env"] == {"OUT": "[redacted]", "WHO": "[redacted]"}
    # A file with a mistake is on record as well, and holds the secret as well.
    file.write_text(file.read_text().replace("[run]", "[[rule]]\nhang = {}\nid = \"r\"\n[run]"))
    assert own.murphy("run", file).returncode == 2
    own.stop()
    try:
        kept = b"".join(path.read_bytes() for path in own.state.rglob("*") if path.is_file())
        assert b"in-the-file" in kept, "the file is on record"
        assert SECRET.encode() not in kept
    finally:
        own.start()


def test_the_command_line_wins(own, write, tmp_path):
    file = write(RULE, "runs = 9\n", 'WHO = "file", CALLS = "1"')
    done = own.murphy("run", file, "--runs", 1, "--env", "WHO=said", "-o", "json")
    assert len(json.loads(done.stdout)["runs"]) == 1, done.stderr
    assert (tmp_path / "out").read_text().split() == ["said"]


def test_the_replay_line_repeats_one_run_of_many(own, write):
    file = write(RULE, "runs = 3\nbaseline = 1\n")
    first = own.murphy("run", file)
    line = next(line for line in first.stdout.splitlines() if line.startswith("replay"))
    words = line.split()[1:]
    again = own.murphy(*words[1:], "-o", "json")
    report = json.loads(again.stdout)
    assert len(report["runs"]) == 1 and report["baseline"] == []


PARAMS = '[params]\ncode = 503\nwhich = "tool.*"\n[target.t]\nname = "${which}"\n[[rule]]\nid = "r-${code}"\ntarget = "t"\nstatus = { code = "${code}" }\n'


def test_parameters_are_set_on_run_plan_and_over_grpc(own, write):
    file = write(PARAMS, env='CALLS = "1"')
    done = own.murphy("plan", file, "--set", "code=500")
    assert done.returncode == 0, done.stderr
    assert "r-500: status" in done.stdout
    done = own.murphy("run", file, "--set", "code=504", "-o", "json")
    report = json.loads(done.stdout)
    assert {injection["rule"] for run in report["runs"] for injection in run["injections"]} == {"r-504"}
    assert report["experiment"]["scenario"]["params"] == {"code": "504", "which": "tool.*"}
    assert "--set code=504" in report["replay"]
    module = messages("experiment_service")
    source = module.ScenarioSource(name="test.toml", text=HEAD + PARAMS, params={"code": "500"})
    created = own.daemon.experiments.CreateExperiment(module.CreateExperimentRequest(source=source, seed=1))
    assert created.experiment.scenario.rule[0].fault.status.code == 500


@pytest.mark.parametrize("option, sentence", [
    ("code=lots", "`code` must be an integer, as its default 503 is, not \"lots\""),
    ("cdoe=500", "there is no parameter `cdoe`; did you mean `code`?"),
    ("which=\"x\"", "the value is in quotes"),
    ("which=a\nb", "has a line break"),
    ("code=5000", "`code` must be an integer from 200 to 599, not 5000 (by the parameter `code`)"),
])
def test_what_is_wrong_with_a_parameter_is_said(own, write, option, sentence):
    done = own.murphy("plan", write(PARAMS), "--set", option)
    assert done.returncode == 2
    assert sentence in done.stderr


def test_a_value_stays_a_value(own, write):
    done = own.murphy("plan", write(PARAMS), "--set", 'which=x"]\' } # [[rule]]', "-o", "json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["experiment"]["scenario"]["rule"]) == 1


def test_files_include_others_and_the_daemon_reads_none(own, write, tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "guard.toml").write_text("[guard]\nmax_injections = 1\n")
    (tmp_path / "common.toml").write_text('include = "shared/guard.toml"\n[[rule]]\nid = "common"\nstatus = { code = 503 }\n')
    file = write("", env='CALLS = "1"')
    file.write_text('include = ["common.toml"]\n' + file.read_text())
    done = own.murphy("run", file, "-o", "json")
    report = json.loads(done.stdout)
    assert [injection["rule"] for injection in report["runs"][0]["injections"] if injection["state"] == "INJECTION_STATE_DELIVERED"] \
        == ["common"], "once: the included guard holds"
    module = messages("experiment_service")
    with pytest.raises(grpc.RpcError) as refused:
        own.daemon.experiments.CreateExperiment(module.CreateExperimentRequest(
            source=module.ScenarioSource(name=str(file), text=file.read_text())))
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    (tmp_path / "common.toml").unlink()
    done = own.murphy("plan", file)
    assert done.returncode == 2
    assert done.stderr.startswith(f"{file}:1:12: `include` names {tmp_path / 'common.toml'}, which cannot be read")


def test_a_mistake_of_an_included_file_names_that_file(own, write, tmp_path):
    (tmp_path / "common.toml").write_text('\n[[rule]]\nid = "r"\nstatus = { cod = 503 }\n')
    file = write(RULE)
    file.write_text('include = ["common.toml"]\n' + file.read_text())
    done = own.murphy("plan", file)
    assert f"{tmp_path / 'common.toml'}:4:12: `rule.status` has no key \"cod\"" in done.stderr
    assert f"here and at {tmp_path / 'common.toml'}:3:6" in done.stderr, "the same rule twice"
    (tmp_path / "common.toml").write_text('include = "s.toml"\n')
    assert "include each other in a circle" in own.murphy("plan", file).stderr


MATRIX = '[params]\nn = 1\n[matrix]\ncode = [500, 503]\nn = [1, 2]\nexclude = [{ code = 500, n = 2 }]\n' \
         '[[rule]]\nid = "r"\nwhen = { first = "${n}", probability = 0.9 }\nstatus = { code = "${code}" }\n' \
         '[[expect]]\nbounded_retries = { at_most = 3 }\n'


def cells(done) -> list[tuple]:
    return [(cell["params"], cell["experiment"]["seed"], cell["verdict"]) for cell in json.loads(done.stdout)["cells"]]


def test_a_matrix_is_one_experiment_per_cell_with_the_same_draws_each_time(own, write):
    file = write(MATRIX, 'baseline = 0\nruns = 2\n', 'CALLS = "2"')
    done = own.murphy("run", file, "--seed", 5, "-o", "json")
    first = cells(done)
    assert [params for params, *_ in first] == [{"code": "500", "n": "1"}, {"code": "503", "n": "1"}, {"code": "503", "n": "2"}]
    assert len({seed for _, seed, _ in first}) == 3
    assert cells(own.murphy("run", file, "--seed", 5, "-o", "json")) == first
    table = own.murphy("run", file, "--seed", 5)
    assert "3 of 3 cells" in table.stdout and "rate (95 %)" in table.stdout
    one = own.murphy("run", file, "--seed", 5, "--set", "n=2", "--set", "code=503", "-o", "json")
    assert "cells" not in json.loads(one.stdout), "with every parameter set it is an experiment"


def test_a_matrix_of_ten_thousand_cells_is_refused_with_its_number(own, write):
    values = ", ".join(str(n) for n in range(100))
    done = own.murphy("plan", write(f"[matrix]\na = [{values}]\nb = [{values}]\n"))
    assert done.returncode == 2
    assert "the matrix has 10000 cells (100 × 100)" in done.stderr
    assert "--set a=…" in done.stderr


def test_an_interrupted_matrix_reports_what_is_done(own, write, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    file = write('[matrix]\nn = [1, 2, 3]\n[[rule]]\nid = "r"\nwhen = { first = "${n}" }\nlatency = { fixed = "1ms" }\n',
                 'timeout = "60s"\n')
    # The second cell waits for ever, and says that it does.
    agent = tmp_path / "agent.py"
    agent.write_text(AGENT + f"""
if open(os.environ["OUT"]).read().count(os.linesep) == 2:
    open({str(fifo)!r}, "w").write("waiting")
    import time; time.sleep(60)
""")
    command = [str(own.build / "tools" / "murphy" / "murphy"), "run", str(file), "-o", "json"]
    process = subprocess.Popen(command, env=environment(own.build, own.directory), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    with open(fifo) as waiting:
        assert waiting.read() == "waiting"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 6
    report = json.loads(out)
    assert report["interrupted"]
    assert [cell["begun"] for cell in report["cells"]] == [True, True, False]


def test_plan_against_a_run_says_where_that_scenario_then_strikes(own, write):
    file = write('[[rule]]\nid = "r"\nwhen = { nth = 2 }\nstatus = { code = 503 }\n[[rule]]\nid = "body"\n'
                 'when = { where = { pointer = "/amount", equals = "9" } }\nreset = {}\n')
    observed = own.murphy("run", "--route", f"tool={own.server.origin}", "--env", f"OUT={file}.out", "-o", "json", "--",
                          sys.executable, file.parent / "agent.py")
    run = json.loads(observed.stdout)["runs"][0]["id"]
    done = own.murphy("plan", file, "--against", run, "-o", "json")
    assert done.returncode == 0, done.stderr
    played = json.loads(done.stdout)
    assert played["exchanges"] == "3" or played["exchanges"] == 3
    [injection] = played["rules"][0]["injections"]
    assert (int(injection["exchange"]), injection["fault"], injection["state"]) == (2, "status", "INJECTION_STATE_WOULD_FIRE")
    assert [stop["step"] for stop in played["rules"][0]["stops"]] == ["counters"]
    assert "bodies are not recorded" in played["rules"][1]["unknown"][0]
    assert any("the calls that follow are those that it made without it" in sentence for sentence in played["unknown"])
    real = json.loads(own.murphy("run", file, "-o", "json").stdout)
    assert [int(i["exchange"]) for i in real["runs"][0]["injections"] if i["rule"] == "r"] == [2]
    text = own.murphy("plan", file, "--against", run).stdout
    assert "#2" in text and "would fire" in text and "not known" in text
    assert own.murphy("plan", file, "--against", "nosuchrun").returncode != 0


def test_new_writes_a_scenario_that_can_be_run(own, write, tmp_path):
    done = own.murphy("run", write(RULE), "-o", "json")
    run = json.loads(done.stdout)["runs"][0]["id"]
    for options in ([], ["--from", run]):
        made = tmp_path / f"made-{len(options)}.toml"
        done = own.murphy("new", made, *options)
        assert done.returncode == 0, done.stderr
        planned = own.murphy("plan", made)
        assert planned.returncode == 0, planned.stderr + made.read_text()
        assert own.murphy("new", made).returncode == 2
    text = made.read_text()
    assert "[target.tool-" in text
    assert f'command = ["{sys.executable}"' in text
    assert own.murphy("run", made, "--env", f"OUT={tmp_path / 'out'}").returncode in (0, 4, 5)


TRACKS = HEAD + """
[[phase]]
name = "calm"
until = { calls = 2 }
[[phase]]
name = "storm"
[[phase]]
name = "early"
track = "other"
until = { calls = 3 }
[[phase]]
name = "late"
track = "other"
[[rule]]
id = "s"
phase = "storm"
status = { code = 503 }
[[rule]]
id = "l"
phase = "late"
latency = { fixed = "1ms" }
"""


def test_tracks_of_phases_go_on_beside_each_other_and_are_replayed(own):
    with own.run(toml=TRACKS, up=own.server.origin) as run, Client(run.urls["up"]) as client:
        for n in range(5):
            client.ask(b"GET", b"/%d" % n)
    fired = {}
    for injection in run.injections:
        fired.setdefault(injection.rule, []).append(injection.exchange)
    assert fired == {"s": [3, 4, 5], "l": [4, 5]}
    assert own.murphy("journal", "replay", run.id).returncode == 0


MEETING = HEAD + """
[target.left]
name = "up.left"
[target.right]
name = "up.right"
[[rule]]
id = "a"
target = "left"
status = { code = 503 }
[[rule]]
id = "b"
target = "right"
status = { code = 503 }
[[group]]
name = "g"
rules = ["a", "b"]
mode = "rendezvous"
offsets = { b = "400ms" }
"""


def test_a_member_of_a_rendezvous_acts_its_offset_later(own):
    took = {}

    def call(url, name):
        begun = time.monotonic()
        assert get(url + "/" + name).status == 503
        took[name] = time.monotonic() - begun

    with own.run(toml=MEETING, up=own.server.origin) as run:
        left = threading.Thread(target=call, args=(run.urls["up"], "left"))
        left.start()
        run.await_injection("MATCHED")
        call(run.urls["up"], "right")
        left.join()
    assert took["right"] >= 0.39
    assert took["left"] <= took["right"], "the one without an offset goes on at once"
    assert own.murphy("journal", "replay", run.id).returncode == 0


def test_a_limit_of_the_experiment_is_counted_over_its_runs(own, write):
    file = write('[guard]\nmax_injections_per_experiment = 3\n[[rule]]\nid = "r"\nattempts = [1, 1]\nstatus = { code = 503 }\n',
                 "runs = 3\nbaseline = 0\nparallel = 3\n", 'CALLS = "2"')
    done = own.murphy("run", file, "-o", "json")
    runs = json.loads(done.stdout)["runs"]
    delivered = [sum(injection["state"] == "INJECTION_STATE_DELIVERED" for injection in run["injections"]) for run in runs]
    assert delivered == [2, 1, 0], "the runs came one after the other"
    assert "one after the other" in done.stderr
    for run in runs:
        assert own.murphy("journal", "replay", run["id"]).returncode == 0


def test_a_shared_cause_is_the_same_in_runs_at_once(own, write):
    file = write('[cause.region]\nmarkov = { p_on = 0.3, p_off = 0.3 }\nshared = true\n'
                 '[[rule]]\nid = "r"\nwhen = { cause = "region" }\nlatency = { fixed = "1ms" }\n',
                 "runs = 4\nbaseline = 0\nparallel = 4\n", 'CALLS = "20"')
    runs = json.loads(own.murphy("run", file, "-o", "json", "--seed", 3).stdout)["runs"]
    struck = {tuple(injection["exchange"] for injection in run["injections"]) for run in runs}
    assert len(struck) == 1 and struck.pop()


SCHEDULED = HEAD + '[[phase]]\nname = "all"\nuntil = { calls = 2 }\n[[rule]]\nid = "r"\nwhen = { first = 1 }\nstatus = { code = 503 }\n'


def test_a_schedule_uses_the_same_section(murphyd, tmp_path):
    module = messages("schedule_service")
    (tmp_path / "nightly.toml").write_text(
        'schema = "murphy.schedule/v1"\nname = "nightly"\ncron = "0 0 1 1 *"\nscenario = "s.toml"\n')
    with Upstream(OK) as server:
        daemon = murphyd(f'[route.up]\nupstream = "{server.origin}"\n')
        (tmp_path / "s.toml").write_text(SCHEDULED + '[run]\nenv = { TOKEN = "x" }\n')
        refused = daemon.murphy("schedule", "apply", tmp_path / "nightly.toml")
        assert refused.returncode == 2
        assert "a schedule runs no agent" in refused.stderr
        (tmp_path / "s.toml").write_text(SCHEDULED + '[run]\narms = ["shadow"]\nruns = 5\ntimeout = "1h"\n')
        applied = daemon.murphy("schedule", "apply", tmp_path / "nightly.toml")
        assert applied.returncode == 0, applied.stderr
        assert "it does not look at run.runs" in applied.stderr
        assert daemon.murphy("schedule", "run-now", "nightly").returncode == 0
        assert [get(f"{daemon.gateway}/r/default/up").status for _ in range(3)] == [200] * 3
        deadline = time.monotonic() + 20
        finished = module.ScheduleStartState.Value("SCHEDULE_START_STATE_FINISHED")
        while True:
            start = daemon.daemon.schedules.ListScheduleStarts(module.ListScheduleStartsRequest(name="nightly")).starts[0]
            if start.state == finished:
                break
            assert time.monotonic() < deadline, start
            time.sleep(0.05)
    shown = json.loads(daemon.murphy("run", "show", start.run, "-o", "json").stdout)
    assert "INJECTION_STATE_WOULD_FIRE" in json.dumps(shown) or shown["outcome"]["would_fire"]
