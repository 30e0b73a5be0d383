# SPDX-License-Identifier: Apache-2.0
"""An experiment of many runs: several at once, stopped when it knows enough, interrupted anywhere and gone on with."""

import json
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bash_agent import AGENT
from wire import Upstream

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nreal"
FAULT = ("--fault", "status,code=503,probability=0.4")


@pytest.fixture(scope="module")
def lab(own):
    return Lab(own, own.server.origin)


class Lab:
    def __init__(self, daemon, origin):
        self.daemon, self.origin = daemon, origin

    def murphy(self, *options, agent: str = "", **more):
        return self.daemon.murphy("run", *options, "--route", f"up={self.origin}", "--", "bash", "-c", AGENT.replace("BEFORE", agent), **more)

    def report(self, *options, **more):
        return json.loads(self.murphy(*options, "-o", "json", **more).stdout)

    def resume(self, experiment, *options):
        return self.daemon.murphy("run", "--resume", experiment, *options, "-o", "json")

    def newest(self, seed):
        listed = json.loads(self.daemon.murphy("experiment", "list", "-o", "json").stdout)["experiments"]
        return next(entry["id"] for entry in listed if int(entry["seed"]) == seed)


def facts(report):
    conclusion = report["experiment"]["conclusion"]
    return ([(run["index"], run["outcome"].get("delivered", 0), run["outcome"]["outcome_class"]) for run in report["runs"]],
            {key: conclusion[key] for key in ("verdict", "reason", "runs", "violations", "delivered")})


def at(count, folder, action):
    """Bash that acts in the run that is the `count`-th to begin."""
    begun = f"{folder}/begun"
    return f"[ $(flock {begun}.lock sh -c 'echo >> {begun}; wc -l < {begun}') -ne {count} ] || {{ {action}; }}"


def test_several_runs_at_once_draw_what_they_draw_one_by_one(lab):
    one_by_one = lab.report(*FAULT, "--seed", "5", "--runs", "24", "--baseline", "0")
    at_once = lab.report(*FAULT, "--seed", "5", "--runs", "24", "--baseline", "0", "--parallel", "8")
    assert facts(at_once) == facts(one_by_one)
    assert len({run["outcome"].get("delivered", 0) for run in at_once["runs"]}) > 1


def test_what_agents_write_is_kept_a_file_a_run(lab, tmp_path):
    done = lab.murphy(*FAULT, "--seed", "5", "--runs", "3", "--baseline", "1", "--parallel", "2", "--logs", tmp_path / "out")
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "000000-baseline.log", "000000-treatment.log", "000001-treatment.log", "000002-treatment.log"]
    assert "answered " in (tmp_path / "out" / "000001-treatment.log").read_text()
    assert "answered 200" not in done.stdout + done.stderr
    assert str(tmp_path / "out") in done.stderr
    assert "answered 200" in lab.murphy(*FAULT, "--runs", "2", "--baseline", "0", "--logs", "-").stdout


def test_a_full_disk_takes_the_log_and_not_the_agent(lab, tmp_path):
    """`/dev/full` refuses every byte."""
    logs = tmp_path / "out"
    logs.mkdir()
    (logs / "000001-treatment.log").symlink_to("/dev/full")
    done = lab.murphy("--fault", "status,code=503,first=1", "--runs", "3", "--baseline", "0", "--logs", logs, "-o", "json",
                      agent="head -c 200000 /dev/zero || exit 9")
    assert [run["outcome"]["outcome_class"] for run in json.loads(done.stdout)["runs"]] == ["OUTCOME_CLASS_RECOVERED"] * 3
    assert "000001-treatment.log takes no more" in done.stderr and "No space left" in done.stderr
    assert (logs / "000002-treatment.log").stat().st_size > 200000


def test_a_log_folder_that_cannot_be_made_leaves_no_experiment(lab):
    def count():
        return len(json.loads(lab.daemon.murphy("experiment", "list", "-o", "json").stdout)["experiments"])
    before = count()
    assert lab.murphy(*FAULT, "--runs", "2", "--logs", "/proc/nope").returncode == 2
    assert count() == before


@pytest.mark.parametrize("runs", ["1", "2"])
def test_what_an_agent_leaves_behind_is_ended_with_it(lab, tmp_path, runs):
    done = lab.murphy("--fault", "status,code=503,first=1", "--runs", runs, "--baseline", "0",
                      agent=f"sleep 300 >/dev/null 2>&1 & echo $! > {tmp_path}/left")
    assert "left processes behind, which were killed" in done.stderr
    with pytest.raises(ProcessLookupError):
        for _ in range(1000):  # until init has collected it
            os.kill(int((tmp_path / "left").read_text()), 0)
            threading.Event().wait(0.01)


def test_no_run_begins_once_the_verdict_is_certain(lab):
    report = lab.report("--fault", "status,code=503,first=1", "--runs", "100", "--parallel", "4", "--stop-early")
    assert report["experiment"]["conclusion"]["verdict"] == "VERDICT_CLASS_PASS"
    made = len(report["runs"])
    assert 13 <= made <= 20 and report["runs_saved"] == 100 - made
    table = lab.murphy("--fault", "status,code=503,first=1", "--runs", "100", "--parallel", "4", "--stop-early").stdout
    assert "runs that the verdict does not need" in table


@pytest.mark.parametrize("parallel", ["1", "3"])
def test_killed_anywhere_it_ends_as_if_it_had_not_been(lab, tmp_path, parallel):
    seed = 100 + int(parallel)
    options = (*FAULT, "--runs", "40", "--baseline", "2", "--parallel", parallel)
    whole = lab.report(*options, "--seed", str(seed))

    def killed(point):
        folder = tmp_path / str(point)
        folder.mkdir()
        own = 1000 * seed + point
        done = lab.murphy(*options, "--seed", str(own), agent=at(point, folder, "kill -9 $PPID; exit"))
        assert done.returncode == -signal.SIGKILL
        experiment = lab.newest(own)
        resumed = lab.resume(experiment, "--parallel", parallel)
        while resumed.returncode == 2 and "is going on" in resumed.stderr:  # until the daemon has noticed
            resumed = lab.resume(experiment, "--parallel", parallel)
        resumed = json.loads(resumed.stdout)
        begun = len((folder / "begun").read_text().splitlines())
        assert begun <= 42 + int(parallel)
        straight = lab.report(*options, "--seed", str(own))
        return facts(resumed), facts(straight)

    with ThreadPoolExecutor(5) as pool:
        for resumed, straight in pool.map(killed, (1, 2, 3, 4, 11, 19, 26, 33, 40, 42)):
            assert resumed == straight
    assert len(whole["runs"]) == 40


def test_an_interrupt_says_the_same_as_the_list_and_can_be_undone(lab, tmp_path):
    done = lab.murphy(*FAULT, "--runs", "12", "--baseline", "0", "--parallel", "3", "--seed", "77",
                      agent=at(5, tmp_path, "kill -INT $PPID; sleep 20"))
    assert done.returncode == 6
    experiment = lab.newest(77)
    assert f"murphy run --resume {experiment}" in done.stdout
    shown = json.loads(lab.daemon.murphy("experiment", "show", experiment, "-o", "json").stdout)
    assert shown["interrupted"] and "told to stop" in shown["conclusion"]["reason"]
    resumed = json.loads(lab.resume(experiment).stdout)
    assert facts(resumed) == facts(lab.report(*FAULT, "--runs", "12", "--baseline", "0", "--seed", "77"))
    again = lab.resume(experiment)
    assert again.returncode != 0 and "nothing to resume" in again.stderr


def test_a_daemon_that_was_killed_takes_no_run_with_it(murphyd, tmp_path):
    with Upstream(OK) as server:
        daemon = murphyd()
        lab = Lab(daemon, server.origin)
        done = lab.murphy(*FAULT, "--runs", "9", "--baseline", "0", "--parallel", "3", "--seed", "80",
                          agent=at(5, tmp_path, f"kill -9 {daemon.process.pid}"))
        assert done.returncode != 0
        daemon.process.wait()
        daemon.start()
        resumed = json.loads(lab.resume(lab.newest(80)).stdout)
        assert facts(resumed) == facts(lab.report(*FAULT, "--runs", "9", "--baseline", "0", "--seed", "80"))


def test_only_one_controller_goes_on_with_it(lab, tmp_path):
    held = f"until [ -e {tmp_path}/go ]; do sleep 0.05; done"
    lab.murphy(*FAULT, "--runs", "6", "--baseline", "0", "--seed", "78",
               agent=at(3, tmp_path, "kill -INT $PPID; sleep 20") + "\n" + at(4, tmp_path / "..", ":") +
               f"\n[ $(wc -l < {tmp_path}/begun) -lt 4 ] || {{ touch {tmp_path}/waits; {held}; }}")
    experiment = lab.newest(78)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lab.resume, experiment)
        while not (tmp_path / "waits").exists():
            threading.Event().wait(0.02)
        second = lab.resume(experiment)
        (tmp_path / "go").touch()
        assert second.returncode != 0 and "is going on" in second.stderr
        assert len(json.loads(first.result().stdout)["runs"]) == 6


def test_a_command_with_a_secret_must_be_said_again(lab, tmp_path):
    done = lab.murphy(*FAULT, "--runs", "6", "--baseline", "0", "--seed", "79",
                      agent="PASSWORD=hunter2hunter2; " + at(3, tmp_path, "kill -INT $PPID; sleep 20"))
    assert done.returncode == 6
    experiment = lab.newest(79)
    refused = lab.resume(experiment)
    assert refused.returncode == 2 and "held secrets" in refused.stderr
    resumed = lab.daemon.murphy("run", "--resume", experiment, "--route", f"up={lab.origin}", "-o", "json", "--", "bash", "-c",
                                AGENT.replace("BEFORE", ""))
    assert len(json.loads(resumed.stdout)["runs"]) == 6


def test_runs_that_count_together_are_made_one_after_the_other(lab, tmp_path):
    file = tmp_path / "shared.toml"
    file.write_text('schema = "murphy.scenario/v1"\nname = "shared"\n[[rule]]\nid = "a"\ncount_per = "experiment"\n'
                    'when = { first = 1 }\nstatus = { code = 503 }\n')
    done = lab.murphy(file, "--runs", "4", "--parallel", "4", "--baseline", "0", "-o", "json")
    assert "one after the other" in done.stderr
    assert [run["outcome"].get("delivered", 0) for run in json.loads(done.stdout)["runs"]] == [1, 0, 0, 0]


@pytest.mark.parametrize("wrong", [("--resume", "nope"), ("--resume", "x", "--runs", "3"), ("--parallel", "0", "--fault", "hang"),
                                   ("--seed", "-1", "--fault", "hang"), ("--seed", "99999999999999999999", "--fault", "hang"),
                                   ("--fault", "hang", "--runs", "2", "--logs", "/proc/nope")])
def test_wrong_input_is_refused(lab, wrong):
    done = lab.murphy(*wrong)
    assert done.returncode == 2, done.stderr
    assert done.stderr.strip()
