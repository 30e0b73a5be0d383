# SPDX-License-Identifier: Apache-2.0
"""`murphy` as a person and a script use it: exit codes, formats, determinism, and the commands beside `run`."""

import json
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from control import messages
from murphyd import environment, murphy

# Calls its tool until it answers, at most as often as it is told; then calls it `rounds` times more.
AGENT = """
import os, sys, urllib.request
tries, rounds = int(sys.argv[1]), int(sys.argv[2])
for round in range(rounds):
    for attempt in range(tries):
        try:
            urllib.request.urlopen(os.environ["MURPHY_ROUTE_TOOL"] + "/step/%d" % round, timeout=20).read()
            break
        except Exception as error:
            last = error
    else:
        sys.exit("gave up: %r" % last)
print("done")
"""
EXPECT = '\n[[expect]]\nbounded_retries = { at_most = %d }\n'
SCENARIO = 'schema = "murphy.scenario/v1"\nname = "e2e"\npurpose = "Does it?"\n'
RULE = '[[rule]]\nid = "r"\n%s\n'


@pytest.fixture
def run(own):
    """`run(options…, tries=, rounds=)` runs the agent under `murphy run`."""

    def start(*options, tries: int = 3, rounds: int = 1, **more):
        return own.murphy("run", "--route", f"tool={own.server.origin}", *options, "--", sys.executable, "-c", AGENT, tries, rounds, **more)

    return start


def report(done) -> dict:
    return json.loads(done.stdout)


def test_exit_0_when_everything_holds(run, tmp_path):
    file = tmp_path / "s.toml"
    file.write_text(SCENARIO + RULE % 'when = { first = 1 }\nstatus = { code = 503 }' + EXPECT % 4)
    done = run(file)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "done" in done.stdout


def test_counters_of_an_experiment_go_on_from_run_to_run(run, tmp_path):
    file = tmp_path / "s.toml"
    file.write_text(SCENARIO + RULE % 'count_per = "experiment"\nwhen = { nth = 3 }\nstatus = { code = 503 }')
    done = run(file, "--runs", 4, "--seed", 5, "-o", "json")
    told = report(done)
    assert [[i["state"] for i in r["injections"]] for r in told["runs"]] == [
        ["INJECTION_STATE_NEVER_REACHED"]] * 2 + [["INJECTION_STATE_DELIVERED"]] + [["INJECTION_STATE_NEVER_REACHED"]]
    assert "--runs" in told["replay"] and "--run-index" not in told["replay"], "one run of it alone would count from 1"
    assert "counts over the whole experiment" in done.stderr


def test_exit_4_when_an_expectation_fails(run, tmp_path):
    file = tmp_path / "s.toml"
    file.write_text(SCENARIO + RULE % 'when = { first = 3 }\nstatus = { code = 503 }' + EXPECT % 1)
    done = run(file, tries=6)
    assert done.returncode == 4, done.stdout + done.stderr


def test_exit_5_when_no_fault_was_delivered(run):
    done = run("--fault", "status,code=503,nth=99")
    assert done.returncode == 5 and "delivered" in done.stdout, done.stdout


def test_exit_3_when_the_agent_fails_without_faults(run):
    done = run("--baseline", 1, "--fault", "status,code=503", tries=0)
    assert done.returncode == 3, done.stdout + done.stderr


def test_exit_6_when_interrupted(own, tmp_path):
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    command = [own.build / "tools" / "murphy" / "murphy", "run", "--fault", "status,code=503", "--", sys.executable, "-c",
               "import sys, time; open(sys.argv[1], 'w').write('x'); time.sleep(60)", ready]
    process = subprocess.Popen([str(part) for part in command], env=environment(own.build, own.directory), stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # ignored in the background of a shell
    assert ready.read_text() == "x"
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 6, said


def test_exit_7_when_no_daemon_answers(binaries, tmp_path):
    done = murphy(binaries, "status", state=tmp_path)
    assert done.returncode == 7 and "murphyd" in done.stderr and not done.stdout
    done = murphy(binaries, "--daemon", "127.0.0.1:1", "status", state=tmp_path)
    assert done.returncode == 7, done.stderr


@pytest.mark.parametrize("arguments", [("run",), ("run", "--fault", "statu,code=503", "--", "true"), ("run", "--", ), ("frobnicate",),
                                       ("run", "--route", "tool", "--fault", "reset", "--", "true"), ("inject",), ("inject", "hnag"),
                                       ("explain", "hnag"), ("run", "/no/such.toml", "--", "true"), ("resume",),
                                       ("run", "--timeout", "soon", "--fault", "reset", "--", "true")])
def test_exit_2_for_what_cannot_be_meant(own, arguments):
    done = own.murphy(*arguments)
    assert done.returncode == 2 and done.stderr and not done.stdout, (done.returncode, done.stdout, done.stderr)


def test_every_mistake_of_a_scenario_is_named_at_once_and_nothing_runs(own, tmp_path):
    file = tmp_path / "wrong.toml"
    file.write_text('schema = "murphy.scenario/v1"\nname = "wrong"\nsed = 1\n[target.a]\nkind = "modle"\n'
                    '[[rule]]\nid = "one"\ntarget = "b"\nstatus = { code = 9000 }\n'
                    '[[rule]]\nid = "two"\nlatency = { fixed = "fast" }\n[[rule]]\nid = "three"\nrate_limt = {}\n')
    done = own.murphy("run", file, "--", "touch", tmp_path / "ran")
    assert done.returncode == 2 and not (tmp_path / "ran").exists()
    for words in ("wrong.toml:3:", "seed", "wrong.toml:5:", "model", "wrong.toml:9:", "wrong.toml:12:", "wrong.toml:15:", "rate_limit"):
        assert words in done.stderr, done.stderr
    file.write_text(SCENARIO + '[[rule]]\nid = "one"\ntarget = "b"\nreset = {}\n[[rule]]\nid = "one"\nphase = "p"\nreset = {}\n')
    done = own.murphy("run", file, "--", "touch", tmp_path / "ran")
    assert done.returncode == 2 and not (tmp_path / "ran").exists()
    for words in ("wrong.toml:6:", "`b`", "`p`", "one"):
        assert words in done.stderr, done.stderr


def drawn(own, done) -> list:
    """What was injected: rule, address, fault and parameters, without times."""
    runs = [r["id"] if "id" in r else r["run"]["id"] for r in report(done)["runs"]]
    request = messages("journal_service").ListInjectionsRequest
    return [[(i.rule, i.address, i.fault, i.parameters) for i in own.daemon.journal.ListInjections(request(run=run)).injections if i.exchange]
            for run in runs]


def test_the_same_seed_draws_the_same_and_another_does_not(own, run):
    faults = ("--fault", "status,code=503,probability=0.4", "--fault", "latency,probability=0.5,uniform.min=1ms,uniform.max=9ms")
    first, again, other = (drawn(own, run("-o", "json", "--seed", seed, "--runs", 2, *faults, rounds=12)) for seed in (5, 5, 6))
    assert first == again and first[0] and first[0] != first[1]
    assert first != other
    # The line that replays a run: its index alone.
    assert drawn(own, run("-o", "json", "--seed", 5, "--run-index", 1, *faults, rounds=12)) == first[1:]


def test_reports_are_what_their_format_says(run):
    faults = ("--fault", "status,code=503,first=1")
    assert report(run("-o", "json", *faults))["schema"].startswith("murphy.")
    lines = run("-o", "jsonl", "--runs", 2, *faults).stdout.splitlines()
    assert len(lines) == 3 and all(json.loads(line)["schema"].startswith("murphy.") for line in lines)
    suite = ElementTree.fromstring(run("-o", "junit", "--runs", 2, *faults).stdout)
    assert suite.tag in ("testsuites", "testsuite") and list(suite.iter("testcase"))


def test_the_report_of_one_run_says_what_matters(run):
    done = run("--fault", "status,code=503,first=1", "--seed", 9)
    assert "status" in done.stdout and "--seed 9" in done.stdout and "--run-index 0" in done.stdout, done.stdout


def test_the_exit_code_can_be_the_agents(run):
    assert run("--exit-code", "child", "--fault", "status,code=503", tries=1).returncode == 1


def test_the_agent_gets_no_way_to_the_control_api(own):
    done = own.murphy("run", "-o", "json", "--fault", "reset", "--", sys.executable, "-c", "import os; print(dict(os.environ))")
    assert "MURPHY_RUN" in done.stderr and "127.0.0.1" in done.stderr
    assert "MURPHY_STATE_DIR" not in done.stderr and "token" not in done.stderr.lower().replace("tokenizers", "")


def test_faults_are_armed_listed_and_disarmed_by_hand(own):
    armed = own.murphy("inject", "hang", "--target", "tool:e2e.*", "--ttl", "45s", "-o", "json")
    assert armed.returncode == 0, armed.stderr
    fault = json.loads(own.murphy("fault", "list", "-o", "json").stdout)["faults"][0]
    assert "hang" in fault["fault"] and fault["run"] == "default"
    assert own.murphy("fault", "disarm", fault["id"]).returncode == 0
    assert not json.loads(own.murphy("fault", "list", "-o", "json").stdout).get("faults")


def test_halt_status_and_resume(own):
    assert own.murphy("halt", "the bill").returncode == 0
    try:
        assert "HALTED" in own.murphy("status").stdout and "the bill" in own.murphy("status").stdout
    finally:
        assert own.murphy("resume", "paid").returncode == 0
    assert "allowed" in own.murphy("status").stdout


def test_watch_tells_events_as_they_come(own, run):
    command = [own.build / "tools" / "murphy" / "murphy", "watch", "-o", "jsonl"]
    with subprocess.Popen([str(part) for part in command], env=environment(own.build, own.directory), stdout=subprocess.PIPE,
                          text=True) as watching:
        try:
            run("--fault", "status,code=503,first=1")
            for line in watching.stdout:
                event = json.loads(line)
                if event.get("injection", {}).get("state", "").endswith("DELIVERED"):
                    break
        finally:
            watching.terminate()


def test_the_journal_is_listed_and_exported(own, run):
    identity = report(run("-o", "json", "--fault", "status,code=503,first=1"))["runs"][0]
    identity = identity.get("id") or identity["run"]["id"]
    listed = own.murphy("run", "list", "-o", "json")
    assert identity in listed.stdout and listed.returncode == 0
    assert identity in own.murphy("run", "show", identity).stdout
    assert json.loads(own.murphy("experiment", "list", "-o", "json").stdout)
    exported = own.murphy("journal", "export", identity)
    lines = [json.loads(line) for line in exported.stdout.splitlines()]
    assert exported.returncode == 0 and any("injection" in line for line in lines) and any("exchange" in line for line in lines)


def test_plan_and_explain_say_what_will_happen(own, tmp_path):
    file = tmp_path / "s.toml"
    file.write_text(SCENARIO + RULE % 'when = { first = 1 }\nstatus = { code = 503 }')
    assert "reproducible" in own.murphy("plan", file).stdout
    said = own.murphy("explain", "rate_limit").stdout
    assert "retry_after" in said and "rate_limit" in said


@pytest.mark.parametrize("shell", ["bash"])
def test_completion_is_a_script_that_its_shell_takes(own, shell):
    script = own.murphy("completion", shell)
    assert script.returncode == 0
    probe = script.stdout + '\nCOMP_WORDS=(murphy ru); COMP_CWORD=1; COMP_LINE="murphy ru"; COMP_POINT=9\n' \
        'f=$(complete -p murphy | sed "s/.*-F \\([^ ]*\\).*/\\1/"); $f murphy ru murphy; printf "%s\\n" "${COMPREPLY[@]}"\n'
    done = subprocess.run([shell, "-eu", "-c", probe], capture_output=True, text=True, timeout=20,
                          env={**environment(own.build, own.directory), "PATH": f"{own.build}/tools/murphy:{os.environ['PATH']}"})
    assert "run" in done.stdout.split(), done.stdout + done.stderr
